"""A library is learned once for each version, by whatever learns now."""

import pytest

from intents import learning, recognition
from intents.models import TrainedLibrary
from tests.conversations.mails import NOON


@pytest.mark.django_db
def test_what_was_learned_in_another_form_is_learned_anew(small_library, monkeypatch):
    first = learning.current_library(None, now=NOON)
    again = learning.current_library(None, now=NOON)
    assert again.artefact == first.artefact
    assert TrainedLibrary.objects.count() == 1
    monkeypatch.setattr(recognition, "FORMAT", recognition.FORMAT + 1)
    TrainedLibrary.objects.update(artefact=b"of an older form")
    found = learning.current_library(None, now=NOON)
    assert found.version == first.version
    assert found.artefact != b"of an older form"
    assert recognition.recognise(found.artefact, "I forgot my password and cannot sign in.")
    assert learning.learn_changes(now=NOON) == 0


@pytest.mark.django_db
def test_a_version_that_comes_back_with_other_rows_is_not_taken_for_the_one_in_hand(small_library):
    first = learning.current_library(None, now=NOON)
    TrainedLibrary.objects.all().delete()  # as after a backup was put back: the version is the same, the rows are not
    small_library["leak"].delete()
    found = learning.current_library(None, now=NOON)
    assert found.version == first.version
    assert found.artefact != first.artefact
