"""What apps register is whole: kinds have pages and docs, sections have forms, sweeps have names."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.urls import reverse

from agents.kinds import KINDS, Kind
from agents.measures import MEASURES, list_courses, list_measures
from agents.outbox import HANDLERS
from agents.sections import AGENTS, SECTIONS
from agents.sweeps import SWEEPS

ROOT = Path(__file__).resolve().parents[2]
PATH = (ROOT / "docs" / "path.md").read_text()
OURS = [kind for name, kind in sorted(KINDS.items()) if not name.startswith("toy.")]


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.name)
def test_every_kind_is_whole(kind):
    get_template(kind.template)
    assert kind.section in SECTIONS
    assert kind.permission
    assert kind.bell
    assert kind.form or kind.editable, "nothing in it can be edited"
    for verb in ("visible", "fingerprint", "guard", "apply", "summary", "consequence"):
        assert getattr(type(kind), verb) is not getattr(Kind, verb), f"{verb} is nobody's"
    assert (type(kind).undo is not Kind.undo) == kind.can_undo
    assert f"### `{kind.name}`" in PATH


def test_every_section_belongs_to_an_agent_and_stands_in_the_docs():
    assert {section.agent for section in SECTIONS.values()} <= set(AGENTS)
    assert [name for name in SECTIONS if not name.startswith("toy.") and f"`{name}`" not in PATH] == []


@pytest.mark.parametrize("name", [name for name in sorted(SECTIONS) if not name.startswith("toy.")])
def test_every_section_has_a_page_for_administrators_and_for_nobody_else(client, people, name):
    section = SECTIONS[name]
    page = reverse("agents:manage_section", args=[section.agent, name.split(".")[1].replace("_", "-")])
    client.force_login(people["administrator"])
    shown = client.get(page)
    assert str(section.title) in shown.content.decode()
    client.force_login(people["representative"])
    assert client.get(page).status_code == 403


def test_every_effect_stands_in_the_docs():
    assert [kind for kind in HANDLERS if not kind.startswith("toy.") and f"### `{kind}`" not in PATH] == []


def test_sweeps_and_effects_are_found_at_start_up():
    assert {"conversations.read", "conversations.route", "cases.fields", "cases.replies", "knowledge.index"} <= set(
        SWEEPS
    )
    assert "conversations.send_mail" in HANDLERS


def test_every_measure_is_whole_and_the_hub_counts_nothing_of_its_own():
    assert {"opened", "decided", "follow_ups", "published", "outreach"} <= set(MEASURES)
    assert [one.name for one in list_measures() if not one.definition or (one.of and one.of not in MEASURES)] == []
    assert {name for names in list_courses() for name in names} <= set(MEASURES)
    assert "measures" not in {path.stem for path in (ROOT / "hub").glob("*.py")}


def test_every_variable_an_operator_may_set_is_in_the_docs():
    source = (ROOT / "config" / "settings.py").read_text()
    names = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", source))
    operating = (ROOT / "docs" / "operating.md").read_text()
    assert {name for name in names if f"`{name}`" not in operating} == set()
