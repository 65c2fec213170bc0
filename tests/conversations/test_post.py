"""Mails of many clients and languages, each beside what must be read in it."""

import json
from pathlib import Path
from typing import Any

import pytest

from conversations.parse import parse

POST = Path(__file__).resolve().parents[1] / "post"
OWN = {"own_addresses": frozenset({"support@deskhand.example"}), "own_domain": "deskhand.example"}


@pytest.mark.row("DESK-25")
@pytest.mark.parametrize("path", sorted(POST.glob("*.eml")), ids=lambda path: path.stem)
def test_a_mail_is_read_as_its_expectation_says(path: Path) -> None:
    message = parse(path.read_bytes(), **OWN).model_dump(mode="json", exclude={"attachments": {"__all__": {"content"}}})
    expected: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    attachments = expected.pop("attachments", None)
    assert {key: message[key] for key in expected} == expected
    if attachments is not None:
        found = [
            {key: item[key] for key in want} for item, want in zip(message["attachments"], attachments, strict=True)
        ]
        assert found == attachments


def test_there_are_mails_enough_to_be_a_proof() -> None:
    assert len(list(POST.glob("*.eml"))) >= 60
