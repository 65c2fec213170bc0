"""The agent fills what it can point to; two bars and the rules say what it writes and what it asks."""

import datetime as dt

import pytest

from agents.models import Rule, Suggestion
from agents.sections import SECTIONS, configuring
from agents.suggestions import accept, undo
from cases import filling
from cases.fields import case_fields, set_fields
from cases.lifecycle import lock_case
from cases.models import Case, CaseMessage, FieldDefinition, FieldMark, FieldOption
from cases.timeline import timeline_of
from conversations.models import Message
from knowledge.models import Product
from tests.conversations.mails import NOON

BODY = "Hello, my Duo 58 leaks. The order is HR-204118. Regards, Ellen"
ORDER = {"field": "order_number", "suggest": 0.3, "fill": 0.8, "pattern": r"HR-\d{6}"}
PRODUCT = {"field": "product", "suggest": 0.3, "fill": 0.8, "pattern": ""}


@pytest.fixture
def leaking(come_in, catalogue):
    return Case.objects.get(message_links__message=come_in(subject="Leak", body=BODY))


def think(case, now=NOON):
    return filling.suggest_fields(Case.objects.get(pk=case.pk), now=now)


def state(case):
    case.refresh_from_db()
    return case.product and case.product.name, case.order_number


@pytest.mark.row("CMA-B-23")
def test_over_the_upper_bar_it_writes_between_the_bars_it_asks(leaking, switch, ann):
    switch("cases.fields", "auto", fields=[ORDER, {**PRODUCT, "fill": 1.01}])
    think(leaking)
    assert state(leaking) == (None, "HR-204118")
    asked = Suggestion.objects.get(state="pending")
    assert [item["name"] for item in asked.proposed["fields"]] == ["product"]
    assert leaking.waiting_kinds == ["cases.fill_fields"]
    accept(asked.pk, by=ann)
    assert state(leaking) == ("Halden Duo 58", "HR-204118")
    assert leaking.waiting_kinds == []


@pytest.mark.row("DESK-29")
def test_every_written_value_has_the_words_it_came_from(leaking, switch):
    switch("cases.fields", "auto", fields=[ORDER])
    think(leaking)
    mark = FieldMark.objects.get(case=leaking, field="order_number")
    (words,) = [item for item in mark.evidence if item["kind"] == "words"]
    message = leaking.message_links.get().message
    assert (mark.set_by, message.newest_text[words["start"] : words["end"]]) == ("agent", "HR-204118")


@pytest.mark.row("CMA-B-4")
def test_what_has_no_source_is_not_written(come_in, catalogue, switch):
    switch("cases.fields", "auto", fields=[ORDER, PRODUCT])
    case = Case.objects.get(message_links__message=come_in(subject="Hello", body="I have a question about delivery."))
    think(case)
    assert state(case) == (None, "")
    assert Suggestion.objects.count() == 0


@pytest.mark.row("CMA-B-14")
def test_what_a_person_set_is_left_alone_unless_the_settings_allow_it(leaking, switch, ann):
    set_fields(lock_case(leaking.pk), {"order_number": "HR-999999"}, by=ann)
    switch("cases.fields", "auto", fields=[ORDER])
    think(leaking)
    assert state(leaking)[1] == "HR-999999"
    Case.objects.update(fields_seen=0)
    switch("cases.fields", "auto", fields=[ORDER], overwrite_people=True)
    think(leaking)
    assert state(leaking)[1] == "HR-204118"
    entry = [e for e in leaking_entries(leaking) if e.changes][-1]
    assert (entry.changes[0]["old"], entry.changes[0]["new"]) == ("HR-999999", "HR-204118")


def leaking_entries(case):
    from agents.models import Entry

    return list(Entry.objects.filter(object_id=case.pk, verb="case.changed").order_by("id"))


