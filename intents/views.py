"""The library of intents in the admin center: the list, one intent with its tabs, and a sentence to try."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet
from django.forms import formset_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import needs
from accounts.rights import Refused
from agents import sections
from agents.sections import versions
from intents import library, matching, rematching
from intents.access import MANAGE, get_intent, visible_intents
from intents.attributes import case_field_choices
from intents.forms import (
    ArticlesForm,
    AttributeForm,
    ExamplesForm,
    IntentForm,
    LibraryFilterForm,
    TryForm,
)
from intents.models import Attribute, Example, Intent, Review
from intents.sections import try_sentence as try_text
from knowledge.models import Article

PER_PAGE = 100
AttributeForms = formset_factory(AttributeForm, extra=1, max_num=30, can_delete=True, can_order=False)


def frame(title: str = "") -> dict[str, Any]:
    """The way up and the tabs of everything below the library."""
    above = [(_("Admin center"), "/manage/"), (_("Customer Intent Agent"), "/manage/customer-intent/")]
    return {
        "crumbs": [*above, (_("Intents"), reverse("intents:library"))] if title else above,
        "title": title,
        "tabs": [
            {"text": _("Library"), "url": reverse("intents:library")},
            {"text": _("Intent groups"), "url": reverse("intents:groups")},
            {"text": _("Try a sentence"), "url": reverse("intents:try")},
            {"text": _("Recognition"), "url": "/manage/customer-intent/matching/"},
            {"text": _("Discovery"), "url": "/manage/customer-intent/discovery/"},
        ],
    }


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────


@require_GET
@needs(MANAGE)
def list_library(request: HttpRequest) -> HttpResponse:
    """Every intent by group; search and filters in the address."""
    form = LibraryFilterForm(request.GET)
    form.is_valid()
    rows = filter_library(visible_intents(request.user), form.cleaned_data)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page", ""))
    context = {
        **frame(),
        "form": form,
        "page": page,
        "is_narrowed": any(form.cleaned_data.values()),
        "numbers": count_library(request.user),
        "again": rematching.show_progress(),
    }
    return render(request, "intents/library.html", context)


@require_POST
@needs(MANAGE)
def match_again(request: HttpRequest) -> HttpResponse:
    """Recognise what is under way with the library as it is now."""
    try:
        count = rematching.ask_again(by=request.user)
    except Refused as refusal:
        messages.error(request, _("Not asked for\n%(why)s") % {"why": refusal})
    else:
        said = ngettext("%(count)d message is compared again", "%(count)d messages are compared again", count)
        messages.success(request, said % {"count": count} + "\n" + _("What people chose stands."))
    return redirect("intents:library")


def filter_library(rows: QuerySet[Intent], wanted: dict[str, Any]) -> QuerySet[Intent]:
    """The intents that filters leave, by group and name, each with how many examples it has."""
    state = wanted.get("state")
    rows = rows.filter(review_state=state) if state else rows.exclude(review_state=Review.DISCARDED)
    if wanted.get("line"):
        rows = rows.filter(line_of_business=wanted["line"])
    if wanted.get("source"):
        rows = rows.filter(source=wanted["source"])
    if q := (wanted.get("q") or "").replace("\x00", "").strip():
        found = Example.objects.filter(text__icontains=q).values("intent")
        rows = rows.filter(Q(name__icontains=q) | Q(definition__icontains=q) | Q(key__icontains=q) | Q(pk__in=found))
    rows = rows.select_related("group", "line_of_business").annotate(taught=Count("examples", distinct=True))
    return rows.order_by(F("group__name").asc(nulls_last=True), "name", "pk")


def count_library(user: Any) -> dict[str, int]:
    """How many intents there are by state."""
    rows = visible_intents(user).values("review_state").order_by().annotate(count=Count("pk"))
    return {row["review_state"]: row["count"] for row in rows}


@require_POST
@needs(MANAGE)
def decide_selected(request: HttpRequest) -> HttpResponse:
    """Approve, discard, or allow in chat what was ticked."""
    chosen = [int(pk) for pk in request.POST.getlist("pk") if pk.isdecimal() and len(pk) < 19]
    rows, act = visible_intents(request.user).filter(pk__in=chosen), request.POST.get("act", "")
    if act in Review.values:
        count = library.review_intents(rows, state=act, by=request.user)
        said = {
            Review.APPROVED: ngettext("%(count)d intent approved", "%(count)d intents approved", count),
            Review.DISCARDED: ngettext("%(count)d intent discarded", "%(count)d intents discarded", count),
            Review.PENDING: ngettext("%(count)d intent pending again", "%(count)d intents pending again", count),
        }[Review(act)]
    elif act in ("allow", "forbid"):
        count = library.allow_in_chat(rows, value=act == "allow", by=request.user)
        said = ngettext("%(count)d intent changed", "%(count)d intents changed", count)
    else:
        raise Http404
    messages.success(request, said % {"count": count})
    return redirect("intents:library")


@needs(MANAGE)
def try_sentence(request: HttpRequest) -> HttpResponse:
    """What the library sees in a sentence; nothing is written."""
    form = TryForm(request.POST if request.method == "POST" else None)
    trial, words = None, []
    if request.method == "POST" and form.is_valid():
        given, line = form.cleaned_data["text"], form.cleaned_data["line"]
        trial = try_text(given, sections.load(matching.SECTION), line=line)
        answer, _version = matching.match_text(given, line=line)
        words = [one.model_dump() for one in answer.evidence]
    shown = {**frame(_("Try a sentence")), "form": form, "trial": trial, "words": words}
    return render(request, "intents/try.html", shown, status=422 if form.is_bound and not form.is_valid() else 200)


# ── one intent ────────────────────────────────────────────────────────────────────────────────────────────────────


def intent_frame(intent: Intent) -> dict[str, Any]:
    """Head and tabs of an intent's pages."""
    tabs = [
        {"text": _("Details"), "url": reverse("intents:intent", args=[intent.pk])},
        {
            "text": _("Examples"),
            "url": reverse("intents:examples", args=[intent.pk]),
            "count": intent.examples.count(),
        },
        {
            "text": _("Attributes"),
            "url": reverse("intents:attributes", args=[intent.pk]),
            "count": intent.attributes.count(),
        },
        {
            "text": _("Articles"),
            "url": reverse("intents:articles", args=[intent.pk]),
            "count": intent.articles.count(),
        },
    ]
    return {**frame(intent.name), "intent": intent, "tabs": tabs}


