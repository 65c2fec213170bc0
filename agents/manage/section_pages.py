"""The page of one section: settings, rules, Try it, history."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents import conditions
from agents.manage.drafts import NEW, Draft, new_rule
from agents.manage.version_pages import as_rows
from agents.models import LineOfBusiness, Rule, Version
from agents.models.levels import Level, least
from agents.sections import AGENTS, Section, Trial, configuring, find_section, sections_of, versions

HISTORY = 10


def get_section(agent: str, slug: str) -> Section:
    """The section at an address, or 404."""
    found = find_section(agent, slug) if agent in AGENTS else None
    if found is None:
        raise Http404
    return found


def tabs_of(agent: str) -> list[dict[str, str]]:
    """The pages of one agent."""
    overview = {"text": _("Overview"), "url": reverse("agents:manage_agent", args=[agent])}
    return [overview] + [{"text": str(one.title), "url": url_of(one)} for one in sections_of(agent)]


def url_of(section: Section, **query: Any) -> str:
    """The address of a section's page."""
    url = reverse("agents:manage_section", args=[section.agent, section.slug])
    given = QueryDict(mutable=True)
    given.update({key: value for key, value in query.items() if value})
    return f"{url}?{given.urlencode()}" if given else url


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_http_methods(["GET", "POST"])
def show_section(request: HttpRequest, agent: str, slug: str) -> HttpResponse:
    """Show the page; a post saves it, unless a button of the builder or Try it was pressed."""
    section = get_section(agent, slug)
    draft = Draft(section, request, line=_line(section, request), rule=_rule(section, request))
    if request.method == "GET":
        return _render(request, draft)
    if "change" in request.POST:
        return _render(request, draft)
    if "try" in request.POST:
        return _render(request, draft, trial=_try(draft))
    if not draft.is_valid():
        return _render(request, draft, status=422)
    return _save(request, draft)


def _save(request: HttpRequest, draft: Draft) -> HttpResponse:
    try:
        version = configuring.save(
            draft.section,
            values=draft.values,
            level=draft.level,
            is_on=draft.is_on,
            by=request.user,
            expected=draft.switch.cleaned_data["expected"],
            line_of_business=draft.line,
            rule=draft.as_rule(),
        )
    except configuring.Invalid as invalid:
        draft.put_errors(invalid.errors)
        return _render(request, draft, status=422)
    except versions.Conflict as conflict:
        return _render(request, draft, status=409, conflict=conflict)
    messages.success(
        request,
        _("Saved as version %(number)s") % {"number": version.number}
        if version.number != draft.version
        else _("Nothing had changed, version %(number)s stays") % {"number": version.number},
    )
    return redirect(url_of(draft.section, line=draft.line.pk if draft.line else None))


def _try(draft: Draft) -> Trial:
    """Run Try it with what is in the forms, saved or not."""
    if not draft.is_valid():
        return Trial(error=_("Some settings cannot be read yet. They are marked."))
    given = draft.request.POST.get("try_text", "").strip() or draft.request.POST.get("try_choice", "")
    if not given:
        return Trial(error=_("Choose a message or paste a text."))
    return draft.section.try_it(given, draft.as_loaded(), user=draft.user)


def _render(
    request: HttpRequest,
    draft: Draft,
    *,
    status: int = 200,
    conflict: versions.Conflict | None = None,
    trial: Trial | None = None,
) -> HttpResponse:
    section = draft.section
    context = {
        "section": section,
        "agent": AGENTS[section.agent],
        "tabs": tabs_of(section.agent),
        "tab": url_of(section),
        "draft": draft,
        "line": draft.line,
        "lines": LineOfBusiness.objects.all() if section.by_line else [],
        "ceiling": _ceiling(draft),
        "rules": _rule_rows(draft),
        "preview_rows": [section.preview_row(row) for row in draft.preview.rows] if draft.preview else [],
        "conflict": conflict,
        # Saving again after a conflict is a decision made with theirs in view.
        "expected": conflict.current.number if conflict else _expected(draft),
        "next_version": (conflict.current.number if conflict else draft.version) + 1,
        "trial": trial,
        "try_choices": section.try_choices(request.user) if section.can_try else [],
        "history": _history(section),
        "posted": request.POST,
        **section.context(draft.loaded, user=request.user),
    }
    return render(request, "agents/manage/section.html", context, status=status)


def _ceiling(draft: Draft) -> str:
    """The operator's ceiling in words, where the level that is set lies above it."""
    ceiling = Level(settings.AGENT_CEILING)
    lowered = draft.section.levels and least(draft.loaded.level, ceiling) != draft.loaded.level
    return str(ceiling.label) if lowered else ""


def _expected(draft: Draft) -> int:
    given = draft.request.POST.get("expected", "")
    return int(given) if given.isdecimal() and len(given) < 9 else draft.version


