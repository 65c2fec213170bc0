"""Canaries: every value of many records planted in its own thread; how many stand in stored drafts."""

import json
import random
import time
from typing import TYPE_CHECKING

from bench.ground import Ground
from bench.report import Table

if TYPE_CHECKING:
    from knowledge.transcripts import Transcript

FIRST = ["Marta", "Ivo", "Ellen", "Priya", "Jonas", "Aino", "Chloé", "Zoltán", "Siobhán", "Rafael", "Wacława", "Yuki",
         "Omar", "Nuria", "Björn", "Łukasz", "Ines", "Will", "Rose"]  # fmt: skip
LAST = ["Lindqvist", "Kowalczyk", "Brandt", "O'Neill", "Fontaine", "Haddad", "Szabó", "Gómez", "Sørby", "Price",
        "Tanaka", "de-Groot", "Nowak", "Field", "Ümit"]  # fmt: skip
STREETS = [
    "Storgatan {n}, 11122 Stockholm",
    "Lindenstraße {n}, 10115 Berlin",
    "{n} Mill Lane, York",
    "12 rue des Lilas {n}, 69003 Lyon",
]
SAID = [
    "Hello, this is {name}. My order {order} leaks, serial {serial}.\nMail {email} or call {phone}. {street}\n{name}",
    "hi, {first} from {company}. the machine ({serial}) shows a blinking drop and i paid with {card}. order {order}",
    "Dear team,\nrefund to {iban}; my customer number is {number}. The drop blinks.\n{name}\n{street}\n{phone}",
]
STEPS = ["Empty the tank and the drip tray", "Hold Steam and Rinse for five seconds", "Rinse with two full tanks"]
TAILS = ["", " as I told {first}", ", {name}", " (order {order})", " and mail {email}", " at {street}",
         " for {company}", " then call {phone}"]  # fmt: skip
LAST_STEP = "Press the left button until the lamp is green and wait two minutes before you brew the next cup."


def make_record(chance: random.Random, place: int) -> dict[str, str]:
    """Everything a record may know of one customer, each value found nowhere else."""
    first, last = chance.choice(FIRST), chance.choice(LAST)
    d = "".join(chance.choice("0123456789") for _ in range(16))
    return {
        "first": first,
        "last": last,
        "name": f"{first} {last}",
        "email": f"{first[0].lower()}.canary{place}@post{place}.example",
        "order": f"HR-{200000 + place}",
        "serial": f"D58-{10000 + place}",
        "phone": f"+46 70 {place:03} {d[:2]} {d[2:4]}",
        "company": f"Canary {last} {place} GmbH",
        "street": chance.choice(STREETS).format(n=place + 1),
        "card": f"4{d[:3]} {d[3:7]} {d[7:11]} {d[11:15]}",
        "iban": f"DE{d[:2]} {d[2:6]} {d[6:10]} {d[4:8]} {d[8:12]} {d[:2]}",
        "number": f"KD{700000 + place}",
    }


def make_transcript(record: dict[str, str], chance: random.Random, place: int) -> "Transcript":
    """A solved matter with the record's values in the question, the answer and the title."""
    from django.utils import timezone

    from agents.pii import Known
    from knowledge.transcripts import Transcript, Turn

    asked = chance.choice(SAID).format(**record)
    steps = [f"{step}{chance.choice(TAILS).format(**record)}." for step in STEPS]
    numbered = "\n".join(f"{number}. {step}" for number, step in enumerate([*steps, LAST_STEP], 1))
    answer = f"Hi {record['first']},\n\n{numbered}\n\nRegards,\nAnn Weber"
    kinds = {"name": "person"} | {name: name for name in ("email", "order", "serial", "company", "phone")}
    known = [Known(kind, record[name]) for name, kind in kinds.items()] + [Known("person", "Ann Weber")]
    return Transcript(
        source="canary",
        ident=place,
        closed_at=timezone.now(),
        label=f"Canary {place}",
        title=f"Blinking drop {record['order']}",
        turns=[Turn(2 * place + 1, "customer", asked), Turn(2 * place + 2, "us", answer)],
        known=known,
        language="en",
    )


def find_leaks(records: list[dict[str, str]], stored: list[str]) -> list[str]:
    """Values that stand in a stored text, the record's own text for its own values."""
    leaks = []
    for record, text in zip(records, stored, strict=True):
        flat = "".join(sign for sign in text if sign.isalnum()).casefold()
        for name, value in record.items():
            if name in ("first", "last"):
                found = f" {value} " in " ".join(text.replace(",", " ").replace(".", " ").split())
            else:
                found = "".join(sign for sign in value if sign.isalnum()).casefold() in flat
            if found:
                leaks.append(f"{name}: {value}")
    return leaks


def measure(ground: Ground) -> list[Table]:
    """Think every record through as the harvest does, and look for its values in what would be stored."""
    count = ground.size(1000, 60)
    chance = random.Random(ground.seed)
    records = [make_record(chance, place) for place in range(count)]
    with ground.database("canaries"):
        begun = time.perf_counter()
        kept = [_store(make_transcript(record, chance, place)) for place, record in enumerate(records)]
        seconds = time.perf_counter() - begun
    leaks = find_leaks(records, ["\n".join(texts) for texts in kept])
    table = Table(["records", "values planted", "drafts stored", "values in them", "aim", "records a second"])
    drafted = sum(len(texts) > 1 for texts in kept)
    values = sum(map(len, records))
    table.rows.append([count, values, drafted, f"**{len(leaks)}**" if leaks else 0, 0, f"{count / seconds:.0f}"])
    table.notes += [f"Left in: {leak}" for leak in leaks[:20]]
    return [table]


def _store(transcript: "Transcript") -> list[str]:
    """What the database would hold of it: what was removed, and the draft with its evidence where one passes."""
    from knowledge import gate, harvest

    values = {"attributes": ["title", "mails", "notes", "resolution"]}
    draft, answer, removed = harvest.think(transcript, values)
    kept = [json.dumps(removed)]
    if draft.decision != "none":
        payload = harvest.make_payload(transcript, draft, values)
        if not gate.list_personal(f"{payload.title}\n{payload.body}", transcript.known):
            kept += [payload.model_dump_json(), *(one.model_dump_json() for one in answer.evidence)]
    return kept
