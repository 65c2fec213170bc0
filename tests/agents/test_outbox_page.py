"""The outbox page: what waits, what can be stopped, and what only a person can settle."""

import datetime as dt
import re

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Role
from agents import suggestions
from agents.models import Effect, Entry
from agents.outbox import epoch
from tests.toy.models import Thing

State = Effect.State


@pytest.fixture
def keeper(db):
    """Somebody who may pause agents and configure them."""
    role = Role.objects.create(
        code="keeper", name="Keeper", permissions=["agents.pause", "agents.manage"], visibility="all"
    )
    person = get_user_model().objects.create(email="kim@haldenroe.example", name="Kim Steiner")
    person.roles.add(role)
    return person


@pytest.fixture
def desk(client, keeper):
    client.force_login(keeper)
    return client


@pytest.fixture
def effect(suggest, thing, ann):
    """One note that waits to leave."""
    suggestions.accept(suggest(thing).pk, by=ann)
    return Effect.objects.get()


@pytest.fixture
def own_mark(settings, tmp_path):
    """The mark outside the database, in a folder of the test's own."""
    settings.VAR_DIR = tmp_path
    return tmp_path / "epoch.json"


def page(client, **query):
    answer = client.get("/manage/outbox/", query)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def toasts(answer):
    return [str(message) for message in answer.context["messages"]]


def set_state(effect, state, **fields):
    Effect.objects.filter(pk=effect.pk).update(state=state, transmitting_at=timezone.now(), **fields)


def test_the_outbox_is_opened_with_its_permissions_only(client, effect):
    client.force_login(get_user_model().objects.create(email="x@haldenroe.example", name="X"))
    assert client.get("/manage/outbox/").status_code == 403
    assert client.post(f"/manage/outbox/{effect.pk}/stop/").status_code == 403
    assert client.post("/manage/outbox/confirm/").status_code == 403


def test_what_waits_is_listed_with_the_hold_time_and_can_be_stopped_once(desk, effect):
    Effect.objects.update(not_before=timezone.now() + dt.timedelta(seconds=50))
    html = page(desk)
    assert "Send a note" in html
    assert re.search(r"leaves in (4\d|50) s", html)
    assert "Ann Weber" in html
    assert toasts(desk.post(f"/manage/outbox/{effect.pk}/stop/", follow=True)) == ["Stopped: Send a note"]
    effect.refresh_from_db()
    assert effect.state == State.CANCELLED
    assert "Stopped by a person." in page(desk, state="stopped")
    assert "Too late" in toasts(desk.post(f"/manage/outbox/{effect.pk}/stop/", follow=True))[0]


def test_why_something_is_held_is_said(desk, effect):
    Effect.objects.update(held="The server is down")
    assert "The server is down" in page(desk)


@pytest.mark.parametrize(
    ("act", "state", "verb"),
    [
        ("mark-sent", State.SENT, "toy.send.sent"),
        ("send-again", State.QUEUED, "toy.send.sent_again"),
        ("give-up", State.CANCELLED, "toy.send.cancelled"),
    ],
)
def test_a_person_settles_what_nobody_knows_and_it_is_on_record(desk, effect, keeper, act, state, verb):
    set_state(effect, State.UNKNOWN)
    html = page(desk, state="unknown")
    assert "The line broke" in html
    assert act in html
    desk.post(f"/manage/outbox/{effect.pk}/{act}/")
    effect.refresh_from_db()
    assert effect.state == state
    assert Entry.objects.get(verb=verb).user == keeper
    if act == "mark-sent":
        assert "Too late" in toasts(desk.post(f"/manage/outbox/{effect.pk}/send-again/", follow=True))[-1]


@pytest.mark.parametrize(("outbound", "said"), [("hold", "Held by the operator"), ("sink", "local sink"), ("live", "")])
def test_the_operators_word_stands_above_the_list(desk, effect, settings, outbound, said):
    settings.OUTBOUND = outbound
    html = page(desk)
    assert said in html
    assert ("banner--caution" in html) is bool(said)


def test_a_copied_database_is_silent_until_a_person_confirms(desk, effect, own_mark, keeper):
    own_mark.write_text('{"epoch": "another", "last": 0}')
    assert "this database is not the one that last sent" in page(desk)
    desk.post("/manage/outbox/confirm/")
    assert epoch.is_confirmed()
    effect.refresh_from_db()
    assert effect.state == State.UNKNOWN
    assert Entry.objects.get(verb="agents.database_confirmed").user == keeper
    assert "this database is not the one that last sent" not in page(desk)


def test_the_command_confirms_only_when_told_so(effect, own_mark, capsys):
    own_mark.write_text('{"epoch": "another", "last": 0}')
    with pytest.raises(CommandError, match="lists 1 waiting effects"):
        call_command("confirm_database")
    assert not epoch.is_confirmed()
    call_command("confirm_database", yes=True)
    assert epoch.is_confirmed()
    call_command("confirm_database")
    assert "may send already" in capsys.readouterr().out


def test_search_and_cursor_pages_take_the_same_number_of_queries(desk, suggest, ann, django_assert_num_queries):
    for number in range(3):
        waiting = suggest(Thing.objects.create(title=f"Thing {number}"))
        suggestions.accept(waiting.pk, by=ann)
    first = Effect.objects.order_by("pk")[0]
    Effect.objects.filter(pk=first.pk).update(label="Reply to Ellen")
    assert page(desk, q="ellen").count("/stop/") == 1
    assert page(desk).count("/stop/") == 3
    assert "Nothing matches" in page(desk, q="nowhere")
