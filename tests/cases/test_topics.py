"""A case follows what its conversation is about; a person's word stands, teaches, and can be taken back."""

import re

import pytest

from agents import conditions, sections, sweeps
from agents.facts import facts_of
from agents.models import Entry, Rule
from cases import lifecycle, topics
from cases.fields import set_fields
from cases.models import Case, FieldMark
from conversations.models import Conversation, Message
from intents import library, matching
from intents.asking import list_open, note_asked
from intents.models import Determination, Example, IntentGroup
from tests.conversations.mails import NOON

PARCEL = "Hello, my parcel has still not come. Order HR-204118.\n\nEllen"
ORDER_NUMBER = {
    "label": "Order number", "question": "What is your order number?", "pattern": r"HR-\d{6}",
    "case_field": "order_number",
}  # fmt: skip


def the_case() -> Case:
    return Case.objects.get()


@pytest.mark.row("INT-D-19")
def test_the_intent_and_its_group_stand_on_the_case_from_the_moment_it_opens(come_in, small_library, client, ann):
    group = IntentGroup.objects.create(name="Delivery", review_state="approved")
    library.save_intent(small_library["order"], by=ann, group=group)
    come_in(subject="Parcel", body=PARCEL)
    case = the_case()
    assert (case.topic, case.topic_label) == ("where-is-my-order", "Where is my order")
    assert FieldMark.objects.get(case=case, field="topic").set_by == "agent"
    client.force_login(ann)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "Where is my order" in page
    assert "Delivery" in page
    assert "Wrong intent" in page
    listed = client.get("/desk/?view=all&intent=where-is-my-order").content.decode()
    assert case.title in listed
    assert case.title not in client.get("/desk/?view=all&intent=machine-leaks").content.decode()


@pytest.mark.row("DESK-475")
def test_a_second_matter_of_the_same_message_is_on_record_and_shown_with_its_words(
    come_in, small_library, client, ann, switch
):
    client.force_login(ann)

    def card() -> str:
        return client.get(the_case().get_absolute_url()).content.decode()

    come_in(subject="", body="There is a puddle under my machine. Also you charged my card twice this month!")
    row = Determination.objects.get()
    second = next(one for one in row.alternatives if one["is_chosen"] and one["topic"] != row.topic)
    assert {row.topic, second["topic"]} == {"machine-leaks", "charged-twice"}
    assert {piece["part"] for piece in row.evidence} == {row.topic, second["topic"]}
    shown = re.search(r"Also asks: <strong>([^<]+)</strong>(.*?)</p>", card())
    assert shown[1] == second["label"]
    assert re.search(r'<mark class="evidence">(charged|card|twice|puddle|machine)</mark>', shown[2])
    # With only one intent wanted, the second matter is not said to be one.
    switch("intents.matching", "auto", several=False)
    Determination.objects.all().delete()
    assert not [one for one in matching.determine_message(Message.objects.get(direction="in").pk, now=NOON).alternatives
                if one["is_chosen"] and one["topic"] != row.topic]  # fmt: skip
    assert "Also asks" not in card()


@pytest.mark.row("CMA-C-11")
def test_the_card_shows_each_question_of_the_intent_with_its_answer_or_that_it_is_open(
    come_in, small_library, client, ann
):
    questions = [ORDER_NUMBER, {"label": "Box", "question": "Was the box <b>open</b>?", "type": "free"},
                 {"label": "Gift", "question": "Is it a gift?", "type": "boolean", "is_required": False}]  # fmt: skip
    library.save_intent(small_library["order"], by=ann, attributes=questions)
    client.force_login(ann)

    def card() -> str:
        page = client.get(the_case().get_absolute_url()).content.decode()
        shown = re.search(r'<section class="card" id="intent".*?</section>', page, re.S)[0]
        return " ".join(re.sub(r"<svg.*?</svg>", "", shown, flags=re.S).split())

    come_in(subject="Parcel", body=PARCEL)
    assert re.search(r"Where is my order</strong>.*>1 of 3 questions answered<", card())
    answered, box, gift = re.findall(r'<li class="claim .*?</li>', card())
    assert ("claim--yes" in answered, "Answered: </span>HR-204118<" in answered) == (True, True)
    assert "What is your order number?" in answered
    assert ("claim--plain" in box, "Not answered: </span><strong>Was the box &lt;b&gt;open&lt;/b&gt;?" in box) == (
        True, True,
    )  # fmt: skip
    assert ("Not asked yet" in box, "Helpful" in box, "Helpful" in gift) == (True, False, True)
    assert 'data-insert="Was the box &lt;b&gt;open&lt;/b&gt;?" data-insert-into="id_body"' in box
    note_asked(topics.determination_of(the_case()), ["box"], now=NOON)
    assert "Asked, no answer yet" in card()
    lifecycle.resolve_case(the_case(), by=ann, resolution_type="solved")
    assert "data-insert" not in card()


