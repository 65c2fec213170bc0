"""Identifiers and addresses: patterns that run in presidio's analyser without a language model."""

import logging
import re
from collections.abc import Iterator
from typing import Any

from agents.skills.loading import load_once

from .words import Found, tables

# An address this sure goes on in the lines that follow.
SURE_STREET = 0.55
BEFORE_STREET = 120

_YEARS = re.compile(
    r"(?:19|20)\d{2}\s?[-/.]\s?(?:19|20)?\d{2}|(?:\d{1,2}[-./ ]){2}(?:19|20)?\d{2}"
    r"|(?:19|20)\d{2}[-./ ]\d{1,2}[-./ ]\d{1,2}"
)
_AMOUNT_AFTER = re.compile(
    r"\s?(?:€|\$|£|%|eur\b|usd\b|chf\b|[km]?bps\b|px\b|mm\b|cm\b|kg\b|ms\b|[kmgt]b\b|x\s?\d)", re.I
)
_AMOUNT_BEFORE = re.compile(r"(?:€|\$|£|\beur|\busd|\bchf|\bv(?:ersion)?)\s?$", re.I)


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _passes_iban(text: str) -> bool:
    signs = re.sub(r"[\s-]", "", text).upper()
    return signs.isascii() and int("".join(str(int(sign, 36)) for sign in signs[4:] + signs[:4])) % 97 == 1


@load_once()
def _analyser() -> Any:
    """Presidio's analyser with our recognisers and no language engine; none of them asks the network."""
    from presidio_analyzer import AnalyzerEngine, LocalRecognizer, RecognizerRegistry, RecognizerResult
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    logging.getLogger("presidio-analyzer").setLevel(logging.WARNING)

    class Identifiers(LocalRecognizer):
        """All patterns of one kind; presidio's own recogniser knows no named span."""

        def load(self) -> None:
            """Nothing to load."""

        def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
            """Every span that passes the checks of its kind."""
            kind = self.supported_entities[0]
            return [RecognizerResult(kind, *span) for each in patterns[kind] for span in _spans(kind, text, *each)]

    patterns = tables()["patterns"]
    recognisers = [Identifiers(supported_entities=[kind], supported_language="en", name=kind) for kind in patterns]
    registry = RecognizerRegistry(recognizers=recognisers, supported_languages=["en"])
    empty = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}])
    return AnalyzerEngine(registry=registry, nlp_engine=empty, supported_languages=["en"])


def _spans(kind: str, text: str, expression: re.Pattern[str], score: float) -> Iterator[tuple[int, int, float]]:
    for match in expression.finditer(text):
        start, end = match.span("it") if "it" in expression.groupindex else match.span()
        if sure := _check(kind, text, start, end, score):
            yield start, end, sure


def _check(kind: str, text: str, start: int, end: int, score: float) -> float:
    """The score after the check of its kind; 0 when it is something else."""
    value = text[start:end]
    digits = re.sub(r"\D", "", value)
    if kind == "card":
        return 0.95 if _passes_luhn(digits) else score
    if kind == "iban":
        return 0.95 if _passes_iban(value) else score if sum(map(str.isdigit, value)) > 9 else 0
    if kind == "phone":
        if not 7 <= len(digits) <= 15 or _YEARS.fullmatch(value.strip()):
            return 0
        amount = _AMOUNT_AFTER.match(text, end) or _AMOUNT_BEFORE.search(text[max(0, start - 9) : start])
        return 0 if amount else score
    return score


def find_identifiers(text: str) -> list[Found]:
    """Every span that a pattern of ``pii.toml`` finds, addresses as far as they go. Presidio is imported here first."""
    if not re.search(r"\d|@|www|://|\(at\)|\[at\]", text, re.IGNORECASE):
        return []
    results = _analyser().analyze(text=text, language="en")
    return [_whole_address(text, one) if one.entity_type == "address" else _as_found(one) for one in results]


def _as_found(result: Any) -> Found:
    return Found(result.start, result.end, result.entity_type, round(result.score, 2))


def _whole_address(text: str, result: Any) -> Found:
    start, end = result.start, result.end
    if result.score >= SURE_STREET:
        before = tables()["comes_before"].search(text[max(0, start - BEFORE_STREET) : start])
        rest = tables()["goes_on"].match(text, end)
        start, end = start - len(before[0]) if before else start, rest.end() if rest else end
    return Found(start, end, "address", round(result.score, 2))
