"""Each message of a customer is compared once, and its conversation gets the topic."""

import datetime as dt

import pytest

from accounts.rights import Refused
from agents import sweeps
from agents.models import LineOfBusiness
from conversations.models import Conversation, Message
from conversations.routing import read_first
from intents import corrections, discovery, library, matching, rematching
from intents.models import Determination, Example, Library
from tests.conversations.conftest import message_of
from tests.conversations.mails import NOON


def determine(message: Message) -> Determination | None:
    return matching.determine_message(message.pk, now=NOON)


@pytest.mark.row("DESK-122")
def test_a_message_gets_one_determination_for_each_version_of_the_library(arrive, small_library, ann):
    message = message_of(arrive(subject="Parcel", body="My parcel has still not come."))
    first = determine(message)
    assert first.topic == "where-is-my-order"
    assert first.is_current
    assert first.library_version
    assert first.evidence[0]["kind"] == "examples"
    assert next(one["topic"] for one in first.alternatives) == first.topic
    assert Conversation.objects.get().topic_label == "Where is my order"
    assert determine(message) == first
    library.add_examples(small_library["order"], ["has it been shipped"], by=ann)
    second = determine(message)
    assert second != first
    assert second.library_version > first.library_version
    assert Determination.objects.filter(is_current=True).get() == second


@pytest.mark.row("DESK-420")
@pytest.mark.row("DESK-421")
def test_what_is_under_way_is_recognised_again_when_asked_and_what_people_said_stands(
    arrive, small_library, teach, ann, client, switch
):
    def come(text, who):
        message = message_of(arrive(subject="Invoice", body=text, sender=f"{who} <{who}@customer.example>"))
        return determine(message)

    odd = "What is the capital of France?"
    now = NOON + dt.timedelta(hours=1)
    fresh, chosen, over = come(odd, "ada"), come(odd, "bo"), come("My parcel has not come.", "cy")
    assert {fresh.topic, chosen.topic} == {""}
    corrections.correct_intent(chosen.message, small_library["twice"], by=ann, teach=False)
    Determination.objects.filter(pk=over.pk).update(state="completed")
    intent = teach("Geography", odd, "where does the river end", "how high is the mountain")
    sweeps.run("intents.learn", now=now)
    assert rematching.due_again(10, now=now) == []
    assert rematching.show_progress() is None
    assert rematching.ask_again(by=ann, now=now) == 1
    with pytest.raises(Refused, match="under way"):
        rematching.ask_again(by=ann, now=now)
    progress = rematching.show_progress(now=now)
    assert (progress.total, progress.done, progress.asked_by) == (1, 0, "Ann Weber")
    assert [sweeps.run("intents.match_again", now=now) for _turn in range(2)] == [1, 0]
    assert rematching.show_progress(now=now).left == 0
    about = dict(Conversation.objects.values_list("contact__name", "topic"))
    assert about == {"ada": intent.key, "bo": "charged-twice", "cy": "where-is-my-order"}
    # Words of one customer become words of the library without what is theirs.
    body = "How high is the mountain of order HR-204118? I am Petra Novak. Yours, Ellen Marsh, +44 20 7946 0958"
    message = message_of(arrive(subject="", body=body, sender="Ellen Marsh <ellen@customer.example>"))
    taught = corrections.correct_intent(message, intent, by=ann).example
    assert taught.text.startswith("How high is the mountain")
    assert not [each for each in ("Marsh", "Ellen", "7946", "HR-204118") if each in taught.text]
    switch("intents.matching", "off")
    with pytest.raises(Refused, match="switched off"):
        rematching.ask_again(by=ann, now=now)


