"""One history for everything administrators edit."""

import pytest

from agents.models import Version
from agents.sections import versions

pytestmark = pytest.mark.django_db


def test_versions_count_up_and_a_stale_form_is_refused(ann, bob):
    first = versions.save_version("template:1", {"text": "Hello"}, by=ann, expected=0)
    second = versions.save_version("template:1", {"text": "Good day"}, by=bob, expected=first.number)
    assert second.changes == [{"field": "text", "label": "Text", "old": "Hello", "new": "Good day"}]
    with pytest.raises(versions.Conflict) as caught:
        versions.save_version("template:1", {"text": "Hi"}, by=ann, expected=first.number)
    assert (caught.value.who, caught.value.changes) == ("Bob Adeyemi", second.changes)
    assert Version.objects.filter(target="template:1").count() == 2


def test_restoring_writes_the_rows_and_a_new_version(ann):
    versions.save_version("template:1", {"text": "Hello"}, by=ann, expected=0)
    versions.save_version("template:1", {"text": "Good day"}, by=ann, expected=1)
    written = []
    made = versions.restore("template:1", 1, apply=written.append, by=ann, expected=2)
    assert (made.number, made.snapshot, written) == (3, {"text": "Hello"}, [{"text": "Hello"}])
    with pytest.raises(Version.DoesNotExist):
        versions.restore("template:1", 9, apply=written.append, by=ann, expected=3)


def test_rows_are_compared_one_by_one_and_another_order_is_one_change():
    a = {"rules": [{"id": 1, "name": "A", "level": "ask"}, {"id": 2, "name": "B"}, {"id": 3, "name": "C"}]}
    b = {"rules": [{"id": 2, "name": "B"}, {"id": 1, "name": "A", "level": "auto"}, {"id": 4, "name": "D"}]}
    found = {row["field"]: (row["old"], row["new"]) for row in versions.diff(a, b)}
    assert found == {
        "rules.1.level": ("ask", "auto"),
        "rules.3": ("C", ""),
        "rules.4": ("", "D"),
        "rules.order": ("A, B", "B, A"),
    }
    assert versions.diff(a, a) == []


def test_a_field_that_was_added_and_left_empty_is_no_change():
    assert versions.diff({}, {"tags": [], "note": "", "is_on": False}) == []
    assert len(versions.diff({"tags": [1]}, {"tags": []})) == 1
