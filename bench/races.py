"""Forced races: a customer's reply against the gate of a follow-up, and against the closing of its case."""

import datetime as dt
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from bench.ground import Ground
from bench.report import Table, verdict

# The two begin within so many seconds of each other, so that each comes first about as often.
SPREAD = 0.012


def measure(ground: Ground) -> list[Table]:
    """So many races of each; the order is read from a sequence while each side holds the case."""
    from django.test import override_settings

    count = ground.size(500, 30)
    with ground.database("races"), override_settings(OUTBOUND="sink"):
        desk = _Desk(ground.random)
        sends = Counter(desk.race_send(number) for number in range(count))
        closes = Counter(desk.race_close(number + count) for number in range(count))
    rows = [_row("reply against send", count, sends), _row("reply against close", count, closes)]
    notes = [
        "Both sides run in threads behind one barrier, each in its own transaction. Each takes a number from one "
        "sequence while it holds the case, so which came first is known and not guessed.",
        "Wrong: a follow-up passes the gate, or a case is closed, after the reply was stored; or a case is not open "
        "with the reply in it at the end; or neither side gets through.",
    ]
    columns = ["race", "forced", "reply came first", "reply came second", "wrong", "aim", ""]
    return [Table(columns, rows, notes)]


def _row(name: str, count: int, became: Counter[str]) -> list[object]:
    wrong = count - became["first"] - became["second"]
    return [name, count, became["first"], became["second"], wrong, 0, verdict(wrong, 0, at_most=True)]


class _Desk:
    """A desk with one rule, one person, and a fresh case for each race."""

    def __init__(self, rng: random.Random) -> None:
        from accounts.models import Role, User
        from accounts.roles import ensure_roles
        from bench.quiet import add_rule
        from conversations.models import Mailbox

        ensure_roles()
        self.random = rng
        self.person = User.objects.create_user("ann@desk.example", "x", name="Ann")
        self.person.roles.set(Role.objects.filter(code="administrator") | Role.objects.filter(code="supervisor"))
        self.rule = add_rule("ask")
        self.mailbox = Mailbox.objects.create(name="Care", address="care@desk.example", smtp_host="127.0.0.1")
        with connection.cursor() as cursor:
            cursor.execute("CREATE SEQUENCE race_order")

    def race_send(self, number: int) -> str:
        """A follow-up that was approved and claimed passes the gate while the customer's reply joins the case."""
        from agents.models import Effect
        from agents.outbox.gate import pass_gate
        from agents.suggestions import accept

        case, plan, reply = self._prepare(number, step=0)
        suggestion = self._suggestion(plan)
        accept(suggestion.pk, by=self.person)
        effect = Effect.objects.get(key=f"followup:{plan.pk}:1")
        until = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5)
        Effect.objects.filter(pk=effect.pk).update(state="claimed", token=1, lease=until)
        effect.refresh_from_db()
        passed, gate_at, reply_at = self._run(lambda: pass_gate(effect), lambda: _join(reply))
        case.refresh_from_db()
        if not case.is_open or case.last_inbound_id != reply.pk or passed is not (gate_at < reply_at):
            return "wrong"
        return "first" if reply_at < gate_at else "second"

    def race_close(self, number: int) -> str:
        """A closing is accepted while the customer's reply joins the case."""
        from agents.suggestions import NotAllowed, NotPending, accept

        case, plan, reply = self._prepare(number, step=3)
        suggestion = self._suggestion(plan)

        def close() -> bool:
            try:
                accept(suggestion.pk, by=self.person)
            except (NotPending, NotAllowed):
                return False
            return True

        closed, close_at, reply_at = self._run(close, lambda: _join(reply))
        case.refresh_from_db()
        if not case.is_open or case.last_inbound_id != reply.pk or closed is not (close_at < reply_at):
            return "wrong"
        return "first" if reply_at < close_at else "second"

    def _run(self, one: Callable[[], bool], other: Callable[[], object]) -> tuple[bool, int, int]:
        """Both at once; what the first answered, and the place of each."""
        barrier, delay = threading.Barrier(2), self.random.uniform(-SPREAD, SPREAD)
        found: dict[str, Any] = {}

        def run(name: str, act: Callable[[], object], wait: float) -> None:
            connection.ensure_connection()
            barrier.wait()
            time.sleep(max(0.0, wait))
            try:
                with transaction.atomic():
                    answer = act()
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT nextval('race_order')")
                        found[name] = (answer, cursor.fetchone()[0])
            finally:
                connection.close()

        sides = [threading.Thread(target=run, args=("one", one, delay)),
                 threading.Thread(target=run, args=("other", other, -delay))]  # fmt: skip
        for side in sides:
            side.start()
        for side in sides:
            side.join()
        answer, at = found["one"]
        return bool(answer), at, found["other"][1]

    def _suggestion(self, plan: Any) -> Any:
        from agents.models import Suggestion
        from followups.plans import advance

        advance(plan.pk, now=dt.datetime.now(dt.UTC))
        return Suggestion.objects.get(object_id=plan.case_id, state="pending")

    def _prepare(self, number: int, *, step: int) -> tuple[Any, Any, Any]:
        """A case with our last word, its plan at ``step``, and a reply that is stored but in no case yet."""
        from cases.intake import open_case
        from cases.models import Case, CaseConversation, CaseMessage
        from conversations.addresses import new_token
        from conversations.models import Contact, Conversation, Message
        from followups.models import Plan
        from followups.starting import consider_case

        now = dt.datetime.now(dt.UTC)
        long_ago = now - dt.timedelta(days=9)
        contact = Contact.objects.create(address=f"customer{number}@post.example", name="Ellen Roth")
        talk = Conversation.objects.create(
            subject="Pump", contact=contact, mailbox=self.mailbox, reply_token=new_token(), taker="cases"
        )

        def message(direction: str, at: dt.datetime) -> Any:
            return Message.objects.create(
                conversation=talk, direction=direction, mailbox=self.mailbox, contact=contact, subject="Pump",
                text="Hello", newest_text="Hello", received_at=at, offered_at=at, from_address=contact.address,
                message_id=f"<{number}.{direction}.{at.timestamp()}@post.example>",
                identity=f"race:{number}:{direction}:{at.timestamp()}", send_state="sent" if direction == "out" else "",
            )  # fmt: skip

        asked, ours = message("in", long_ago - dt.timedelta(days=1)), message("out", long_ago)
        with transaction.atomic():
            case = open_case(title="Pump", contact=contact, by=None, now=long_ago)
        CaseConversation.objects.create(case=case, conversation=talk)
        CaseMessage.objects.bulk_create(CaseMessage(case=case, message=each) for each in (asked, ours))
        Case.objects.filter(pk=case.pk).update(
            last_message=ours, last_inbound=asked, last_direction="out", last_message_at=long_ago,
            status_reason="waiting", message_count=2,
        )  # fmt: skip
        plan = consider_case(case.pk, now=now)
        assert plan is not None
        Plan.objects.filter(pk=plan.pk).update(step=step)
        plan.refresh_from_db()
        return Case.objects.get(pk=case.pk), plan, message("in", now)


def _join(reply: Any) -> object:
    from cases.intake import take_message

    return take_message(reply)
