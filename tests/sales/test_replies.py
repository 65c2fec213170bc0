"""What leads answer is heard, above all that they want to be left alone; and who wants to talk meets a person."""

import datetime as dt
import itertools

import pytest
import time_machine

from accounts.models import Notification, Team
from agents.evidence import EVIDENCE
from agents.models import Effect, Suggestion
from agents.outbox.transmission import deliver_due
from agents.suggestions import NotAllowed, accept
from agents.sweeps import run
from bench.quality import replies as quality
from conversations import suppression
from conversations.models import Conversation, Mailbox, Message, Note, Suppression, Task
from conversations.receive import read_delivery, receive
from conversations.routing import route_message
from sales.models import Enrolment, Lead
from sales.outreach import enrolments, handover
from sales.outreach.asking import ClassifyReply
from sales.outreach.reading import read_reply
from sales.outreach.returning import find_resume
from tests.cases.conftest import publish
from tests.conversations.mails import NOON, make_mail
from tests.sales.desk import answer, begin, outreach, ready, suggestion_of, trade

__all__ = ["answer", "begin", "outreach", "publish", "ready", "trade"]
live = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


@pytest.fixture
def written_to(begin, mei):
    """A lead that got the first mail: (lead, enrolment)."""

    def make(**values):
        row, running, draft = begin(**values)
        accept(draft.pk, by=mei, now=NOON)
        with time_machine.travel(NOON, tick=False):
            deliver_due(now=NOON)
        row.refresh_from_db()
        running.refresh_from_db()
        return row, running

    return make


def said(text, **more):
    return read_reply(ClassifyReply(text=text, day="2026-06-10", **more))[0]


@pytest.mark.row("DESK-202")
def test_wishes_to_be_left_alone_are_heard_in_four_languages_and_only_where_there_are_some():
    wishes = [
        "Would you mind dropping our address from whatever this is?",
        "Please spare our staff these advertisements in future.",
        "I'd like not to be mailed again.",
        "Could you see to it that I get nothing further from you?",
        "Sehen Sie bitte davon ab, mir noch einmal zu schreiben.",
        "Bitte tragen Sie mich aus, ich will diese Werbung nicht.",
        "Hören Sie auf, uns Werbung zu schicken.",
        "Je vous demande de ne plus m'envoyer vos publicités.",
        "Merci de m'enlever de votre fichier de prospection.",
        "Cessez de nous démarcher.",
        "Hagan el favor de quitarme de su lista de envíos.",
        "No quiero que me vuelvan a escribir.",
        "Who passed you my address? I shall report this to the authority.",
        "Das ist unerlaubte Werbung, ich schalte die Behörde ein.",
        "C'est du démarchage abusif, je le signale à la CNIL.",
        "Esto es publicidad ilegal y lo voy a denunciar.",
    ]
    assert [text for text in wishes if said(text).reply not in quality.STOPS] == []
    kept = [
        "Does your tool stop spam?",
        "Is it GDPR compliant?",
        "Wie melden sich Kunden vom Newsletter ab?",
        "Nous n'utilisons plus de papier.",
        "¿Cumple con el RGPD?",
        "We stopped selling bread last year.",
        "No more instant coffee for us, please send the offer!",
        "Hello, thanks for the samples. Take us off the small plan, please. We are interested in the large one, "
        "could you send the price list for forty seats?",
    ]
    assert [text for text in kept if said(text).reply in quality.STOPS] == []


def test_the_words_are_read_the_way_they_are_meant():
    for kept in (
        "Please do not stop writing to me.",
        "Bitte nicht abmelden!",
        "N'arrêtez pas.",
        "No me borre de la lista.",
    ):
        assert said(kept).reply != "opt_out", kept
    ours = "Hello,\n\nTo get no more of these mails: https://x.example/unsubscribe/abc/\nSTOP"
    quoted = "Yes, send the prices.\n\n> STOP\n> unsubscribe\n\nTo get no more of these mails: https://x.example/unsubscribe/abc/"
    assert said(quoted, ours=[ours]).reply == "interested"
    assert said("", subject="unsubscribe").reply == "opt_out"
    assert said("", subject="Re: Stop and go lights").reply == "unclear"
    mixed = said("Nice machines. But please take me off your list.")
    assert (mixed.reply, mixed.words[0].text) == ("opt_out", "But please take me off your list.")
    assert said("x" * 50_000).reply == "unclear"
    assert (
        said("Sehr geehrte Frau Tanaka,\n\nbitte keine weiteren Mails mehr.\n\nMit freundlichen Grüßen").reply
        == "opt_out"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [("in drei monaten", "2026-09-08"), ("next quarter", "2026-07-01"), ("in july", "2026-07-01"),
     ("en mai", "2027-05-01"), ("le mois prochain", "2026-07-01"), ("proximo ano", "2027-01-01"), ("soon", None)],
)  # fmt: skip
def test_when_somebody_wants_to_be_asked_again(text, expected):
    found = find_resume(text, dt.date(2026, 6, 10))
    assert (found.isoformat() if found else None) == expected


