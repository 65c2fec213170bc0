"""The kind of act by which a case gets its queue and its owner."""

from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel

from accounts.models import User
from agents.kinds import Kind, kind
from agents.models import Suggestion
from agents.suggestions import NotAllowed, of_subject
from cases.access import visible_cases
from cases.assignment import assignment_fingerprint
from cases.assignment_forms import AssignEditForm
from cases.lifecycle import assign_case, lock_case
from cases.models import Assignment, Case
from cases.payloads import AssignPayload
from cases.pools import KIND, SECTION, people_who_work
from cases.reassigning import BELL, keep, note_answer
from cases.replies import AGENT
from conversations.models import Queue

State = Assignment.State


@kind
class AssignCase(Kind):
    """Moves a case to a queue, gives it to a person, or both."""

    name = KIND
    agent = AGENT
    permission = "cases.approve"
    title = gettext_lazy("Assignment")
    icon = "route"
    section = SECTION
    Payload: ClassVar[type[BaseModel]] = AssignPayload
    form = AssignEditForm
    template = "cases/kinds/assign_case.html"
    can_undo = True
    bell = BELL

    def visible(self, user: Any) -> QuerySet[Case]:
        """The cases whose suggestions ``user`` may decide."""
        return visible_cases(user) if user.has_perm(self.permission) else Case.objects.none()

    def note_pending(self, subject: Case, kinds: list[str]) -> None:
        """The inbox shows it without counting; what was dismissed stays with people."""
        Case.objects.filter(pk=subject.pk).update(waiting_kinds=kinds)
        if KIND not in kinds:
            last = of_subject(subject).filter(kind=KIND).order_by("-id").first()
            note_answer(subject, is_refused=last is not None and last.state == Suggestion.State.REJECTED)

    def fingerprint(self, subject: Case) -> dict[str, Any]:
        """Who has it, where it stands, what it is about, and whether it is open."""
        return assignment_fingerprint(subject)

    def guard(self, suggestion: Suggestion) -> list[str]:
        """Only an open case, and only to somebody who works cases; an owner a person set is never taken away."""
        case: Any = suggestion.subject
        payload = AssignPayload.model_validate(suggestion.payload)
        if not case.is_open:
            return [_("The case is not open.")]
        if payload.owner and not people_who_work().filter(pk=payload.owner).exists():
            return [_("This person does not work cases any more.")]
        row = Assignment.objects.filter(case=case).first()
        if case.owner_id and row is not None and row.state == State.KEPT and suggestion.decided_by_agent:
            return [_("%(who)s has this case by a person's word.") % {"who": case.owner}]
        return []

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Move it, tell the new owner, and note whether it waits for somebody."""
        payload, subject = AssignPayload.model_validate(suggestion.payload), cast(Case, suggestion.subject)
        said = AssignPayload.model_validate(suggestion.proposed)
        is_same = (payload.owner, payload.queue) == (said.owner, said.queue)
        why = payload.reason if is_same else _("Chosen in place of what the rule said.")
        case = assign_case(
            subject,
            by=by,
            owner=User.objects.filter(pk=payload.owner or 0).first(),
            queue=Queue.objects.filter(pk=payload.queue or 0).first(),
            why=why,
            suggestion=suggestion,
            by_rule=True,
            now=suggestion.decided_at,
        )
        if suggestion.decided_by_agent:
            return  # whoever let the rules decide notes what became of it
        state = State.KEPT if payload.owner else State.WAITING if payload.waits else State.LEFT
        Assignment.objects.filter(case=case).update(state=state, is_due=False, why=why[:300])

    def undo(self, suggestion: Suggestion, by: Any) -> None:
        """Put it back where it was, unless somebody moved it since; from then on people decide."""
        payload = AssignPayload.model_validate(suggestion.payload)
        case = lock_case(suggestion.object_id)
        if case.owner_id != payload.owner or (payload.queue and case.queue_id != payload.queue):
            raise NotAllowed([_("Somebody moved this case since.")])
        owner = User.objects.filter(pk=payload.from_owner or 0, is_active=True).first()
        queue = Queue.objects.filter(pk=payload.from_queue or 0).first()
        assign_case(case, by=by, owner=owner, queue=queue, why=_("The assignment was undone."), by_rule=True)
        keep(case)

    def summary(self, payload: AssignPayload) -> str:
        """Who and where, and why."""
        return payload.reason if payload.owner or not payload.shown else f"{payload.shown} · {payload.reason}"

    def consequence(self, suggestion: Suggestion) -> str:
        """Whom it goes to."""
        payload = AssignPayload.model_validate(suggestion.payload)
        owner = User.objects.filter(pk=payload.owner or 0).first()
        if owner is not None:
            return _("Gives it to %(name)s, nothing is mailed") % {"name": owner}
        queue = Queue.objects.filter(pk=payload.queue or 0).first()
        return _("Moves it to %(queue)s, nothing is mailed") % {"queue": queue or "—"}

    def context(self, suggestion: Suggestion, user: Any) -> dict[str, Any]:
        """Queue and owner before and after, by name."""
        payload = AssignPayload.model_validate(suggestion.payload)
        queues = Queue.objects.in_bulk([pk for pk in (payload.queue, payload.from_queue) if pk])
        people = User.objects.in_bulk([pk for pk in (payload.owner, payload.from_owner) if pk])
        rows = [
            (_("Queue"), queues.get(payload.from_queue), queues.get(payload.queue)),
            (_("Owner"), people.get(payload.from_owner), people.get(payload.owner)),
        ]
        changes = [{"label": label, "before": str(old or ""), "after": str(new or "")} for label, old, new in rows]
        return {"changes": [row for row in changes if row["before"] != row["after"]]}