@pytest.mark.row("CMA-B-10", "CMA-B-11")
def test_later_mails_update_only_what_the_first_matching_rule_allows(leaking, come_in, switch, rule):
    switch("cases.fields", "auto", fields=[ORDER, PRODUCT])
    think(leaking)
    first = leaking.message_links.get().message
    come_in(in_reply_to=first.message_id, body="Sorry, the order is HR-204119.", date=NOON + dt.timedelta(hours=1))
    assert think(leaking) == []
    assert state(leaking)[1] == "HR-204118"
    rule(
        "cases.fields",
        "Nothing for waiting",
        ("status_reason", "is", "waiting"),
        order=1,
        level="auto",
        fields=["product"],
    )
    rule("cases.fields", "Orders", ("status", "is", "open"), order=2, level="auto", fields=["order_number"])
    Case.objects.update(fields_seen=first.pk)
    think(leaking)
    assert state(leaking)[1] == "HR-204119"


@pytest.mark.row("CMA-B-5")
@pytest.mark.row("CMA-B-6")
def test_a_rule_opens_the_case_and_the_agent_hears_urgency_and_leaves_the_rules_values(
    come_in, catalogue, switch, rule, ann
):
    switch("cases.creation")
    rule("cases.creation", "Bills", ("text", "contains", "order"), open=True, defaults={"category": "billing"})
    body = "Hello,\n\nURGENT: my Duo 58 has a machine fault. The order is HR-204118.\n\nThanks a lot"
    messages = [come_in(subject="Fault", body=text) for text in (body, body.replace("The order is HR-204118.", ""))]
    cases = [Case.objects.get(message_links__message=message) for message in messages]
    assert [(case.category, case.priority, case.order_number) for case in cases] == [
        ("billing", "normal", ""), ("", "normal", ""),
    ]  # fmt: skip
    low = {"suggest": 0.1, "fill": 0.2, "pattern": ""}
    names = ("category", "priority", "description")
    switch("cases.fields", "auto", fields=[ORDER, *({"field": name, **low} for name in names)])
    for case in cases:
        think(case)
        case.refresh_from_db()
    assert [(case.category, case.priority, case.order_number) for case in cases] == [
        ("billing", "urgent", "HR-204118"), ("fault", "urgent", ""),
    ]  # fmt: skip
    assert [mark.set_by for mark in FieldMark.objects.filter(field="category").order_by("case")] == ["rule", "agent"]
    assert "machine fault" in cases[0].description
    assert "Thanks" not in cases[0].description
    shown = timeline_of(cases[0], ann)
    assert {item.kind for item in shown} == {"message", "entry"}
    noted = next(item.row for item in shown if item.kind == "entry" and item.row.verb == "case.changed")
    assert (noted.agent, {change["label"] for change in noted.changes} >= {"Priority", "Order number"}) == (
        "case-management", True,
    )  # fmt: skip


@pytest.mark.row("CMA-B-7")
def test_every_type_of_field_is_filled_from_the_mail(come_in, catalogue, switch):
    for name, label, kind in (
        ("cups", "Number of cups", "integer"), ("warranty", "Warranty", "boolean"), ("paid", "Paid", "currency"),
        ("second_address", "Other address", "email"), ("bought", "Bought on", "date"), ("shop", "Shop", "choice"),
        ("contract", "Contract", "text"),
    ):  # fmt: skip
        FieldDefinition.objects.create(name=name, label=label, type=kind)
    FieldOption.objects.create(field="shop", value="web", label="Web shop")
    FieldOption.objects.create(field="shop", value="bern", label="Bern branch")
    body = (
        "Hello,\n\nmy Duo 58 leaks. The number of cups is 120. It is still under warranty. I paid 249,50 € for it on"
        " 3 May 2026 in the web shop. The contract is C-4711. Write to jo@other.example as well.\n\nThanks a lot"
    )
    case = Case.objects.get(message_links__message=come_in(subject="Leak", body=body))
    custom = list(FieldDefinition.objects.values_list("name", flat=True))
    wanted = [*custom, "product", "description", "title"]
    switch("cases.fields", "auto", fields=[{"field": name, "suggest": 0.1, "fill": 0.2} for name in wanted])
    think(case)
    case.refresh_from_db()
    assert case.custom == {
        "cups": 120, "warranty": "true", "paid": "249.50", "second_address": "jo@other.example",
        "bought": "2026-05-03", "shop": "web", "contract": "C-4711",
    }  # fmt: skip
    assert (case.product.name, "Thanks" in case.description, "number of cups" in case.description) == (
        "Halden Duo 58", False, True,
    )  # fmt: skip


