"""What the tests of the agents share: a section that is on, a person who decides, a thing to decide about."""

import pytest
from django.contrib.auth import get_user_model

from agents.models import SectionSetting
from agents.proposals import Proposal, propose
from tests.toy import effects
from tests.toy.models import Thing
from tests.toy.suggestions import NotePayload, PartsPayload, SendNote


@pytest.fixture(autouse=True)
def empty_outside():
    for script in (effects.RECEIVED, effects.ANSWERS, effects.VERDICT):
        script.clear()
    effects.EVIDENCE.clear()


@pytest.fixture
def section(db):
    return SectionSetting.objects.create(section="toy.section", is_on=True, level="ask")


@pytest.fixture
def ann(db):
    return get_user_model().objects.create(email="ann@haldenroe.example", name="Ann Weber", is_superuser=True)


@pytest.fixture
def bob(db):
    return get_user_model().objects.create(email="bob@haldenroe.example", name="Bob Adeyemi", is_superuser=True)


@pytest.fixture
def thing(db):
    return Thing.objects.create(title="Grinder")


@pytest.fixture
def suggest(section):
    """Propose a note about a thing; returns the suggestion or None."""

    def make(thing, text="Hello", **fields):
        proposal = Proposal(payload=NotePayload(text=text), fingerprint=SendNote().fingerprint(thing), **fields)
        made = propose("toy.send_note", thing, proposal)
        return made[0] if made else None

    return make


@pytest.fixture
def fill(section):
    """Propose columns of a thing with a wanted level each; returns the suggestions."""

    def make(thing, values, levels):
        thing.refresh_from_db()
        from agents.kinds import get_kind

        proposal = Proposal(
            payload=PartsPayload(values=values),
            fingerprint=get_kind("toy.fill").fingerprint(thing),
            part_levels=levels,
        )
        return propose("toy.fill", thing, proposal)

    return make
