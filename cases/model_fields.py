"""Fields as a language model reads them: numbered, each value with the customer's own words for it. Pure."""

import re

from pydantic import BaseModel, Field

from agents.evidence import Evidence, Words
from agents.skills import Material
from cases.asking import FieldTarget, MessageText, PredictedField, PredictedFields, PredictFields

# What a model may copy or choose; the others keep the methods of the local engine.
COPIED, CHOSEN = ("text", "integer", "currency", "email"), ("choice", "lookup")
OWN_METHODS = ("title", "description")
MOST_OPTIONS, MOST_WORDS = 80, 400
# Both engines say the same; the model alone; the two differ.
AGREED, ALONE, AGAINST = 0.92, 0.75, 0.5


class WrittenField(BaseModel):
    """A field by number, the message by number, the words that say it, and the value or the number of the option."""

    field: int
    message: int
    words: str
    value: str = ""
    option: int = 0


class WrittenFields(BaseModel):
    """What a model fills."""

    found: list[WrittenField] = Field(default=[], max_length=60)


def askable(question: PredictFields) -> list[FieldTarget]:
    """The fields a model is asked for, in the order of their numbers."""
    return [one for one in question.fields if one.type in (*COPIED, *CHOSEN) and one.name not in OWN_METHODS]


def show_fields(question: PredictFields) -> Material:
    """The messages by number; the fields with their options are our own words. Nothing when there is nothing to ask."""
    fields = askable(question)
    if not fields or not question.messages:
        return Material()
    texts = {f"message {number}": _shown(one) for number, one in enumerate(question.messages, 1)}
    known = [("person", one.sender_name) for one in question.messages]
    known += [("email", one.sender) for one in question.messages]
    listed = "\n".join(_describe(number, one) for number, one in enumerate(fields, 1))
    return Material(texts, {"fields": listed}, list(dict.fromkeys(pair for pair in known if pair[1])))


def _shown(message: MessageText) -> str:
    who = "the customer" if message.direction == "in" else "us"
    return f"From {who}, {message.day}. Subject: {message.subject}\n\n{message.text}"


def _describe(number: int, field: FieldTarget) -> str:
    lines = [f"{number}. {field.label or field.name} ({field.type}). {field.description}".strip()]
    for at, option in enumerate(field.options[:MOST_OPTIONS], 1):
        names = ", ".join([option.label, *option.aliases])
        lines.append(f"   option {at}: {names}. {option.description}".rstrip(". "))
    return "\n".join(lines)


def check_fields(question: PredictFields, written: WrittenFields) -> list[str]:
    """A number not given, words the customer did not write, a value that is not in the words or no option."""
    fields, reasons = askable(question), []
    for at, one in enumerate(written.found, 1):
        if not 1 <= one.field <= len(fields):
            reasons.append(f"entry {at}: there is no field {one.field}")
        elif find_words(question, one) is None:
            reasons.append(f"entry {at}: message {one.message} of the customer does not hold these words")
        else:
            why = _wrong_value(fields[one.field - 1], one)
            reasons += [f"entry {at}: {why}"] if why else []
    return reasons


def _wrong_value(field: FieldTarget, one: WrittenField) -> str:
    if field.type in CHOSEN:
        fits = 1 <= one.option <= min(len(field.options), MOST_OPTIONS)
        return "" if fits else f"field {one.field} has no option {one.option}"
    value = one.value.strip()
    if not value or value.casefold() not in one.words.casefold():
        return "the value does not stand in the words"
    if field.pattern and not re.fullmatch(field.pattern, value):
        return "the value is not of the form that the field wants"
    if field.type in ("integer", "currency") and _number(value, field.type) is None:
        return "the value is no number"
    return ""


def find_words(question: PredictFields, one: WrittenField) -> Words | None:
    """The words where they stand in a message of the customer; white space may differ."""
    if not 1 <= one.message <= len(question.messages) or not one.words.strip() or len(one.words) > MOST_WORDS:
        return None
    message = question.messages[one.message - 1]
    found = re.search(r"\s+".join(map(re.escape, one.words.split())), message.text, re.IGNORECASE)
    if found is None or message.direction != "in":
        return None
    return Words(message=message.id, start=found.start(), end=found.end(), text=found.group())


def ground_fields(question: PredictFields, written: WrittenFields, local: PredictedFields) -> PredictedFields:
    """The local engine's fields, with the model's values where it found one: surer where both say the same."""
    fields = askable(question)
    said = {fields[one.field - 1].name: (fields[one.field - 1], one) for one in written.found}
    return PredictedFields(fields=[_merge(question, one, *said.get(one.name, (None, None))) for one in local.fields])


def _merge(
    question: PredictFields, local: PredictedField, field: FieldTarget | None, one: WrittenField | None
) -> PredictedField:
    words = find_words(question, one) if one else None
    if field is None or one is None or words is None:
        return local
    option = field.options[one.option - 1] if field.type in CHOSEN else None
    value = option.value if option else _number(one.value, field.type) or one.value.strip()
    shown = option.label if option else one.value.strip()
    if local.value is not None and local.value.casefold() == value.casefold():
        return local.model_copy(update={"confidence": max(local.confidence, AGREED)})
    sure = ALONE if local.value is None else AGAINST
    evidence: list[Evidence] = [words.model_copy(update={"part": field.name})]
    return PredictedField(name=field.name, value=value, shown=shown, confidence=sure, evidence=evidence)


def _number(text: str, kind: str) -> str | None:
    """Digits with a point; None for what is no number. For other kinds than numbers None as well."""
    if kind not in ("integer", "currency"):
        return None
    digits = re.sub(r"[^\d.,-]", "", text).rstrip(".,")
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0 and len(digits) - last - 1 == 2 and kind == "currency":
        digits = re.sub(r"[.,]", "", digits[:last]) + "." + digits[last + 1 :]
    else:
        digits = re.sub(r"[.,]", "", digits)
    return digits if re.fullmatch(r"-?\d+(?:\.\d+)?", digits) else None
