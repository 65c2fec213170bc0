"""Shares of one are shown and entered in percent."""

import pytest
from django import forms

from agents.choices import PercentField


class Bars(forms.Form):
    sure = PercentField(min_value=50, max_value=100, initial=0.9)
    near = PercentField(required=False)


@pytest.mark.parametrize(("kept", "shown"), [(0.85, 85), (1.0, 100), (1, 100), (0.29, 29), (None, None)])
def test_a_share_is_shown_in_percent(kept, shown):
    assert Bars(initial={"sure": kept})["sure"].value() == shown


def test_what_is_entered_becomes_a_share_and_a_mistake_stays_as_it_was_typed():
    form = Bars({"sure": "57", "near": ""})
    assert form.is_valid()
    assert form.cleaned_data == {"sure": 0.57, "near": None}
    assert Bars()["sure"].value() == 90
    for wrong in ("49", "101", "0.8", "many", ""):
        form = Bars({"sure": wrong})
        assert "sure" in form.errors
        assert form["sure"].value() == wrong