@pytest.mark.row("CMA-B-15")
@pytest.mark.row("CMA-B-18")
def test_update_rules_are_records_and_look_at_age_fields_and_channel(leaking, switch, catalogue, ann):
    section, every = SECTIONS["cases.fields"], ["product", "priority", "order_number"]
    switch("cases.fields", "auto", fields=[{**PRODUCT, "field": name} for name in every])

    def add(name, fields, *leaves):
        tree = {"join": "all", "items": [{"fact": fact, "op": op, "value": value} for fact, op, value in leaves]}
        draft = configuring.RuleDraft(None, name, tree, outcome={"fields": fields}, level="auto", is_active=True)
        configuring.save_rule(section, draft, by=ann)
        return Rule.objects.get(section=section.name, name=name)

    made = [
        add("Old and high", ["order_number"], ("age", "over", "1 minute"), ("priority", "is", "high")),
        add("Faults", every, ("category", "is", "fault")),
        add("Chats", ["product"], ("origin", "is", "chat")),
    ]
    assert [(row.order, row.outcome["fields"], row.line_of_business) for row in made] == [
        (at + made[0].order, row.outcome["fields"], None) for at, row in enumerate(made)
    ]
    with pytest.raises(configuring.Invalid):
        add("Faults", every, ("category", "is", "fault"))
    Case.objects.update(fields_seen=1, created_at=NOON)
    CaseMessage.objects.create(case=leaking, message=message_like(leaking.last_inbound))

    def planned(at=NOON, **values):
        Case.objects.update(**{"priority": "normal", "category": "", "origin": "mail", **values})
        plan = filling.plan_fields(Case.objects.get(pk=leaking.pk), now=at)
        return plan.rule.name if plan.rule else None, sorted(plan.bars)

    later = NOON + dt.timedelta(minutes=2)
    assert planned(at=later, priority="high") == ("Old and high", ["order_number"])
    assert planned(at=NOON + dt.timedelta(seconds=30), priority="high") == (None, [])
    assert planned(at=later, category="fault") == ("Faults", sorted(every))
    assert planned(at=later, origin="chat") == ("Chats", ["product"])


def message_like(message):
    """Another mail of the same customer in the same conversation."""
    return Message.objects.create(
        conversation=message.conversation, direction="in", identity="again", newest_text="Again", received_at=NOON
    )


def test_the_same_proposal_is_not_made_twice(leaking, switch):
    switch("cases.fields", "ask", fields=[ORDER])
    one = think(leaking)
    Case.objects.update(fields_seen=0)
    assert [s.pk for s in think(leaking)] == [s.pk for s in one]
    assert Suggestion.objects.count() == 1


@pytest.mark.row("DESK-19")
def test_undo_puts_the_old_value_back_where_nobody_changed_it_since(leaking, switch, ann):
    switch("cases.fields", "ask", fields=[ORDER, PRODUCT])
    (asked,) = think(leaking)
    accept(asked.pk, by=ann)
    set_fields(lock_case(leaking.pk), {"order_number": "HR-000001"}, by=ann)
    undo(asked.pk, by=ann)
    assert state(leaking) == (None, "HR-000001")


def test_a_new_mail_withdraws_what_was_proposed_for_the_old_one(leaking, come_in, switch, rule):
    switch("cases.fields", "ask", fields=[ORDER])
    rule("cases.fields", "Orders", ("status", "is", "open"), level="ask", fields=["order_number"])
    (asked,) = think(leaking)
    first = leaking.message_links.get().message
    come_in(in_reply_to=first.message_id, body="Sorry, it is HR-204119.", date=NOON + dt.timedelta(hours=1))
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("withdrawn", "The customer wrote again.")
    (again,) = think(leaking)
    assert again.proposed["fields"][0]["value"] == "HR-204119"