@pytest.mark.row("INT-D-11")
def test_rules_and_views_look_at_the_intent_and_its_group(come_in, small_library, ann, rule, queue):
    group = IntentGroup.objects.create(name="Delivery", review_state="approved")
    library.save_intent(small_library["order"], by=ann, group=group)
    other = type(queue).objects.create(name="Delivery desk")
    rule("cases.creation", "Parcels", ("intent_group", "is", group.pk), queue=other.pk, open=True)
    message = come_in(subject="Parcel", body=PARCEL)
    assert the_case().queue == other
    for model, subject in ((Case, the_case()), (Message, message), (Conversation, message.conversation)):
        subject.refresh_from_db()
        for fact, value, no in (("intent", "where-is-my-order", "machine-leaks"), ("intent_group", group.pk, 0)):
            assert fact in facts_of(model)
            for given, holds in ((value, True), (no, False)):
                tree = {"join": "all", "items": [{"fact": fact, "op": "is", "value": given}]}
                assert conditions.holds(tree, subject, NOON) is holds
                assert conditions.compile(tree, model, NOON)
                rows = model.objects.filter(conditions.compile(tree, model, NOON))
                assert rows.filter(pk=subject.pk).exists() is holds


@pytest.mark.row("DESK-123")
def test_a_person_corrects_the_intent_it_teaches_and_is_never_overwritten(come_in, small_library, ann, client):
    message = come_in(subject="Parcel", body=PARCEL, message_id="<a@customer.example>")
    case = the_case()
    client.force_login(ann)
    done = client.post(
        f"/desk/cases/{case.number}/intent/", {"intent": "charged-twice", "teach": "on"}, follow=True
    ).content.decode()
    assert "Charged twice" in done
    case.refresh_from_db()
    assert case.topic == "charged-twice"
    taught = Example.objects.get(message=message)
    assert (taught.intent.key, taught.source) == ("charged-twice", "correction")
    entry = Entry.objects.filter(verb="case.changed", user=ann).latest("pk")
    assert entry.changes[0]["new"] == "Charged twice"
    assert Determination.objects.get(topic="where-is-my-order").state == "discarded"
    come_in(
        subject="Re: Parcel",
        body="The machine leaks too, water everywhere below it.",
        in_reply_to="<a@customer.example>",
    )
    sweeps.answer("message.determined", Message.objects.latest("pk").pk, now=NOON)
    case.refresh_from_db()
    assert case.topic == "charged-twice"
    assert Conversation.objects.get().topic == "charged-twice"


@pytest.mark.row("DESK-123")
def test_a_correction_is_taken_back_with_what_it_taught(come_in, small_library, ann):
    come_in(subject="Parcel", body=PARCEL)
    topics.correct_topic(the_case(), small_library["twice"], by=ann)
    assert topics.undo_correction(the_case(), by=ann)
    assert the_case().topic == "where-is-my-order"
    assert not Example.objects.filter(source="correction").exists()
    assert not topics.undo_correction(the_case(), by=ann)


@pytest.mark.row("INT-D-9")
def test_a_denied_intent_is_not_shown_again_in_that_conversation_and_its_questions_stop(
    come_in, small_library, ann, teach
):
    library.save_intent(small_library["order"], by=ann, attributes=[{**ORDER_NUMBER, "pattern": r"XX-\d{6}"}])
    message = come_in(subject="Parcel", body=PARCEL, message_id="<a@customer.example>")
    assert list_open(topics.determination_of(the_case()))
    topics.correct_topic(the_case(), None, by=ann)
    assert the_case().topic == ""
    assert list_open(Determination.objects.get(topic="where-is-my-order")) == []
    again = come_in(
        subject="Re: Parcel", body="Where is my parcel? It has not arrived.", in_reply_to="<a@customer.example>"
    )
    row = matching.determine_message(again.pk, now=NOON)
    assert again.conversation_id == message.conversation_id
    assert row.topic != "where-is-my-order"
    assert "where-is-my-order" not in [one["topic"] for one in row.alternatives]


