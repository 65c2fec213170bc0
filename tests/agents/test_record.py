"""The record page: who reads what, filters in the address, details, and a file no spreadsheet runs."""

import csv
import datetime as dt
import io
import re

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from agents import suggestions
from agents.audit import record
from agents.models import Entry, LineOfBusiness
from tests.toy.models import Thing

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def reader(db):
    """Somebody who may read the record, and who sees things of nobody and their own."""
    role = Role.objects.create(code="reader", name="Reader", permissions=["agents.record"], visibility="own")
    person = get_user_model().objects.create(email="rita@haldenroe.example", name="Rita Brandt")
    person.roles.add(role)
    return person


@pytest.fixture
def desk(client, reader):
    client.force_login(reader)
    return client


def page(client, path="/manage/record/", **query):
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def said(html):
    return re.findall(r'row__title"><a [^>]*>([^<]*)</a>', html)


def test_the_record_is_read_with_its_permission_only(client, db):
    entry = record("agents.paused", by=None)
    client.force_login(get_user_model().objects.create(email="x@haldenroe.example", name="X"))
    for path in ("/manage/record/", "/manage/record/export.csv", f"/manage/record/{entry.pk}/"):
        assert client.get(path).status_code == 403


def test_entries_about_records_the_reader_may_not_see_are_left_out_everywhere(desk, thing, ann):
    hidden = record("toy.fill.accepted", by=ann, subject=Thing.objects.create(title="Theirs", owner=ann))
    shown = record("toy.fill.accepted", by=ann, subject=thing)
    record("agents.paused", by=ann)
    assert said(page(desk)) == ["Agents: paused", "Fill a thing: accepted"]
    assert desk.get(f"/manage/record/{hidden.pk}/").status_code == 404
    assert "Theirs" not in b"".join(desk.get("/manage/record/export.csv")).decode()
    assert desk.get(f"/manage/record/{shown.pk}/").status_code == 200


def test_an_entry_shows_its_changes_its_suggestion_and_what_left(desk, suggest, thing, ann):
    waiting = suggest(thing, text="Hello, Ellen")
    suggestions.accept(waiting.pk, by=ann)
    changes = [{"field": "size", "label": "Size", "old": 1, "new": 2}]
    entry = record("toy.fill.accepted", by=ann, subject=thing, changes=changes)
    html = page(desk, f"/manage/record/{entry.pk}/")
    assert "<del>1</del>" in html
    assert "<ins>2</ins>" in html
    html = page(desk, f"/manage/record/{Entry.objects.get(verb='toy.send_note.accepted').pk}/")
    assert "Hello, Ellen" in html
    assert f"/suggestions/{waiting.pk}/" in html
    html = desk.get(f"/manage/record/{entry.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert html.lstrip().startswith("<aside")


def test_filters_are_in_the_address(desk, suggest, thing, ann):
    line = LineOfBusiness.objects.create(name="Repairs")
    old = timezone.now() - dt.timedelta(days=10)
    record("agents.paused", by=ann, now=old, text="Holiday")
    record("agents.resumed", by=None, line_of_business=line)
    suggest(thing)
    assert len(said(page(desk))) == 3
    assert said(page(desk, actor="agent", agent="toy")) == ["Send a note: suggested"]
    assert said(page(desk, verb="paused")) == ["Agents: paused"]
    assert said(page(desk, line=line.pk)) == ["Agents: resumed"]
    assert said(page(desk, q="grinder")) == ["Send a note: suggested"]
    assert said(page(desk, until=str(old.date()))) == ["Agents: paused"]
    assert len(said(page(desk, since=str(timezone.now().date())))) == 2
    assert "No entry matches" in page(desk, q="nowhere")
    assert len(said(page(desk, since="32.13.", line="x", actor="y", after="z"))) == 3


def test_pages_go_by_cursor_and_take_the_same_number_of_queries(desk, ann, django_assert_num_queries):
    record("agents.paused", by=ann)
    desk.get("/manage/record/")
    with CaptureQueriesContext(connection) as one:
        desk.get("/manage/record/")
    for number in range(60):
        record("agents.paused", by=ann, text=f"No {number:02}")
    with django_assert_num_queries(len(one)):
        html = page(desk)
    seen = re.findall(r"No \d\d", html)
    following = re.search(r'rel="next" href="([^"]*)"', html)[1].replace("&amp;", "&")
    seen += re.findall(r"No \d\d", desk.get("/manage/record/" + following).content.decode())
    assert seen == [f"No {number:02}" for number in reversed(range(60))]


def test_the_file_holds_what_the_filters_show_and_no_formula(desk, thing, ann):
    Thing.objects.filter(pk=thing.pk).update(title="=1+1")
    thing.refresh_from_db()
    record("toy.fill.accepted", by=ann, subject=thing, why="@SUM(A1)", text="-2", changes=[{"field": "a"}])
    record("agents.paused", by=ann)
    text = b"".join(desk.get("/manage/record/export.csv?verb=accepted")).decode()
    head, row = csv.reader(io.StringIO(text.lstrip("\ufeff")))
    cells = dict(zip(head, row, strict=True))
    assert (cells["about"], cells["why"], cells["text"], cells["who"]) == ("'=1+1", "'@SUM(A1)", "'-2", "Ann Weber")


def test_script_in_the_record_stays_text(desk, ann):
    thing = Thing.objects.create(title=SCRIPT)
    changes = [{"field": "x", "label": SCRIPT, "old": SCRIPT, "new": SCRIPT}]
    entry = record("toy.fill.accepted", by=ann, subject=thing, text=SCRIPT, why=SCRIPT, changes=changes)
    assert SCRIPT not in page(desk, f"/manage/record/{entry.pk}/")