@live
def test_a_wish_that_is_not_understood_stops_the_mails_all_the_same(written_to, answer, smtp_sink):
    odd = ("Hm.", "Ok.", "Bien reçu.")
    for number, text in enumerate(odd):
        lead, running = written_to(email=f"odd{number}@x.example")
        assert answer(lead, text) == "unclear"
        running.refresh_from_db()
        assert running.state == "ended"
        assert "left alone" in suggestion_of(lead, "sales.hand_over").proposed["reason"]
    sent = len(smtp_sink.messages)
    for days in range(60):
        for name in ("sales.enrol", "sales.touch"):
            run(name, now=NOON + days * DAY)
    assert len(smtp_sink.messages) == sent
    assert not Suggestion.objects.filter(kind="sales.send_outreach", state="pending").exists()


@pytest.mark.row("DESK-202")
@live
def test_an_opt_out_suppresses_at_once_ends_everything_and_asks_nobody(written_to, answer, smtp_sink):
    lead, running = written_to()
    sent = len(smtp_sink.messages)
    assert answer(lead, "Bitte schreiben Sie mir nicht mehr.") == "opt_out"
    row = suppression.is_suppressed(lead.email, outreach=True)
    assert (row.reason, row.scope, row.message.newest_text[:5]) == ("opt_out", "outreach", "Bitte")
    running.refresh_from_db()
    assert (lead.status, running.ended_reason) == ("closed", "opted_out")
    assert not Suggestion.objects.filter(state="pending").exists()
    for days in range(30):
        run("sales.touch", now=NOON + days * DAY)
    assert len(smtp_sink.messages) == sent


@live
def test_an_opt_out_from_another_address_holds_for_both_and_old_mail_opts_out_too(written_to, answer, trade):
    lead, _running = written_to()
    assert answer(lead, "Unsubscribe", sender="Assistant <desk@brightwater.example>") == "opt_out"
    assert suppression.is_suppressed("desk@brightwater.example", outreach=True)
    assert suppression.is_suppressed(lead.email, outreach=True)
    other, _running = written_to(email="old@x.example")
    Mailbox.objects.update(history_before=NOON + 400 * DAY)
    assert answer(other, "Stop", at=NOON + DAY) == "opt_out"
    assert suppression.is_suppressed("old@x.example", outreach=True)
    assert not Suppression.objects.filter(scope="all").exists()


@pytest.mark.row("SAL-D-6")
@live
def test_who_is_interested_is_handed_over_with_note_task_and_seller(written_to, answer, mei, ada):
    lead, running = written_to()
    assert answer(lead, "That sounds good. Please send me the price list.") == "interested"
    running.refresh_from_db()
    assert (lead.status, running.ended_reason) == ("replied", "replied")
    offer = suggestion_of(lead, "sales.hand_over")
    assert (offer.state, offer.proposed["seller"], offer.proposed["intent"]) == ("pending", mei.pk, "positive")
    assert EVIDENCE.validate_python(offer.evidence)[0].text in "That sounds good. Please send me the price list."
    for known in ("They are interested.", "price list", "Looks for machines", "1 mail from us"):
        assert known in offer.proposed["note"]
    with pytest.raises(NotAllowed, match="Choose who"):
        accept(offer.pk, by=mei, edits={"seller": ada.pk + 1000}, now=NOON + DAY)
    accept(offer.pk, by=mei, now=NOON + DAY)
    lead.refresh_from_db()
    assert (lead.status, lead.owner) == ("handed_over", mei)
    task = Task.objects.get()
    assert (task.owner, task.due_at) == (mei, NOON + 2 * DAY)
    assert "price list" in Note.objects.get().text
    assert Notification.objects.filter(user=mei, kind="handed_over").count() == 1