def test_fields_of_the_case_answer_attributes_and_a_closed_case_completes_what_was_recognised(
    come_in, small_library, ann
):
    library.save_intent(small_library["order"], by=ann, attributes=[{**ORDER_NUMBER, "pattern": r"XX-\d{6}"}])
    come_in(subject="Parcel", body=PARCEL)
    row = topics.determination_of(the_case())
    assert [one.name for one in list_open(row)] == ["order_number"]
    assert row.state == "active"
    set_fields(lifecycle.lock_case(the_case().pk), {"order_number": "HR-204118"}, by=ann)
    row.refresh_from_db()
    assert (row.state, row.values["order_number"]["source"]) == ("filled", "field")
    lifecycle.assign_case(the_case(), by=ann, owner=ann)
    sweeps.answer("case.assigned", the_case().pk, now=NOON)
    row.refresh_from_db()
    assert row.state == "in_progress"
    lifecycle.resolve_case(the_case(), by=ann, resolution_type="solved")
    sweeps.answer("case.closed", the_case().pk, now=NOON)
    row.refresh_from_db()
    assert (row.state, row.harvest) == ("completed", "solution")
    topics.count_solutions()
    small_library["order"].refresh_from_db()
    assert small_library["order"].solution_rate == 1.0


def test_a_case_whose_topic_was_missed_is_found_by_the_sweep(come_in, small_library):
    come_in(subject="Parcel", body=PARCEL)
    Case.objects.update(topic="", topic_label="")
    assert sweeps.run("cases.topics", now=NOON) == 1
    assert the_case().topic == "where-is-my-order"
    assert sweeps.run("cases.topics", now=NOON) == 0


@pytest.mark.row("INT-A-6")
def test_rules_give_a_line_of_business_by_mail_conversation_and_case_with_the_reason(
    come_in, small_library, rule, trade, mailbox, ann
):
    lines = type(trade)
    home, repairs = lines.objects.create(name="Home"), lines.objects.create(name="Repairs")
    type(mailbox).objects.filter(pk=mailbox.pk).update(line_of_business=home)
    rule("intents.mail_lines", "Trade by word", ("text", "contains", "wholesale"), line_of_business=trade.pk)
    rule(
        "intents.conversation_lines",
        "Repairs by subject",
        ("subject", "contains", "repair"),
        line_of_business=repairs.pk,
    )
    come_in(subject="Prices", body="Send me the wholesale list.")
    come_in(subject="A repair", body="When do you mend it?", sender="Ivo <ivo@customer.example>")
    come_in(subject="Hello", body="Good day to you all.", sender="Una <una@customer.example>")
    found = {case.title: case.line_of_business for case in Case.objects.select_related("line_of_business")}
    assert found == {"Prices": trade, "A repair": repairs, "Hello": home}
    entry = Entry.objects.filter(verb="conversation.line_assigned").earliest("pk")
    assert "Trade by word" in entry.why
    rule("cases.case_lines", "Leaks", ("intent", "is", "machine-leaks"), line_of_business=repairs.pk)
    come_in(subject="Leak", body="There is a puddle under the machine.", sender="Kim <kim@customer.example>")
    leak = Case.objects.get(title="Leak")
    assert leak.line_of_business == repairs
    assert "Leaks" in Entry.objects.filter(verb="case.changed", object_id=leak.pk).latest("pk").why
    assert leak.links.get().conversation.line_of_business == repairs


@pytest.mark.row("INT-A-6")
@pytest.mark.parametrize("name", ["intents.mail_lines", "intents.conversation_lines", "cases.case_lines"])
def test_a_line_has_at_most_one_rule_of_each_sort(name, rule, trade):
    kept = rule(name, "Trade", ("subject", "contains", "x"), line_of_business=trade.pk)
    section = sections.SECTIONS[name]
    row = {"id": None, "outcome": {"line_of_business": trade.pk}}
    assert "Trade" in section.check_rule(row)[0]
    assert section.check_rule({**row, "id": kept.pk}) == []
    assert Rule.objects.count() == 1
