"""When the rules of assignment look at a case again, and when they leave it to people."""

from typing import Any

from agents.queue import ring
from cases.models import Assignment, Case

BELL = "case.assign_due"
State = Assignment.State


def look_again(case: Case) -> None:
    """Something changed that rules look at; what people decided stays. In the transaction that changes it."""
    known = Assignment.objects.filter(case=case.pk)
    if known.exclude(state=State.KEPT).update(is_due=True) or not known.exists():
        ring(BELL, case.pk)


def note_hand(case: Case, *, by: Any, old_owner: int | None) -> None:
    """Somebody else than the rules put the case where it is: an owner stays, a queue is asked who works it there."""
    if by is None or not by.is_agent:
        _note_person(case, old_owner)
    elif case.owner_id is None:
        look_again(case)


def _note_person(case: Case, old_owner: int | None) -> None:
    row = Assignment.objects.filter(case=case.pk).first() or Assignment(case=case)
    if case.owner_id:
        row.state, row.is_due, row.why = State.KEPT, False, ""
    else:
        row.state, row.is_due = State.LEFT, True
        row.keeps_queue = case.queue_id is not None
        row.returned_by = sorted({*row.returned_by, *([old_owner] if old_owner else [])})
        ring(BELL, case.pk)
    row.save()


def note_answer(case: Case, *, is_refused: bool) -> None:
    """Nothing waits about the assignment any more: what a person refused, people decide."""
    state = State.KEPT if is_refused else State.LEFT
    Assignment.objects.filter(case=case.pk, state=State.ASKED).update(state=state, why="")


def keep(case: Case) -> None:
    """People decided: no rule moves it from here."""
    Assignment.objects.update_or_create(case=case, defaults={"state": State.KEPT, "is_due": False, "why": ""})
