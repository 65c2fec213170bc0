"""What an agent leaves to people: senders nobody vouches for, mail it has not read; and nobody is overlooked."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Team
from agents import sweeps
from agents.models import Effect, Suggestion
from agents.outbox import transmission
from agents.suggestions import NotAllowed, accept
from cases import lifecycle, resolving
from cases.models import Case
from conversations.access import visible_messages
from conversations.models import Queue
from conversations.receive import receive
from tests.conversations.mails import NOON, make_mail

ARTICLE = """## Leaks

If water leaks under the machine, press the hose onto the clip behind the tank. The clip costs €4 and arrives within
two days.
"""
QUESTION = {"subject": "Leak", "body": "Water leaks under my machine. What do I do?"}


@pytest.fixture
def automatic(desk, publish):
    """Answers leave by themselves, whatever the confidence."""
    publish("Water leaks under the machine", ARTICLE)
    desk("cases.resolution", "auto", auto_from=0.0)


def case_of(message):
    return Case.objects.get(message_links__message=message)


def think(case):
    made = resolving.suggest_next(Case.objects.get(pk=case.pk), now=timezone.now())
    return Suggestion.objects.get(pk=made[0].pk) if made else None


def leave():
    Effect.objects.filter(state="queued").update(not_before=timezone.now())
    transmission.deliver_due()


def test_the_agent_answers_by_itself_only_whom_somebody_vouches_for(come_in, automatic, smtp_sink):
    known = come_in(**QUESTION)
    first = think(case_of(known))
    assert first.state == "accepted", (first.why, first.risks)
    token = known.conversation.reply_token
    stranger = come_in(
        sender="Mallory <mallory@elsewhere.example>",
        to=f"support+{token}@example.com",
        at=timezone.now() + dt.timedelta(hours=1),
        **QUESTION,
    )
    assert stranger.conversation == known.conversation
    draft = think(case_of(stranger))
    assert (draft.state, bool(draft.risks)) == ("pending", True)
    forged = come_in(
        sender="boss@victim.example",
        Authentication_Results="mx.example.com; dmarc=fail header.from=victim.example",
        **QUESTION,
    )
    lone = think(case_of(forged))
    assert (lone.state, bool(lone.risks)) == ("pending", True)


def test_a_robots_mail_after_the_customers_keeps_the_agent_from_answering(come_in, automatic, smtp_sink):
    asked = come_in(**QUESTION)
    come_in(
        in_reply_to=asked.message_id,
        Auto_Submitted="auto-replied",
        subject="Out of office",
        body="I am away.",
        at=NOON + dt.timedelta(minutes=1),
    )
    draft = think(case_of(asked))
    assert draft.state == "pending"
    leave()
    assert smtp_sink.messages == []


def test_a_mail_that_is_stored_but_not_yet_read_holds_the_automatic_answer(come_in, automatic, smtp_sink, mailbox):
    asked = come_in(**QUESTION)
    first = think(case_of(asked))
    assert first.state == "accepted", (first.why, first.risks)
    receive(
        make_mail(in_reply_to=asked.message_id, body="Forget it, it works."),
        mailbox=mailbox,
        source="t",
        received_at=timezone.now(),
    )
    leave()
    assert smtp_sink.messages == []
    sweeps.run("conversations.read")
    leave()
    assert smtp_sink.messages == []
    sweeps.run("conversations.route")
    leave()
    assert smtp_sink.messages == []
    assert Effect.objects.get().state == "cancelled"


def test_a_customer_who_writes_today_to_a_case_of_the_past_is_worked(come_in, mailbox):
    old = come_in(at=NOON.replace(month=1))
    assert case_of(old).is_history
    new = come_in(in_reply_to=old.message_id, at=NOON)
    case = case_of(new)
    assert not case.is_history, (case.arrived_as, case.number, case_of(old).number)


def test_copies_are_checked_like_recipients(come_in, automatic, desk, ann, smtp_sink):
    desk("cases.resolution", "ask")
    draft = think(case_of(come_in(**QUESTION)))
    for cc in (["x y\r\nBcc: evil@x.example"], ["support@example.com"], ["no address"], ["a@b.example, c@d.example"]):
        with pytest.raises(NotAllowed):
            accept(draft.pk, by=ann, edits={"cc": cc})
    draft.refresh_from_db()
    assert draft.state == "pending"


def test_who_may_not_see_a_case_any_more_does_not_read_its_mails_and_files(case, person, ann):
    team = Team.objects.create(name="HR")
    hr = Queue.objects.create(name="HR", team=team)
    rep = person("Amara X", "representative")
    assert visible_messages(rep).exists()
    lifecycle.assign_case(case, by=ann, queue=hr)
    assert not visible_messages(rep).exists()