@pytest.mark.parametrize("level", ["off", "observe"])
def test_switched_off_or_observing_nothing_is_written(leaking, switch, level):
    switch("cases.fields", level, fields=[ORDER])
    think(leaking)
    assert state(leaking)[1] == ""
    assert Suggestion.objects.filter(state="pending").count() == 0
    assert Suggestion.objects.filter(state="observed").count() == (1 if level == "observe" else 0)


def test_classes_are_learned_from_confirmed_cases(come_in, catalogue, switch, ann, queue):
    from cases.intake import open_case

    faults = ["The pump leaks and drips", "Water leaks from the boiler", "It leaks under the tank", "Leaks again"]
    texts = [
        *faults,
        "You charged me twice",
        "Invoice is wrong, charged too much",
        "Refund the charge",
        "Charged again",
    ]
    for place, text in enumerate(texts):
        case = open_case(title=text, description=text, by=None, now=NOON)
        set_fields(lock_case(case.pk), {"category": "fault" if place < 4 else "billing"}, by=ann)
    switch("cases.fields", "ask", fields=[{"field": "category", "suggest": 0.2, "fill": 0.99, "pattern": ""}])
    case = Case.objects.get(message_links__message=come_in(subject="Charged twice", body="I was charged twice in May."))
    (asked,) = think(case)
    assert asked.proposed["fields"][0]["value"] == "billing"
    (examples,) = [item for item in asked.evidence if item["kind"] == "examples"]
    assert len(examples["subjects"]) >= 3


def test_a_title_that_a_person_wrote_takes_no_example_the_place(come_in, catalogue, ann):
    from cases.intake import open_case

    fields = [case_fields()[name] for name in ("title", "serial_number", "category")]
    for values in ({"title": "Another"}, {"serial_number": "D58-11020"}, {"category": "fault"}):
        case = open_case(title="Leak", description="Leak", by=None, now=NOON)
        set_fields(lock_case(case.pk), values, by=ann)
    asked = Case.objects.get(message_links__message=come_in(subject="Leak", body="It leaks."))
    told = [one.values for one in filling.confirmed_examples(asked, fields)]
    assert {"serial_number": "D58-11020"} in told
    assert not [values for values in told if "title" in values or not values]


def test_numbers_that_people_confirmed_show_what_the_next_one_looks_like(come_in, catalogue, switch, ann):
    from cases.intake import open_case

    switch("cases.fields", "ask", fields=[{"field": "serial_number", "suggest": 0.5, "fill": 0.9, "pattern": ""}])
    for value in ("D58-11020", "S30-11924", "D54-20417"):
        case = open_case(title="Leak", description="Leak", by=None, now=NOON)
        set_fields(lock_case(case.pk), {"serial_number": value}, by=ann)
    case = Case.objects.get(message_links__message=come_in(subject="Leak", body="My Duo 58 (D58-14402) leaks."))
    (asked,) = think(case)
    assert asked.proposed["fields"][0]["value"] == "D58-14402"


@pytest.mark.row("DESK-512")
def test_the_catalogue_says_what_serial_numbers_look_like(come_in, catalogue, switch):
    switch("cases.fields", "ask", fields=[{"field": "serial_number", "suggest": 0.5, "fill": 0.9, "pattern": ""}])
    product = Product.objects.order_by("pk").first()
    for pattern, found in (("(", []), (r"\bD58-\d{5}\b", ["D58-14402"])):
        Product.objects.filter(pk=product.pk).update(serial_pattern=pattern)
        said = {"subject": f"Leak {pattern}", "message_id": f"<{len(found)}@x.example>"}
        mail = come_in(body="My Duo 58 (D58-14402) leaks.", **said)
        asked = think(Case.objects.get(message_links__message=mail))
        assert [each["value"] for one in asked for each in one.proposed["fields"]] == found
