"""What the Case Management Agent does when it is due: consider fields, consider the answer."""

import datetime as dt

from accounts.presence import READY_BELL
from agents.queue import ring
from agents.sweeps import Chore, Sweep, sweep
from cases import assignment, filling, intake, learning, resolving, topics, unreached
from cases.models import Case
from cases.reassigning import BELL
from conversations.models import Message

WITH = ("contact", "line_of_business", "last_inbound__conversation", "last_message", "product", "subject")


@sweep
class FieldsSweep(Sweep):
    """Considers the fields of cases whose customer wrote; then the answer, which may name them."""

    name = "cases.fields"
    skill = "cases.predict_fields"
    bell = "case.message"
    every = dt.timedelta(seconds=10)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Cases not considered yet."""
        return filling.due_cases(limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Consider one case's fields, then ring for its answer."""
        case = Case.objects.select_related(*WITH).get(pk=ident)
        if case.last_inbound_id and case.last_inbound_id > case.fields_seen:
            filling.suggest_fields(case, now=now)
        ring("case.reply_due", ident)
        ring(BELL, ident)


@sweep
class AssignSweep(Sweep):
    """Asks the rules for queue and owner of what is new, changed or came back."""

    name = "cases.assign"
    bell = BELL
    every = dt.timedelta(seconds=15)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Open cases at which the rules have to look."""
        return assignment.due_cases(limit, now=now)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Ask about one."""
        assignment.assign_by_rules(ident, now=now)


@sweep
class AssignWaiting(Chore):
    """Gives cases that wait to people who are free."""

    name = "cases.assign_waiting"
    bell = READY_BELL
    every = dt.timedelta(minutes=1)

    def run(self, now: dt.datetime) -> int:
        """Those who wait longest first."""
        return assignment.assign_waiting(now=now)


@sweep
class FieldsAgainSweep(Sweep):
    """Considers the fields once more after a suggestion was withdrawn because the case had moved on."""

    name = "cases.fields_again"
    bell = "case.fields_due"
    every = dt.timedelta(hours=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Only the bell asks for it; a new message is found by the sweep above."""
        return []

    def do(self, ident: int, now: dt.datetime) -> None:
        """Consider one case's fields again."""
        filling.suggest_fields(Case.objects.select_related(*WITH).get(pk=ident), now=now)


@sweep
class LearnSweep(Chore):
    """Learns fields from what people confirmed."""

    name = "cases.learn_fields"
    every = dt.timedelta(hours=6)

    def run(self, now: dt.datetime) -> None:
        """Train what has grown."""
        learning.learn_fields(now=now)


@sweep
class ReplySweep(Sweep):
    """Considers what comes next after the customer's last message: a question, an answer, an end, people."""

    name = "cases.replies"
    skill = "cases.draft_reply"
    bell = "case.reply_due"
    every = dt.timedelta(seconds=10)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Open cases not considered yet."""
        return resolving.due_cases(limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Consider what comes next in one case; an equal draft is not made twice."""
        case = Case.objects.select_related(*WITH).get(pk=ident)
        resolving.suggest_next(case, now=now)


@sweep
class MachineMailSweep(Sweep):
    """Considers bounces and absences that answered the agent's mail."""

    name = "cases.machine_mail"
    bell = "case.machine_mail"
    every = dt.timedelta(minutes=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Cases with one that was not considered."""
        return unreached.due_machine_mail(limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Consider one case's."""
        unreached.suggest_after_machine(Case.objects.select_related(*WITH).get(pk=ident), now=now)


@sweep
class SilenceSweep(Sweep):
    """Considers cases whose customer does not answer the agent's mail."""

    name = "cases.silence"
    every = dt.timedelta(minutes=15)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Those silent for longer than their settings allow."""
        return unreached.due_silence(limit, now=now)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Consider one case's."""
        unreached.suggest_after_silence(Case.objects.select_related(*WITH).get(pk=ident), now=now)


@sweep
class OwnMailSweep(Sweep):
    """Puts mail of ours that was read from outside (a Sent folder, an archive) into its case."""

    name = "cases.own_mail"
    bell = "message.stored"
    every = dt.timedelta(minutes=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Our messages in conversations of cases that stand in no case yet, oldest first."""
        rows = Message.objects.filter(
            direction=Message.Direction.OUT, case_link__isnull=True, conversation__case_links__is_current=True
        )
        return list(rows.order_by("received_at", "id").values_list("pk", flat=True)[:limit])

    def do(self, ident: int, now: dt.datetime) -> None:
        """Join one message; inbound ones are offered by the routes."""
        message = Message.objects.filter(pk=ident, direction=Message.Direction.OUT).first()
        if message and message.conversation.case_links.filter(is_current=True).exists():
            intake.take_message(message, now=now)


@sweep
class TopicSweep(Sweep):
    """Lets a case follow what its customer's message is about."""

    name = "cases.topics"
    bell = "message.determined"
    every = dt.timedelta(minutes=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Messages that decide what their conversation is about, whose case does not say so yet."""
        return topics.due_messages(limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Follow one."""
        topics.follow_topic(ident, now=now)


@sweep
class SolutionSweep(Chore):
    """Tells the library of intents how often each was solved."""

    name = "cases.solutions"
    every = dt.timedelta(hours=6)

    def run(self, now: dt.datetime) -> None:
        """Count."""
        topics.count_solutions()


@sweep
class ClosedTopicSweep(Sweep):
    """Notes on what was recognised that its case was closed."""

    name = "cases.topic_closed"
    bell = "case.closed"
    every = dt.timedelta(hours=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Only the bell asks for it; the next change of the case mends what was missed."""
        return []

    def do(self, ident: int, now: dt.datetime) -> None:
        """Note one."""
        topics.note_progress(Case.objects.get(pk=ident))


@sweep
class AssignedTopicSweep(Sweep):
    """Notes on what was recognised that its case was given to somebody."""

    name = "cases.topic_assigned"
    bell = "case.assigned"
    every = dt.timedelta(hours=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Only the bell asks for it; the next change of the case mends what was missed."""
        return []

    def do(self, ident: int, now: dt.datetime) -> None:
        """Note one."""
        topics.note_progress(Case.objects.get(pk=ident))