@pytest.mark.row("SAL-A-23")
@live
def test_sellers_take_turns_and_a_sellers_own_lead_stays_theirs(written_to, answer, person, mei, switch):
    tom = person("Tom Seller", "seller")
    switch("sales.handover", "auto", sellers=[mei.pk, tom.pk])
    owners = []
    for number, email in enumerate(("a@x.example", "b@x.example", "c@x.example")):
        lead, _running = written_to(email=email)
        switch("sales.handover", "auto", sellers=[mei.pk, tom.pk])
        answer(lead, "Let's have a call.", at=NOON + dt.timedelta(hours=3 + number))
        owners.append(lead.owner)
    assert owners == [mei, tom, mei]
    theirs, _running = written_to(email="d@x.example", owner=tom)
    switch("sales.handover", "auto", sellers=[mei.pk, tom.pk])
    answer(theirs, "Call me please.")
    assert theirs.owner == tom
    team = Team.objects.create(name="Trade desk")
    tom.teams.add(team)
    assert handover.choose_seller(Lead(), {"team": team.pk}) == tom
    assert handover.choose_seller(Lead(), {}) is None


@pytest.mark.row("SAL-B-11")
@pytest.mark.row("SAL-D-5")
@live
def test_a_question_is_answered_from_articles_with_its_source_or_goes_to_a_person(
    written_to,
    answer,
    publish,
    mei,
    smtp_sink,
):
    publish(
        "Training for your staff", "We train the staff of trade customers for one day at your place. Training is free."
    )
    lead, _running = written_to()
    assert answer(lead, "Thank you. Do you also train the staff?") == "question"
    draft = suggestion_of(lead, "sales.answer_question")
    assert (draft.state, "We train the staff" in draft.proposed["body"]) == ("pending", True)
    assert EVIDENCE.validate_python(draft.evidence)[0].kind == "passage"
    accept(draft.pk, by=mei, now=NOON + DAY)
    deliver_due(now=NOON + DAY)
    mail = smtp_sink.messages[-1].message
    assert mail["In-Reply-To"]
    assert mail["List-Unsubscribe"] is None
    other, _running = written_to(email="q@x.example")
    answer(other, "Is it compatible with our lunar base?")
    assert suggestion_of(other, "sales.answer_question") is None
    assert "no published article" in suggestion_of(other, "sales.hand_over").proposed["reason"]


@live
def test_later_and_away_wait_and_go_on_by_themselves(written_to, answer):
    lead, running = written_to()
    assert answer(lead, "Not right now, please come back to me in July.") == "later"
    running.refresh_from_db()
    assert (running.state, running.next_due_at.date()) == ("active", dt.date(2026, 7, 1))
    assert enrolments.advance(running.pk, now=NOON + 10 * DAY) == "waits"
    assert enrolments.advance(running.pk, now=dt.datetime(2026, 7, 1, 9, tzinfo=dt.UTC)) == "drafted"
    away, running = written_to(email="away@x.example")
    note = "I am out of the office until 24 June. I will reply on my return."
    assert answer(away, note, subject="Out of office", Auto_Submitted="auto-replied") == "out_of_office"
    running.refresh_from_db()
    assert (running.state, running.next_due_at.date()) == ("active", dt.date(2026, 6, 24))
    assert Effect.objects.filter(object_id=away.pk).count() == 1


@live
def test_the_wrong_person_and_a_referral_stop_and_suggest_a_new_lead(written_to, answer, mei):
    lead, running = written_to()
    text = "I don't buy equipment, please talk to my colleague Sam Hill, sam.hill@brightwater.example."
    assert answer(lead, text) == "referral"
    running.refresh_from_db()
    assert running.state == "ended"
    new = suggestion_of(lead, "sales.follow_referral")
    accept(new.pk, by=mei, edits={"name": "Sam Hill"}, now=NOON + DAY)
    sam = Lead.objects.get(email="sam.hill@brightwater.example")
    assert (sam.company_name, sam.source, sam.status) == (lead.company_name, "Referral", "new")
    wrong, _running = written_to(email="w@x.example")
    assert answer(wrong, "You have the wrong person.") == "wrong_person"
    assert wrong.status == "disqualified"
    unclear, _running = written_to(email="hm@x.example")
    assert answer(unclear, "Hm.") == "unclear"
    assert suggestion_of(unclear, "sales.hand_over").proposed["intent"] == "undetected"
    suppression.suppress("gone@x.example", reason="person", by=mei, now=NOON)
    again, _running = written_to(email="w2@x.example")
    answer(again, "Please contact our head of purchasing, gone@x.example")
    assert suggestion_of(again, "sales.follow_referral") is None