def _rule_rows(draft: Draft) -> list[dict[str, Any]]:
    section = draft.section
    if section.model is None:
        return []
    return [
        {
            "rule": rule,
            "when": conditions.describe(rule.conditions, section.model),
            "does": section.describe_outcome(rule.outcome),
            "url": url_of(section, rule=rule.pk) + "#rule",
            "is_edited": draft.rule is not None and draft.rule.pk == rule.pk,
        }
        for rule in draft.rules
    ]


def _history(section: Section) -> list[dict[str, Any]]:
    rows = Version.objects.filter(target=configuring.target_of(section)).select_related("created_by")
    return [
        {"version": row, "url": reverse("agents:manage_version", args=[section.agent, section.slug, row.number])}
        for row in rows.order_by("-number")[:HISTORY]
    ]


def _line(section: Section, request: HttpRequest) -> LineOfBusiness | None:
    given = request.GET.get("line", "")
    if not section.by_line or not given:
        return None
    if not given.isdecimal():
        raise Http404
    return get_object_or_404(LineOfBusiness, pk=given)


def _rule(section: Section, request: HttpRequest) -> Rule | None:
    given = request.GET.get("rule", "")
    if not given or not section.has_rules:
        return None
    if given == NEW:
        return new_rule(section)
    if not given.isdecimal():
        raise Http404
    return get_object_or_404(Rule, section=section.name, pk=given)


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_POST
def change_rule(request: HttpRequest, agent: str, slug: str, pk: int, act: str) -> HttpResponse:
    """Move a rule up or down, let it take part or not, or delete it."""
    section = get_section(agent, slug)
    acts = {
        "up": lambda: configuring.move_rule(section, pk, -1, by=request.user),
        "down": lambda: configuring.move_rule(section, pk, 1, by=request.user),
        "activate": lambda: configuring.switch_rule(section, pk, is_active=True, by=request.user),
        "deactivate": lambda: configuring.switch_rule(section, pk, is_active=False, by=request.user),
        "delete": lambda: configuring.delete_rule(section, pk, by=request.user),
    }
    if act not in acts:
        raise Http404
    try:
        version = acts[act]()
    except Rule.DoesNotExist:
        messages.error(request, _("Somebody deleted this rule meanwhile. Nothing was changed."))
    except configuring.Invalid as invalid:
        messages.error(request, " ".join(text for texts in invalid.errors.values() for text in texts))
    else:
        messages.success(request, _("Saved as version %(number)s") % {"number": version.number})
    return redirect(url_of(section) + "#rules")


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_GET
def ask_delete(request: HttpRequest, agent: str, slug: str, pk: int) -> HttpResponse:
    """Ask before a rule is deleted."""
    section = get_section(agent, slug)
    rule = get_object_or_404(Rule, section=section.name, pk=pk)
    context = {
        "section": section,
        "agent": AGENTS[agent],
        "rule": rule,
        "when": conditions.describe(rule.conditions, section.model) if section.model else "",
        "back": url_of(section) + "#rules",
        "next_version": configuring.version_of(section) + 1,
    }
    return render(request, "agents/manage/delete_rule.html", context)


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_http_methods(["GET", "POST"])
def show_version(request: HttpRequest, agent: str, slug: str, number: int) -> HttpResponse:
    """Compare an older version with what holds now; a post restores it."""
    section = get_section(agent, slug)
    target = configuring.target_of(section)
    version = get_object_or_404(Version.objects.select_related("created_by"), target=target, number=number)
    now = configuring.read_state(section)
    if request.method == "POST":
        given = request.POST.get("expected", "")
        try:
            made = configuring.restore(
                section, number, by=request.user, expected=int(given) if given.isdecimal() else None
            )
        except configuring.Invalid as invalid:
            messages.error(request, " ".join(text for texts in invalid.errors.values() for text in texts))
        except versions.Conflict as conflict:
            messages.error(request, _("%(who)s saved meanwhile. Compare again.") % {"who": conflict.who})
            return redirect(request.path)
        else:
            messages.success(
                request, _("Version %(old)s restored as version %(new)s") % {"old": number, "new": made.number}
            )
        return redirect(url_of(section) + "#history")
    context = {
        "title": section.title,
        "version": version,
        "changes": as_rows(version.changes),
        "difference": as_rows(
            versions.diff(now, version.snapshot, wording=configuring.wording(section, version.snapshot, now))
        ),
        "current": configuring.version_of(section),
        "up": url_of(section),
        "back": url_of(section) + "#history",
    }
    return render(request, "agents/manage/version.html", context)


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_POST
def forget_line(request: HttpRequest, agent: str, slug: str, pk: int) -> HttpResponse:
    """Let the general settings hold for a line of business again."""
    section = get_section(agent, slug)
    line = get_object_or_404(LineOfBusiness, pk=pk)
    version = configuring.drop_line(section, line, by=request.user, expected=None)
    messages.success(request, _("Saved as version %(number)s") % {"number": version.number})
    return redirect(url_of(section, line=pk))
