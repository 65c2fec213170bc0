"""Fields of the sample's mails: what would be suggested and written at the default bars, and how often it is right."""

from collections.abc import Iterator

from agents import skills
from bench.quality.answers import calibration_error
from cases.asking import ConfirmedExample, FieldOption, FieldTarget, MessageText, PredictedField, PredictFields
from conversations.parse import parse
from hub import sample

SUGGEST, FILL = 0.5, 0.85
NAMES = ("product", "category", "type", "priority", "order_number", "serial_number")


def rows() -> Iterator[tuple[str, str, str]]:
    """One row per field; the solved cases are the examples, every inbound mail of a person is asked alone."""
    found = _predicted()
    for name in NAMES:
        yield (
            f"fields, {len(found)} mails of the sample",
            name,
            _line([(one[name], right[name]) for one, right in found]),
        )


def _predicted() -> list[tuple[dict[str, PredictedField], dict[str, str | None]]]:
    examples, targets = confirmed_examples(), field_targets()
    rows = []
    for mail in sample.read_mails():
        if (
            mail.direction == "inbound"
            and mail.nature == "person"
            and (mail.expected.category or mail.expected.product)
        ):
            read = parse(mail.raw)
            message = MessageText(id=1, text=read.newest_text, subject=read.subject)
            question = PredictFields(messages=[message], fields=targets, examples=examples[mail.mailbox])
            answer = skills.run("cases.predict_fields", question).output.fields
            rows.append(({one.name: one for one in answer}, mail.expected.model_dump()))
    return rows


def confirmed_examples() -> dict[str, list[ConfirmedExample]]:
    """By mailbox, the solved cases of its line of business, as people confirmed them."""
    history = sample.read_history()
    found = {}
    for mailbox in sample.read_company().mailboxes:
        found[mailbox.address] = [
            ConfirmedExample(
                case=at, label=case.subject, text=f"{case.subject}\n{case.text}",
                values={name: value for name in NAMES[:4] if (value := getattr(case, name))},
            )
            for at, case in enumerate(history, 1) if case.line_of_business == mailbox.line_of_business
        ]  # fmt: skip
    return found


def field_targets() -> list[FieldTarget]:
    """The sample's class fields with their options, and the two numbers."""
    known = sample.read_products()
    products = [
        FieldOption(value=one.slug, label=one.name, description=one.description, aliases=one.aliases)
        for one in known.products
    ]
    classes = {"category": known.categories, "type": known.types, "priority": known.priorities}
    return [
        FieldTarget(name="product", type="lookup", options=products),
        *(
            FieldTarget(
                name=name, type="lookup" if name == "category" else "choice",
                options=[FieldOption(value=one.slug, label=one.name, description=one.description) for one in options],
            )
            for name, options in classes.items()
        ),
        FieldTarget(name="order_number", label="Order number", pattern=known.order_number_pattern.strip("\\b")),
        FieldTarget(
            name="serial_number", label="Serial number",
            shapes=[one.serial_pattern for one in known.products if one.serial_pattern],
        ),
    ]  # fmt: skip


def _line(judged: list[tuple[PredictedField, str | None]]) -> str:
    """Coverage and precision above each bar; a value where a careful reader says nothing counts as wrong."""
    wanted = sum(right is not None for _, right in judged)
    parts = []
    for bar, word in ((SUGGEST, "suggested"), (FILL, "written")):
        told = [(one.value == right) for one, right in judged if one.value is not None and one.confidence >= bar]
        share = f"{sum(told) / len(told):.0%}" if told else "–"
        parts.append(f"{word} {len(told)}, right {share}")
    given = [(one.confidence, one.value == right) for one, right in judged if one.value is not None]
    error = calibration_error([sure for sure, _ in given], [right for _, right in given])
    first = sum(right for _, right in given)
    return f"{wanted} say it; best guess right {first}; {'; '.join(parts)}; calibration error {error:.2f}"
