"""What apps register is whole: kinds have pages and docs, sections have forms, sweeps have names."""

from pathlib import Path

import pytest
from django.template.loader import get_template

from agents.kinds import KINDS
from agents.outbox import HANDLERS
from agents.sections import AGENTS, SECTIONS
from agents.sweeps import SWEEPS

ROOT = Path(__file__).resolve().parents[2]
OURS = [kind for name, kind in sorted(KINDS.items()) if not name.startswith("toy.")]


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.name)
def test_every_kind_has_a_template_a_section_a_permission_and_a_heading_in_the_docs(kind):
    get_template(kind.template)
    assert kind.section in SECTIONS
    assert kind.permission
    assert f"`{kind.name}`" in (ROOT / "docs" / "path.md").read_text()


def test_every_section_belongs_to_an_agent_that_people_see():
    assert {section.agent for section in SECTIONS.values()} <= set(AGENTS)


def test_sweeps_and_effects_are_found_at_start_up():
    assert {"conversations.read", "conversations.route", "cases.fields", "cases.replies", "knowledge.index"} <= set(
        SWEEPS
    )
    assert "conversations.send_mail" in HANDLERS


def test_every_variable_an_operator_may_set_is_in_the_docs():
    import re

    source = (ROOT / "config" / "settings.py").read_text()
    names = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", source))
    operating = (ROOT / "docs" / "operating.md").read_text()
    assert {name for name in names if f"`{name}`" not in operating} == set()
