"""The pages of drafts: what waits, one draft beside its sources, and what may be done with it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from accounts.pages import needs
from agents import suggestions
from agents.models import Suggestion
from agents.review.drawer import show
from agents.review.forms import RejectForm
from agents.sections import versions
from agents.suggestions import NotAllowed, NotPending
from knowledge import articles, drafts, harvest, redrafting
from knowledge.access import PUBLISH, WRITE, get_article, get_harvest, visible_harvests
from knowledge.draft_forms import DatesForm, DraftForm, ReviseForm, SplitForm
from knowledge.models import Article, Harvest
from knowledge.payloads import ArticlePayload
from knowledge.views import diff_lines

PER_PAGE = 50


@never_cache
@require_GET
@needs(PUBLISH)
def list_drafts(request: HttpRequest) -> HttpResponse:
    """Drafts that wait, or what became of every closing, newest first."""
    is_log = request.GET.get("show") == "all"
    rows = visible_harvests(request.user).select_related("article", "line_of_business", "run")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        rows = rows.filter(pk__lt=int(before))
    if not is_log:
        waiting = Suggestion.objects.filter(kind=harvest.KIND, state=Suggestion.State.PENDING).values("object_id")
        rows = rows.filter(pk__in=waiting)
    found = list(rows.order_by("-pk")[: PER_PAGE + 1])
    url = reverse("knowledge:drafts")
    shown = {
        "rows": found[:PER_PAGE],
        "next": found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None,
        "is_log": is_log,
        "crumbs": [(_("Knowledge"), reverse("knowledge:articles"))],
        "tabs": [{"text": _("Waiting"), "url": url}, {"text": _("All harvests"), "url": f"{url}?show=all"}],
        "current": request.get_full_path() if is_log else url,
    }
    return render(request, "knowledge/drafts.html", shown)


@never_cache
@require_GET
@needs(PUBLISH)
def show_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """One draft: the text with its marks, the mails it was made from, and the decision."""
    return _show(request, get_harvest(request.user, pk))


def _show(request: HttpRequest, subject: Harvest, *, status: int = 200, **more: Any) -> HttpResponse:
    suggestion = drafts.pending_draft(subject)
    shown: dict[str, Any] = {
        "harvest": subject,
        "crumbs": [(_("Knowledge"), reverse("knowledge:articles")), (_("Drafts"), reverse("knowledge:drafts"))],
        "removed": sorted(subject.removed.items(), key=lambda pair: (-pair[1], pair[0])),
    }
    if suggestion is not None:
        seen = show(suggestion, request.user)
        payload = ArticlePayload.model_validate(suggestion.proposed)
        form = more.pop("form", None) or DraftForm(initial=payload.model_dump())
        blocks = drafts.list_blocks(payload.body)
        article = Article.objects.filter(pk=payload.article).first() if payload.article else None
        shown |= {
            "suggestion": suggestion, "shown": seen, "payload": payload, "form": form, "article": article,
            "sentences": _with_marks(payload, seen.evidence.marks), "reject_form": RejectForm(),
            "revise_form": ReviseForm(),
            "sources": drafts.list_sources(subject, suggestion),
            "unsourced": sum(not one.part for one in payload.sentences),
            "blocks": list(enumerate(blocks))[1:] if not payload.article else [],
        }  # fmt: skip
    return render(request, "knowledge/draft.html", {**shown, **more}, status=status)


def _with_marks(payload: ArticlePayload, marks: dict[str, list[int]]) -> list[dict[str, Any]]:
    """The sentences by section, each with the number of its source."""
    found: list[dict[str, Any]] = []
    for one in payload.sentences:
        if not found or found[-1]["section"] != one.section:
            found.append({"section": one.section, "rows": []})
        found[-1]["rows"].append({"text": one.text, "mark": next(iter(marks.get(one.part, [])), 0)})
    return found


def _decide(request: HttpRequest, subject: Harvest, act: Callable[[], Any], form: Any = None) -> HttpResponse | None:
    """Do it; what stands against it is shown on the page, with what was typed."""
    try:
        act()
    except NotPending as faster:
        who = faster.suggestion.decided_by or _("Somebody")
        messages.error(request, _("%(who)s was faster\nYour text is still below.") % {"who": who})
        return _show(request, subject, status=409, form=form)
    except NotAllowed as refusal:
        return _show(request, subject, status=422, form=form, refused=refusal.reasons)
    except versions.Conflict as conflict:
        reason = _("%(who)s saved the article meanwhile. Reject this draft; a new one is made.")
        return _show(request, subject, status=409, form=form, refused=[reason % {"who": conflict.who}])
    except (articles.Refused, ValidationError) as refusal:
        return _show(request, subject, status=422, form=form, refused=[str(refusal)])
    return None


def _pending(subject: Harvest) -> Suggestion:
    found = drafts.pending_draft(subject)
    if found is None:
        raise Http404
    return found


@require_POST
@needs(PUBLISH)
def decide_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the draft as edited, mark it as reviewed without publishing it, or keep the edits and decide later."""
    subject = get_harvest(request.user, pk)
    suggestion, form = _pending(subject), DraftForm(request.POST)
    if not form.is_valid():
        return _show(request, subject, status=422, form=form)
    now, edits = timezone.now(), dict(form.cleaned_data)
    if "reviewed" in request.POST:
        edits["then"] = "approve"
    if "keep" in request.POST:
        problem = _decide(request, subject, lambda: drafts.save_draft(
            subject, edits=edits, by=request.user, seen=suggestion.pk, now=now), form)  # fmt: skip
        if problem is None:
            messages.success(request, _("The edits are kept\nThe draft still waits for a decision."))
        return problem or redirect("knowledge:draft", pk)
    problem = _decide(request, subject, lambda: suggestions.accept(
        suggestion.pk, by=request.user, edits=edits, now=now), form)  # fmt: skip
    if problem is None:
        undo = f"undo:{reverse('agents:undo', args=[suggestion.pk])}"
        messages.success(request, _("Taken: %(title)s") % {"title": edits["title"]}, extra_tags=undo)
    return problem or redirect("knowledge:drafts")


