"""Templates hold placeholders from a list, and nothing else means anything."""

import pytest

from conversations.models import Contact
from conversations.placeholders import check_template, render_template


def test_known_placeholders_are_replaced_and_missing_values_leave_no_gap():
    text = "Dear {{ contact.first_name }},\n{{draft}}"
    assert render_template(text, {"contact": Contact(name="Ellen Marsh"), "draft": "Hi"}) == "Dear Ellen,\nHi"
    assert render_template(text, {"contact": Contact(), "draft": "Hi"}) == "Dear,\nHi"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{{ contact.password }}", "contact.password"),
        ("{{ case.title|safe }}", "not a placeholder"),
        ("{% load x %}", "not a placeholder"),
        ("{{ contact.first_name", "not a placeholder"),
    ],
)
def test_everything_else_in_braces_is_named_as_an_error(text, wrong):
    (error,) = check_template(text)
    assert wrong in error
    assert check_template("{{ case.title }} and {one brace}") == []


def test_values_that_look_like_placeholders_stay_text():
    contact = Contact(name="{{ case.title }} {% x %}")
    assert render_template("Dear {{ contact.name }}", {"contact": contact}) == "Dear {{ case.title }} {% x %}"
