"""Personal data: how much of it is found, and how much else is taken for it; beside presidio's own recognisers."""

import csv
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from agents import pii

ROOT = Path(__file__).resolve().parents[2]
HARD = ("CREDIT_CARD", "IBAN_CODE", "US_SSN", "EMAIL_ADDRESS", "IP_ADDRESS", "DOMAIN_NAME", "US_DRIVER_LICENSE")
GROUPS = {**dict.fromkeys(HARD, "hard identifiers"), "PHONE_NUMBER": "phone numbers", "PERSON": "persons",
          "STREET_ADDRESS": "street addresses"}  # fmt: skip
GOALS = {"hard identifiers": "; floor 99 %, aim 100 %", "phone numbers": "; floor 95 %, aim 98 %",
         "persons": "; floor 90 %, aim 97 %", "other": "; floor 1.0 %, aim 0.5 %"}  # fmt: skip
Spans = list[tuple[int, int]]
Finder = Callable[[str, list[pii.Known]], Spans]


def ours(text: str, known: list[pii.Known]) -> Spans:
    return [(one.start, one.end) for one in pii.find(text, known=known)]


def raw_presidio() -> Finder:
    """Presidio's own recognisers of the same kinds, no language engine, and the known names as a deny-list."""
    import tldextract.tldextract
    from presidio_analyzer import AnalyzerEngine, PatternRecognizer, RecognizerRegistry
    from presidio_analyzer import predefined_recognizers as own
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
    kinds = (own.CreditCardRecognizer, own.IbanRecognizer, own.UsSsnRecognizer, own.EmailRecognizer, own.IpRecognizer,
             own.UrlRecognizer, own.UsLicenseRecognizer, own.PhoneRecognizer, own.DateRecognizer)  # fmt: skip
    engine = AnalyzerEngine(
        registry=RecognizerRegistry(recognizers=[kind() for kind in kinds], supported_languages=["en"]),
        nlp_engine=NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}]),
        supported_languages=["en"],
    )

    def find(text: str, known: list[pii.Known]) -> Spans:
        words = [word for item in known for word in [item.value, *item.value.split()]]
        lists = [PatternRecognizer("KNOWN", deny_list=words)] if words else []
        found = engine.analyze(text, "en", ad_hoc_recognizers=lists)
        return [(one.start, one.end) for one in found]

    return find


def contact_of(row: dict[str, Any]) -> list[pii.Known]:
    """The first person of a text is the contact: the only one the record knows."""
    people = [span for span in row["spans"] if span["entity_type"] == "PERSON"]
    first = min(people, key=lambda span: span["start_position"], default=None)
    return [pii.Known("person", first["entity_value"])] if first else []


def measure(rows: list[dict[str, Any]], find: Finder, misses: list[str] | None = None) -> tuple[Counter, float, float]:
    """Found and all per group, the share of other words masked, and texts per second."""
    counts: Counter = Counter()
    start = time.perf_counter()
    found = [find(row["full_text"], contact_of(row)) for row in rows]
    speed = len(rows) / (time.perf_counter() - start)
    for row, spans in zip(rows, found, strict=True):
        text, labelled = row["full_text"], set()
        covered = {at for start, end in spans for at in range(start, end)}
        for span in row["spans"]:
            place = range(span["start_position"], span["end_position"])
            labelled |= set(place)
            group = GROUPS.get(span["entity_type"])
            if group is None:
                continue
            counts[group, "all"] += 1
            whole = all(at in covered for at in place if text[at].isalnum())
            counts[group, "found"] += whole
            if not whole and misses is not None:
                misses.append(f"{span['entity_type']}: {span['entity_value']!r} in {text!r}")
        for word in re.finditer(r"\w+", text):
            if word.start() not in labelled:
                counts["other", "all"] += 1
                counts["other", "found"] += word.start() in covered
    return counts, counts["other", "found"] / max(counts["other", "all"], 1), speed


def masked_share(texts: list[str], find: Finder) -> float:
    """The share of words masked in texts without personal data."""
    masked = total = 0
    for text in texts:
        covered = {at for start, end in find(text, []) for at in range(start, end)}
        words = list(re.finditer(r"\w+", text))
        masked += sum(word.start() in covered for word in words)
        total += len(words)
    return masked / max(total, 1)


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """A row per measure: ours, raw presidio in the same run."""
    file = folder / "pii" / "synth_dataset_v2.json"
    if not file.exists():
        return
    texts = json.loads(file.read_text(encoding="utf-8"))
    theirs = raw_presidio()
    ours("warm 030 1234567", [])
    counts, other, speed = measure(texts, ours)
    their_counts, their_other, their_speed = measure(texts, theirs)
    for group in dict.fromkeys(GROUPS.values()):
        mine = counts[group, "found"] / counts[group, "all"]
        raw = their_counts[group, "found"] / counts[group, "all"]
        goal = GOALS.get(group, "")
        yield "personal data", f"{group} found whole, contact known", f"{mine:.1%} (presidio {raw:.1%}{goal})"
    yield (
        "personal data",
        "words masked that carry no label",
        f"{other:.2%} (presidio {their_other:.2%}{GOALS['other']})",
    )
    banking = folder / "intents" / "banking77" / "train.csv"
    if banking.exists():
        with banking.open(encoding="utf-8", newline="") as lines:
            questions = [row[0] for row in csv.reader(lines)][1::4]
        mine, raw = masked_share(questions, ours), masked_share(questions, theirs)
        yield "personal data", "words of bank questions masked", f"{mine:.2%} (presidio {raw:.2%}{GOALS['other']})"
    articles = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "sample" / "articles").glob("*.md"))]
    mine, raw = masked_share(articles, ours), masked_share(articles, theirs)
    yield "personal data", "words of the sample's articles masked", f"{mine:.2%} (presidio {raw:.2%}{GOALS['other']})"
    products = json.loads((ROOT / "sample" / "products.json").read_text(encoding="utf-8"))["products"]
    named = [f"My {name} drips. The {name} is new." for one in products for name in [one["name"], *one["aliases"]]]
    yield (
        "personal data",
        f"names in the sample's catalogue masked, of {len(named)}",
        str(sum(map(bool, map(pii.find, named)))),
    )
    yield "personal data", "texts per second", f"{speed:.0f} (presidio {their_speed:.0f})"