@never_cache
@needs(MANAGE)
def edit_intent(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add an intent, or change one."""
    intent = get_intent(request.user, pk) if pk else None
    form = IntentForm(request.POST if request.method == "POST" else None, intent=intent)
    similar: list[Any] = []
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        given = {**form.cleaned_data}
        expected = given.pop("expected")
        if intent is None and "anyway" not in request.POST:
            similar = find_similar(given)
        if not similar:
            try:
                saved = library.save_intent(intent, by=request.user, expected=expected if intent else None, **given)
                messages.success(request, _("%(name)s was saved\nThe library knows it at once") % {"name": saved.name})
                return redirect("intents:examples" if intent is None else "intents:intent", saved.pk)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            except versions.Conflict as conflict:
                form.add_error(None, say_conflict(conflict))
                status = 409
    shown = {**(intent_frame(intent) if intent else frame(_("New intent"))), "form": form, "similar": similar}
    return render(request, "intents/intent.html", shown, status=status)


def find_similar(given: dict[str, Any]) -> list[Any]:
    """Intents that the name and definition of a new one already mean, by how the library reads them."""
    text = f"{given['name']}. {given.get('definition', '')}".strip(" .")
    answer, _version = matching.match_text(text, line=given.get("line_of_business"), values={"bar": 0.8})
    return answer.output.chosen


def say_conflict(conflict: versions.Conflict) -> str:
    """Who was faster, and what to do."""
    text = _("%(who)s saved this meanwhile. Nothing of yours was saved: reload the page, then change it again.")
    return text % {"who": conflict.who}


@never_cache
@needs(MANAGE)
def edit_examples(request: HttpRequest, pk: int) -> HttpResponse:
    """The examples of an intent: add some, remove what was ticked."""
    intent = get_intent(request.user, pk)
    is_adding = request.method == "POST" and "remove" not in request.POST
    form = ExamplesForm(request.POST if is_adding else None)
    if request.method == "POST" and "remove" in request.POST:
        chosen = [int(each) for each in request.POST.getlist("pk") if each.isdecimal() and len(each) < 19]
        count = library.remove_examples(intent.examples.filter(pk__in=chosen), by=request.user)
        removed = ngettext("%(count)d example removed", "%(count)d examples removed", count) % {"count": count}
        messages.success(request, removed)
        return redirect("intents:examples", intent.pk)
    if is_adding and form.is_valid():
        texts = form.cleaned_data["texts"].splitlines()
        taken = library.word_of_taken(intent, texts)
        try:
            made = library.add_examples(intent, texts, by=request.user)
        except Refused as refusal:
            form.add_error("texts", str(refusal))
        else:
            added = ngettext("%(count)d example added", "%(count)d examples added", len(made)) % {"count": len(made)}
            messages.success(request, added)
            if taken:
                messages.warning(request, _("Left out, because another intent has them\n") + "; ".join(taken[:5]))
            return redirect("intents:examples", intent.pk)
    rows = intent.examples.select_related("created_by").order_by("-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page", ""))
    shown = {**intent_frame(intent), "form": form, "page": page}
    return render(request, "intents/examples.html", shown, status=422 if form.is_bound else 200)


@never_cache
@needs(MANAGE)
def edit_attributes(request: HttpRequest, pk: int) -> HttpResponse:
    """The attributes of an intent, all at once."""
    intent = get_intent(request.user, pk)
    options = {"case_fields": case_field_choices()}
    if request.method == "POST":
        forms = AttributeForms(request.POST, form_kwargs=options)
        if forms.is_valid():
            kept = [
                form.as_attribute()
                for form in forms.forms
                if form.cleaned_data.get("label") and form not in forms.deleted_forms
            ]
            for one in kept:
                one.pop("DELETE", None)
            try:
                library.save_intent(intent, by=request.user, attributes=kept)
            except Refused as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, _("Attributes saved"))
                return redirect("intents:attributes", intent.pk)
    else:
        forms = AttributeForms(initial=[_initial(one) for one in intent.attributes.all()], form_kwargs=options)
    shown = {**intent_frame(intent), "forms": forms}
    return render(request, "intents/attributes.html", shown, status=422 if request.method == "POST" else 200)


def _initial(attribute: Attribute) -> dict[str, Any]:
    kept = {name: getattr(attribute, name) for name in ("name", *library.ATTRIBUTE_FIELDS)}
    lines = [", ".join([one.get("label", ""), *one.get("aliases", [])]) for one in kept.pop("options")]
    return {**kept, "choices": "\n".join(lines)}


@never_cache
@needs(MANAGE)
def edit_articles(request: HttpRequest, pk: int) -> HttpResponse:
    """The published articles that answer an intent."""
    intent = get_intent(request.user, pk)
    offered = Article.objects.filter(Q(state=Article.State.PUBLISHED) | Q(pk__in=intent.articles.values("pk")))
    offered = offered.order_by("title").distinct()
    initial = {"articles": list(intent.articles.values_list("pk", flat=True))}
    form = ArticlesForm(request.POST if request.method == "POST" else None, articles=offered, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            library.save_intent(intent, by=request.user, articles=form.cleaned_data["articles"])
            messages.success(request, _("Articles saved"))
            return redirect("intents:articles", intent.pk)
        except Refused as refusal:
            form.add_error("articles", str(refusal))
    shown = {**intent_frame(intent), "form": form}
    return render(request, "intents/articles.html", shown, status=422 if form.is_bound else 200)


@require_POST
@needs(MANAGE)
def review_intent(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or discard one intent."""
    intent = get_intent(request.user, pk)
    state = request.POST.get("state", "")
    if state not in Review.values:
        raise Http404
    library.review_intents([intent], state=state, by=request.user)
    said = (
        _("%(name)s is discarded\nIt is kept, and offered nowhere")
        if state == Review.DISCARDED
        else _("%(name)s saved")
    )
    messages.success(request, said % {"name": intent.name})
    return redirect("intents:intent", intent.pk)
