"""The dates of a plan: elapsed and business time, changes of the clock, what falls outside the hours."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from agents.cadence.calendars import ALWAYS_OPEN, Hours
from followups import shapes
from followups.months import draw_months
from followups.reading import MailToRead, read_promise

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OFFICE = Hours("Europe/Amsterdam", dict.fromkeys(range(5), (("08:00", "18:00"),)))


def shape(*waits: tuple[int, str], end: tuple[int, str] = (3, "days"), **more):
    steps = [{"wait": number, "unit": unit, "template": None} for number, unit in waits]
    return {"steps": steps, "end": {"wait": end[0], "unit": end[1]}, **more}


def local(*moment: int) -> dt.datetime:
    return dt.datetime(*moment, tzinfo=AMSTERDAM).astimezone(dt.UTC)


@pytest.mark.row("CMA-D-5", "CMA-D-9")
def test_steps_and_the_end_wait_in_elapsed_or_business_time():
    plan = shape((5, "hours"), (24, "hours"), end=(2, "days"))
    dues = shapes.list_shape_dates(plan, since=local(2026, 6, 9, 12), hours=OFFICE)
    assert [(due.kind, due.at) for due in dues] == [
        ("step", local(2026, 6, 9, 17)),
        ("step", local(2026, 6, 10, 17)),
        ("end", local(2026, 6, 12, 17)),
    ]
    business = shape((1, "business_days"), (2, "business_hours"))
    dues = shapes.list_shape_dates(business, since=local(2026, 6, 12, 12), hours=OFFICE)
    assert [due.at for due in dues[:2]] == [local(2026, 6, 15, 12), local(2026, 6, 15, 14)]


def test_what_falls_outside_the_hours_moves_and_later_steps_move_with_it():
    plan = shape((2, "days"), (3, "days"), (4, "days"), in_hours=True)
    dues = shapes.list_shape_dates(plan, since=local(2026, 6, 9, 9), hours=OFFICE)
    assert [due.at for due in dues] == [
        local(2026, 6, 11, 9),
        local(2026, 6, 15, 8),
        local(2026, 6, 19, 8),
        local(2026, 6, 22, 8),
    ]
    months = draw_months({due.at: (due.kind, "send") for due in dues}, OFFICE)
    marked = {day.date.day for month in months for week in month.weeks for day in week if day.texts}
    assert marked == {11, 15, 19, 22}
    assert [day.look for day in months[0].weeks[0]][-2:] == ["shut", "shut"]


@pytest.mark.row("DESK-140")
@pytest.mark.parametrize("day", [(2026, 3, 28), (2026, 10, 24)])
def test_a_change_of_the_clock_neither_loses_nor_adds_an_hour(day):
    since = local(*day, 17, 30)
    (first, *_rest) = shapes.list_shape_dates(shape((24, "hours")), since=since, hours=OFFICE)
    assert first.at - since == dt.timedelta(hours=24)
    (first, *_rest) = shapes.list_shape_dates(shape((1, "days"), in_hours=True), since=since, hours=OFFICE)
    assert first.at.astimezone(AMSTERDAM).strftime("%a %H:%M") == "Mon 08:00"
    (first, *_rest) = shapes.list_shape_dates(shape((3, "business_hours")), since=since, hours=OFFICE)
    assert first.at.astimezone(AMSTERDAM).strftime("%a %H:%M") == "Mon 11:00"


@pytest.mark.row("DESK-141")
def test_steps_missed_while_nothing_ran_never_stack():
    plan, since = shape((1, "days"), (1, "days"), (1, "days")), local(2026, 6, 1, 9)
    late = since + dt.timedelta(days=30)
    assert shapes.find_due(plan, step=0, since=since, hours=ALWAYS_OPEN, now=late).is_due
    nexts = shapes.find_due(plan, step=1, since=late, hours=ALWAYS_OPEN, now=late)
    assert (nexts.is_due, nexts.at) == (False, late + dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Thanks, I will try it tomorrow.", "I will try"),
        ("I'll let you know once the part is here.", "I'll let you know"),
        ("Vielen Dank. Ich melde mich nächste Woche.", "Ich melde mich"),
        ("Merci, je vous tiens au courant.", "je vous tiens au courant"),
        ("Gracias, voy a probar.", "voy a probar"),
        ("I will try it. But where is the valve?", ""),
        ("It leaks again.", ""),
        ("", ""),
    ],
)
def test_a_promise_is_read_with_its_words_and_a_question_is_none(text, words):
    read, evidence, sure = read_promise(MailToRead(message=1, text=text))
    assert (read.promises, sure > 0) == (bool(words), bool(words))
    assert [text[one.start : one.end] for one in evidence] == ([words] if words else [])