@pytest.mark.row("SAL-D-5")
@live
def test_a_bounce_and_a_complaint_end_the_cadence_and_tell_the_supervisor(written_to, answer, ada, switch, mei):
    switch("sales.handover", "ask", sellers=[mei.pk], supervisor=ada.pk)
    lead, running = written_to()
    switch("sales.handover", "ask", sellers=[mei.pk], supervisor=ada.pk)
    assert answer(lead, "This is spam. I am reporting you to the ICO.") == "complaint"
    running.refresh_from_db()
    assert (running.ended_reason, lead.status) == ("complained", "closed")
    assert Notification.objects.filter(user=ada, kind="problem").exists()
    gone, running = written_to(email="gone@y.example")
    sent = Message.objects.filter(direction="out").order_by("-id").first()
    body = "Your message could not be delivered\n\ngone@y.example: 550 5.1.1 user unknown\n"
    body += f"\nMessage-ID: {sent.message_id}"
    answer(
        gone,
        body,
        sender="Mail Delivery System <mailer-daemon@y.example>",
        subject="Undelivered Mail Returned to Sender",
    )
    run("sales.suppressed", now=NOON + DAY)
    running.refresh_from_db()
    assert (running.state, running.ended_reason) == ("ended", "bounced")


@live
def test_a_loop_of_automatic_answers_makes_no_mail_of_ours(written_to, answer, smtp_sink):
    lead, _running = written_to()
    sent = len(smtp_sink.messages)
    for number in range(30):
        body = f"Ticket {number}: we have received your message and will reply soon."
        answer(
            lead,
            body,
            subject=f"Automatic reply {number}",
            Auto_Submitted="auto-replied",
            at=NOON + dt.timedelta(hours=number),
        )
        run("sales.touch", now=NOON + dt.timedelta(hours=number))
        deliver_due(now=NOON + dt.timedelta(hours=number))
    assert len(smtp_sink.messages) == sent
    assert not Suggestion.objects.filter(state="pending").exclude(kind="sales.send_outreach").exists()


@live
def test_sales_takes_its_own_mail_and_leaves_the_rest(outreach, ready, trade, queue, written_to):
    def arrive(mailbox, **mail):
        delivery = read_delivery(
            receive(make_mail(**mail), mailbox=mailbox, source="test", received_at=NOON).pk, now=NOON
        )
        return delivery.message, route_message(delivery.message_id, now=NOON)

    message, taker = arrive(
        trade, sender="Nora New <nora@shop.example>", to=trade.address, body="Do you sell to shops?"
    )
    assert taker == "sales"
    assert (Lead.objects.get(email="nora@shop.example").note, message.touch.direction) == (
        "Do you sell to shops?\n".strip(),
        "in",
    )
    _message, taker = arrive(trade, sender="news@list.example", to=trade.address, List_Id="<x.list.example>")
    assert taker == ""
    both = Mailbox.objects.create(
        name="Both", address="both@haldenroe.example", purpose="both", history_before=NOON - 400 * DAY
    )
    _message, taker = arrive(both, sender="kim@other.example", to=both.address)
    assert (taker, Lead.objects.filter(email="kim@other.example").exists()) == ("", False)
    lead, _running = written_to(email="known@x.example")
    _message, taker = arrive(both, sender=f"A <{lead.email}>", to=both.address, body="Yes please, send prices")
    assert taker == "sales"
    support = Mailbox.objects.create(name="Care", address="care@haldenroe.example", history_before=NOON - 400 * DAY)
    _message, taker = arrive(support, sender=f"A <{lead.email}>", to=support.address, body="My machine leaks")
    assert taker == ""
    assert Conversation.objects.filter(taker="sales").count() == 3


@live
def test_nothing_is_acted_on_twice(written_to, answer):
    lead, _running = written_to()
    answer(lead, "Please send me a quote.")
    touch = lead.touches.get(direction="in")
    for _again, name in itertools.product(range(3), ("sales.replies", "sales.touch", "sales.suppressed")):
        run(name, now=NOON + DAY)
    assert Suggestion.objects.filter(kind="sales.hand_over").count() == 1
    assert lead.touches.filter(direction="in").get() == touch
    assert Enrolment.objects.get().state == "ended"


@pytest.mark.row("SAL-B-24")
@live
def test_the_seller_is_told_of_a_hand_over_and_the_supervisor_of_a_disqualification(
    written_to, answer, ada, mei, switch
):
    lead, _running = written_to()
    other, _running = written_to(email="no@x.example")
    switch("sales.handover", "auto", sellers=[mei.pk], supervisor=ada.pk)
    answer(lead, "Yes, please call me.")
    answer(other, "No thanks, we are not interested.")
    told = set(Notification.objects.values_list("user__email", "kind", "link"))
    assert (mei.email, "handed_over", lead.get_absolute_url()) in told
    assert (ada.email, "problem", other.get_absolute_url()) in told
