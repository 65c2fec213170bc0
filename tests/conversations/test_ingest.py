"""Mail of the past: every shape of archive, history only, resumable, with figures that add up."""

import datetime as dt
import mailbox as stdlib_mailbox
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from agents.models import Effect, Suggestion
from conversations.archives import guess_arrival
from conversations.ingest import ingest
from conversations.models import Delivery, Mailbox, Message
from tests.conversations.mails import NOON, make_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two .eml files, an mbox of three, a Maildir of two, a copy, a bomb, an empty file, and what is no mail."""
    root = tmp_path / "archive"
    (root / "sub").mkdir(parents=True)
    same = make_mail(message_id="<same@x.example>")
    (root / "one.eml").write_bytes(same)
    (root / "sub" / "two.EML").write_bytes(make_mail())
    (root / "empty.eml").write_bytes(b"\n")
    (root / "bomb.eml").write_bytes(b"Subject: " + b"x" * 2_000_000 + b"\n\nx")
    (root / "notes.txt").write_text("no mail")
    box = stdlib_mailbox.mbox(root / "old.mbox")
    for body in ("Fine.\n\nFrom here on it leaks, since 10:30.", "Second", "Third"):
        box.add(make_mail(body=body))
    box.flush()
    maildir = stdlib_mailbox.Maildir(root / "Maildir")
    maildir.add(same)
    maildir.add(make_mail(subject="In a Maildir"))
    return root


@pytest.mark.row("DESK-26")
def test_every_shape_of_archive_is_taken_in_as_history_and_adds_up(archive: Path, mailbox: Mailbox) -> None:
    tally = ingest(archive, mailbox=mailbox, now=NOON + dt.timedelta(days=1))
    assert (tally.seen, tally.messages, tally.copies, tally.parked, tally.refused) == (9, 6, 1, 1, 1)
    assert tally.adds_up()
    assert set(Message.objects.values_list("arrived_as", flat=True)) == {"history"}
    assert Message.objects.filter(text__contains="From here on").count() == 1
    assert not Effect.objects.exists()
    assert not Suggestion.objects.exists()


@pytest.mark.row("DESK-26")
def test_a_second_run_repeats_nothing_and_still_adds_up(archive: Path, mailbox: Mailbox) -> None:
    first = ingest(archive, mailbox=mailbox, now=NOON)
    deliveries = Delivery.objects.count()
    (archive / "late.eml").write_bytes(make_mail())
    again = ingest(archive, mailbox=mailbox, now=NOON)
    assert (again.seen, again.before, again.messages) == (10, first.seen - first.refused, first.messages + 1)
    assert again.adds_up()
    assert Delivery.objects.count() == deliveries + 1


def test_an_interrupted_run_is_finished_by_the_next(archive: Path, mailbox: Mailbox) -> None:
    class StoppedError(Exception):
        pass

    done = []

    def stop_after_four(size: int) -> None:
        done.append(size)
        if len(done) == 4:
            raise StoppedError

    with pytest.raises(StoppedError):
        ingest(archive, mailbox=mailbox, now=NOON, progress=stop_after_four)
    assert ingest(archive, mailbox=mailbox, now=NOON).adds_up()
    assert Message.objects.count() == 6


def test_the_command_prints_the_figures_and_refuses_what_is_not_there(archive: Path, mailbox: Mailbox) -> None:
    out = StringIO()
    call_command("ingest", str(archive), mailbox="Support@example.com", stdout=out, verbosity=0)
    assert "9 mails seen" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("ingest", str(archive / "nowhere"), verbosity=0)
    with pytest.raises(CommandError):
        call_command("ingest", str(archive), mailbox="nobody@example.com", verbosity=0)


def test_arrival_is_taken_from_received_then_date_and_never_lies_ahead() -> None:
    early, late = NOON - dt.timedelta(days=3), NOON + dt.timedelta(days=3)
    raw = make_mail(date=early)
    assert guess_arrival(raw, now=NOON) == early
    hop = b"Received: from a by b\r\n with ESMTP id 1;\r\n Mon, 08 Jun 2026 10:00:00 +0200\r\n"
    assert guess_arrival(hop + raw, now=NOON) == dt.datetime(2026, 6, 8, 8, tzinfo=dt.UTC)
    assert guess_arrival(make_mail(date=late), now=NOON) == NOON
    assert guess_arrival(b"no header at all", now=NOON) == NOON


def test_our_own_mail_in_an_archive_is_our_answer_and_under_our_address_from_outside_it_is_a_loop(
    mailbox, arrive, tmp_path
):
    asks = make_mail(message_id="<ask@customer.example>")
    answers = make_mail(
        sender=mailbox.address,
        to="Ellen Roth <ellen@customer.example>",
        message_id="<answer@elsewhere.example>",
        in_reply_to="<ask@customer.example>",
    )
    (tmp_path / "1.eml").write_bytes(asks)
    (tmp_path / "2.eml").write_bytes(answers)
    ingest(tmp_path, mailbox=mailbox)
    ours = Message.objects.get(message_id="<answer@elsewhere.example>")
    assert (ours.direction, ours.nature, ours.contact.address) == ("out", "person", "ellen@customer.example")
    assert ours.conversation == Message.objects.get(message_id="<ask@customer.example>").conversation
    forged = arrive(sender=mailbox.address, to="x@customer.example", message_id="<forged@elsewhere.example>").message
    assert (forged.direction, forged.nature) == ("in", "own_loop")
