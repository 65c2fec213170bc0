"""The page Model calls: every question to a language model, what it cost and what came of it."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from agents.models import LineOfBusiness, ModelCall
from agents.review import paging
from agents.skills import registered

ORDER = ("-at", "-id")
PAGE = 50


@dataclass(frozen=True)
class CallFilters:
    """What the list is narrowed to, as it stands in the address."""

    skill: str = ""
    outcome: str = ""
    line: str = ""
    after: str = ""
    before: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "CallFilters":
        """The filters of an address; what cannot be is left out."""
        given = {name: query.get(name, "").replace("\0", "")[:200] for name in cls.__dataclass_fields__}
        given["line"] = given["line"] if given["line"].isdecimal() and len(given["line"]) < 10 else ""
        given["outcome"] = given["outcome"] if given["outcome"] in ModelCall.Outcome.values else ""
        return cls(**given)

    def with_(self, **changes: str) -> str:
        """The query of an address with some filters changed."""
        kept = {name: value for name, value in {**asdict(self), **changes}.items() if value}
        return f"?{urlencode(kept)}" if kept else ""

    @property
    def query(self) -> str:
        """The query of this address."""
        return self.with_()

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.skill or self.outcome or self.line)

    def narrow(self, calls: QuerySet[ModelCall]) -> QuerySet[ModelCall]:
        """Those that match."""
        if self.skill:
            calls = calls.filter(skill=self.skill)
        if self.outcome:
            calls = calls.filter(outcome=self.outcome)
        return calls.filter(line_of_business=int(self.line)) if self.line else calls


@require_GET
@login_required
@permission_required("agents.manage", raise_exception=True)
def list_calls(request: HttpRequest) -> HttpResponse:
    """The calls, newest first."""
    return _render_calls(request, None)


@require_GET
@login_required
@permission_required("agents.manage", raise_exception=True)
def show_call(request: HttpRequest, pk: int) -> HttpResponse:
    """One call beside the list; alone when htmx asks."""
    call = get_object_or_404(ModelCall.objects.select_related("line_of_business", "model"), pk=pk)
    if request.htmx:
        return render(request, "agents/call_drawer.html", _call(request, call))
    return _render_calls(request, call)


def _render_calls(request: HttpRequest, call: ModelCall | None) -> HttpResponse:
    filters = CallFilters.read(request.GET)
    found = filters.narrow(ModelCall.objects.select_related("line_of_business"))
    page = paging.cut(found, ORDER, after=filters.after, before=filters.before, size=PAGE)
    context = {
        "page": page,
        "filters": filters,
        "current": call,
        "skills": [name for name, one in registered().items() if one.prompt],
        "outcomes": ModelCall.Outcome.choices,
        "lines": list(LineOfBusiness.objects.all()),
        "previous_url": filters.with_(before=page.before, after="") if page.before else "",
        "next_url": filters.with_(after=page.after, before="") if page.after else "",
        **(_call(request, call) if call else {}),
    }
    return render(request, "agents/calls.html", context)


def _call(request: HttpRequest, call: ModelCall) -> dict[str, Any]:
    return {"call": call, "filters": CallFilters.read(request.GET), "answer_days": settings.MODEL_ANSWER_DAYS}
