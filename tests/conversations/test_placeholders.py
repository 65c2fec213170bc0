"""Placeholders are names from a list, filled in once, and nothing else."""

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from conversations.placeholders import check_template, example_values, render_template


def test_known_names_are_filled_in_and_missing_ones_are_told() -> None:
    done = render_template("Hi {{contact.first_name}}, {{ contact.company }}!", {"contact.first_name": "Ellen"})
    assert (done.text, done.missing) == ("Hi Ellen, !", ["contact.company"])


def test_what_is_no_placeholder_is_refused_with_a_hint() -> None:
    assert check_template("Hi {{ contact.first_name }}") == []
    assert "contact.name" in check_template("{{ contact.nam }}")[0]
    for text in ("{% load x %}", "{{ contact.name|upper }}", "{{ contact.__class__ }}", "{{ contact.name", "{# x #}"):
        assert check_template(text), text


def test_a_value_that_looks_like_a_placeholder_is_text() -> None:
    values = {"contact.name": "{{ author.name }}", "author.name": "Mia"}
    assert render_template("{{ contact.name }} {{ author.name }}", values).text == "{{ author.name }} Mia"


@examples(deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_checked_and_rendered(text: str) -> None:
    check_template(text)
    render_template(text, example_values())