@pytest.mark.row("INT-A-3")
def test_matching_that_is_off_looks_at_nothing_and_machines_are_never_looked_at(
    arrive, small_library, switch, rule, trade
):
    switch("intents.matching", "off")
    switch("intents.discovery", "auto")
    rule("intents.mail_lines", "Parcels", ("text", "contains", "parcel"), line_of_business=trade.pk)
    rule("intents.discovery", "All", ("text", "contains", "parcel"), is_scheduled=True)
    message = message_of(arrive(body="My parcel has still not come."))
    read_first(message.pk, now=NOON)
    assert Determination.objects.count() == 0
    assert matching.due_messages(10, now=NOON) == []
    # Lines of business, discovery, and recognising again hang on the same switch.
    assert Conversation.objects.get().line_of_business is None
    assert discovery.ask_daily(now=NOON) == 0
    assert rematching.due_again(10, now=NOON) == []
    switch("intents.matching", "auto")
    read_first(message.pk, now=NOON)
    assert (Conversation.objects.get().line_of_business, discovery.ask_daily(now=NOON)) == (trade, 1)
    assert Conversation.objects.get().topic == "where-is-my-order"
    Determination.objects.all().delete()
    switch("intents.matching", "off")
    switch("intents.matching", "auto")
    Message.objects.filter(pk=message.pk).update(nature="out_of_office")
    assert determine(message) is None
    assert matching.due_messages(10, now=NOON) == []


def test_the_sweep_finds_live_messages_and_history_and_remembers_how_far_it_looked(arrive, small_library):
    old = message_of(arrive(body="Water drips from the machine.", at=NOON - dt.timedelta(days=90)))
    new = message_of(arrive(body="What is the capital of France?"))
    assert old.arrived_as == "history"
    assert sweeps.run("intents.match", now=NOON) == 2
    assert [row.topic for row in Determination.objects.order_by("message")] == ["machine-leaks", ""]
    assert Determination.objects.get(message=new).reason
    assert matching.due_messages(10, now=NOON + dt.timedelta(hours=1)) == []
    assert Library.objects.get().looked_at >= old.pk


@pytest.mark.row("INT-D-8")
def test_another_intent_in_the_same_conversation_takes_over_and_the_first_stays_as_history(arrive, small_library):
    first = message_of(arrive(subject="Parcel", body="Where is my parcel?", message_id="<a@customer.example>"))
    determine(first)
    again = message_of(
        arrive(
            subject="Re: Parcel", body="It has come. But now water drips out under the machine.",
            in_reply_to="<a@customer.example>", at=NOON + dt.timedelta(hours=1),
        )
    )  # fmt: skip
    row = matching.determine_message(again.pk, now=NOON)
    assert again.conversation_id == first.conversation_id
    assert row.topic == "machine-leaks"
    assert matching.current_determination(again.conversation) == row
    past = Determination.objects.get(message=first)
    assert past.state == "closed"
    assert not past.is_current
    assert past.topic == "where-is-my-order"
    thanks = message_of(arrive(subject="Re: Parcel", body="Thank you!", in_reply_to="<a@customer.example>"))
    determine(thanks)
    assert Conversation.objects.get(pk=thanks.conversation_id).topic == "machine-leaks"


@pytest.mark.row("INT-A-4")
def test_a_line_of_business_parts_the_library(arrive, small_library, teach, trade):
    teach("Ask for a trade price", "what is the price for cafés", "wholesale price list", line_of_business=trade)
    other = LineOfBusiness.objects.create(name="Subscriptions")
    text = "Could you send me your wholesale price list for cafés?"
    inside, _version = matching.match_text(text, line=trade)
    outside = [matching.match_text(text, line=line)[0] for line in (None, other)]
    assert inside.output.chosen[0].topic == "ask-for-a-trade-price"
    assert all("ask-for-a-trade-price" not in [one.topic for one in each.output.ranked] for each in outside)
    assert matching.match_text("where is my parcel", line=trade)[0].output.chosen[0].topic == "where-is-my-order"


def test_only_approved_intents_are_recognised(small_library, ann):
    text = "where is my parcel"
    library.review_intents([small_library["order"]], state="discarded", by=ann)
    assert matching.match_text(text, line=None)[0].output.chosen == []
    library.review_intents([small_library["order"]], state="approved", by=ann)
    assert matching.match_text(text, line=None)[0].output.chosen[0].topic == "where-is-my-order"


def test_vectors_of_examples_are_made_once_and_kept(small_library):
    assert sweeps.run("intents.learn", now=NOON) == 1
    assert Example.objects.filter(vector=None).count() == 0
    vector = bytes(Example.objects.first().vector)
    assert len(vector) % 4 == 0
    assert len(vector) > 100
    before = matching.match_text("where is my parcel", line=None)[0]
    assert before.output.chosen