@require_POST
@needs(PUBLISH)
def revise_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the text in hand as it would be after an instruction; the draft stays until somebody keeps it."""
    subject, form, asked = get_harvest(request.user, pk), DraftForm(request.POST), ReviseForm(request.POST)
    suggestion = _pending(subject)
    shown: dict[str, Any] = {"form": form, "revise_form": asked, "is_revising": True}
    if not asked.is_valid():
        return _show(request, subject, status=422, **shown)
    try:
        made = redrafting.revise_draft(subject, suggestion, by=request.user, **asked.cleaned_data)
    except NotAllowed as refusal:
        return _show(request, subject, status=422, not_revised=refusal.reasons, **shown)
    typed = request.POST.copy()
    typed["title"], typed["body"] = made.title, made.body
    shown |= {"form": DraftForm(typed), "revision": made, "changes": _compare(suggestion, made)}
    return _show(request, subject, **shown)


def _compare(suggestion: Suggestion, made: redrafting.Revision) -> dict[str, Any]:
    """What waits beside what it would become."""
    before, after = str(suggestion.proposed["title"]), made.title
    return {
        "fields": [{"label": _("Title"), "before": before, "after": after}] if before != after else [],
        "lines": diff_lines(str(suggestion.proposed["body"]).splitlines(), made.body.splitlines()),
    }


@require_POST
@needs(PUBLISH)
def reject_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Reject the draft with a reason."""
    subject, form = get_harvest(request.user, pk), RejectForm(request.POST)
    suggestion = _pending(subject)
    if not form.is_valid():
        return _show(request, subject, status=422)
    problem = _decide(request, subject, lambda: suggestions.reject(
        suggestion.pk, by=request.user, reason=form.reason))  # fmt: skip
    if problem is None:
        messages.success(request, _("Rejected: %(title)s\nNothing was published") % {"title": subject.title})
    return problem or redirect("knowledge:drafts")


@require_POST
@needs(PUBLISH)
def split_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Make two drafts out of one."""
    subject, form = get_harvest(request.user, pk), SplitForm(request.POST)
    suggestion = _pending(subject)
    if not form.is_valid():
        return _show(request, subject, status=422, refused=[_("Give the second article a title.")])
    problem = _decide(request, subject, lambda: drafts.split_draft(
        subject, at=form.cleaned_data["at"], title=form.cleaned_data["title"], by=request.user, seen=suggestion.pk,
        now=timezone.now()))  # fmt: skip
    if problem is None:
        messages.success(request, _("Two drafts wait now\nEach is decided by itself."))
    return problem or redirect("knowledge:drafts")


@require_POST
@needs(WRITE)
def set_reason(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why an article stands where it stands."""
    article = get_article(request.user, pk)
    try:
        article = articles.set_reason(article, reason=request.POST.get("reason", ""), by=request.user)
    except articles.Refused as refusal:
        messages.error(request, _("Nothing was changed\n%(why)s") % {"why": refusal.reason})
    else:
        messages.success(request, str(article.get_state_reason_display() or article.get_state_display()))
    return redirect("knowledge:article", pk)


@require_POST
@needs(PUBLISH)
def set_dates(request: HttpRequest, pk: int) -> HttpResponse:
    """When an article is published, and when it expires; without a date it is nobody's turn."""
    article, form = get_article(request.user, pk), DatesForm(request.POST)
    try:
        if not form.is_valid():
            raise articles.Refused(" ".join(str(text) for texts in form.errors.values() for text in texts))
        if form.cleaned_data["publish_at"] and article.state == Article.State.PUBLISHED:
            raise articles.Refused(_("It is published already."))
        changed = articles.plan_dates(article, by=request.user, **form.cleaned_data)
    except articles.Refused as refusal:
        messages.error(request, _("Nothing was changed\n%(why)s") % {"why": refusal.reason})
    else:
        messages.success(request, _("The dates are set\n%(state)s") % {"state": changed.get_state_display()})
    return redirect("knowledge:article", pk)


@require_POST
@needs(PUBLISH)
def certify_article(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether an article is compliant, send it back, or set its dates."""
    article = get_article(request.user, pk)
    compliance, note = request.POST.get("compliance", ""), request.POST.get("note", "").strip()
    try:
        if "send_back" in request.POST:
            articles.send_back(article, reason=note or _("No reason was given."), by=request.user)
        elif compliance in Article.Compliance.values:
            articles.certify(article, compliance=compliance, by=request.user)
        else:
            raise Http404
    except articles.Refused as refusal:
        messages.error(request, _("Nothing was changed\n%(why)s") % {"why": refusal.reason})
    else:
        messages.success(
            request, _("Sent back to its author") if "send_back" in request.POST else _("Compliance is set")
        )
    return redirect("knowledge:article", pk)
