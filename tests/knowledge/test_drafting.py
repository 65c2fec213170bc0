"""The local draft of an article: the trouble in the customer's words, why it happens, and steps that helped."""

import pytest

from bench.quality.pairs import Solved, draft_one, is_traced, list_banned, read_solved

ASKED = """Dear all,

I moved in last week. The radiators upstairs stay cold although the boiler runs. Can you help?

Ines Falk"""
FIRST = "Hi Ines,\n\nplease restart the boiler once.\n\nKind regards,\nOle"
REJECTED = "I restarted it twice, upstairs is still cold."
SECOND = """Hi Ines,

thanks for trying. Air in the pipes keeps the water from rising.

1. Close the valves downstairs.
2. Bleed each radiator until water comes.

Enter 192.168.0.9 in a browser to see the pressure. I have noted your call.

Kind regards,
Ole, the heating team"""


def draft(*turns, **more):
    fields = {"title": "Radiators cold", "product": "", "language": "en", "names": ["Ines Falk", "Ole"]} | more
    return draft_one(Solved(turns=list(turns), **fields))


@pytest.mark.row("DESK-492")
def test_steps_come_from_the_answer_that_helped_and_explanations_are_no_steps():
    made = draft(("customer", ASKED), ("us", FIRST), ("customer", REJECTED), ("us", SECOND), ("customer", "Warm now!"))
    parts = [(one.section, one.is_step, one.text) for one in made.draft.sentences]
    assert parts == [
        ("issue", True, "The radiators upstairs stay cold although the boiler runs."),
        ("cause", False, "Air in the pipes keeps the water from rising."),
        ("resolution", True, "Close the valves downstairs."),
        ("resolution", True, "Bleed each radiator until water comes."),
        ("resolution", False, "Enter 192.168.0.9 in a browser to see the pressure."),
    ]
    assert made.text.endswith(
        "2. Bleed each radiator until water comes.\n\nEnter 192.168.0.9 in a browser to see the pressure."
    )
    alone = draft(("customer", ASKED), ("us", FIRST), ("customer", REJECTED))
    assert "restart" in alone.text.lower() or alone.draft.decision == "none"


def test_of_thirty_solved_conversations_every_sentence_is_traced_and_no_phrase_of_a_letter_is_left():
    made = [draft_one(solved) for solved in read_solved()]
    drafted = [one for one in made if one.draft.decision == "new"]
    assert len(drafted) >= 30
    for one in drafted:
        assert list_banned(one.solved, one.text) == []
        steps = [part for part in one.draft.sentences if part.section != "issue"]
        assert all(
            part.source and part.source.author == "us" and is_traced(part.text, part.source.text) for part in steps
        )
    assert all(list_banned(one.solved, one.pasted) for one in drafted)
