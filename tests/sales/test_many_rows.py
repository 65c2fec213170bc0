"""A file as large as people bring them, in the encoding their spreadsheet chose, imported whatever happens."""

import collections
import io
import multiprocessing
import os
import resource
import signal
import time
import tracemalloc

import pytest
from django.db import connection, connections

from agents.models import Entry
from sales import importing
from sales.models import Lead, LeadImport
from sales.reading import iter_rows, sniff

HEADER = "Firma;E-Mail;Bemerkung;Sprache\n"
FORMULA = '"=HYPERLINK(""http://evil.example"")"'


def make_file(count: int) -> bytes:
    """Rows as Windows writes them: every seventh has no address, every eleventh repeats the row before."""
    rows = []
    for number in range(count):
        address = "" if number % 7 == 3 else f"a{number - (number % 11 == 5)}@mueller.example"
        rows.append(f"Café Müller {number};{address};{FORMULA};Deutsch\n")
    return (HEADER + "".join(rows)).encode("cp1252")


def expect(count: int) -> dict[str, int]:
    """What has to become of the rows of ``make_file``."""
    refused = sum(number % 7 == 3 for number in range(count))
    copies = sum(number % 11 == 5 and number % 7 != 3 and (number - 1) % 7 != 3 for number in range(1, count))
    return {"new": count - refused - copies, "updated": 0, "known": 0, "copy": copies, "refused": refused}


@pytest.mark.row("DESK-183")
def test_two_hundred_thousand_rows_in_another_encoding_with_formulas_are_read_without_being_held():
    rows = "".join(f"Café Müller {n};a{n}@mueller.example;{FORMULA}\n" for n in range(200_000))
    file = io.BytesIO((HEADER + rows).encode("cp1252"))
    del rows
    tracemalloc.start()
    found = sniff(file)
    last = collections.deque(iter_rows(file, found.encoding, found.delimiter), maxlen=1).pop()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.encoding, found.delimiter, found.lines) == ("cp1252", ";", 200_000)
    assert last == ["Café Müller 199999", "a199999@mueller.example", '=HYPERLINK("http://evil.example")']
    assert most < 6 * 1024**2


@pytest.mark.django_db
def test_more_rows_than_allowed_are_cut_and_said_so(mei, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(importing, "MOST_ROWS", 50)
    monkeypatch.setattr(importing, "PIECE", 20)
    content = HEADER + "".join(f"Firm {n};a{n}@firm.example;\n" for n in range(90))
    batch = importing.keep_file("x.csv", content.encode(), by=mei)
    importing.start_check(batch, mapping=batch.mapping, by=mei)
    importing.advance_import(batch.pk)
    kept = LeadImport.objects.get()
    assert (kept.state, kept.total) == ("ready", 60)
    assert "Only the first 50 rows" in kept.state_why


def work_until_killed(pk: int, after: int) -> bool:
    """Go on in a child that kills itself in the middle of the piece after so many; whether it came to that."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    try:
        connection.connection = None  # the parent's, which must stay open
        name = "_compare" if LeadImport.objects.get(pk=pk).state == "checking" else "ring"
        done, known = [], getattr(importing, name)

        def do_or_die(*args, **kwargs):
            if len(done) == after:
                os.kill(os.getpid(), signal.SIGKILL)
            done.append(1)
            return known(*args, **kwargs)

        setattr(importing, name, do_or_die)
        importing.advance_import(pk)
    finally:
        os._exit(1)


def finish(batch: LeadImport) -> LeadImport:
    """Work until nothing of the file is due."""
    while importing.due_imports(1):
        importing.advance_import(batch.pk)
    batch.refresh_from_db()
    return batch


@pytest.mark.row("DESK-440")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [330, pytest.param(200_000, marks=pytest.mark.nightly)])
def test_a_file_is_imported_whole_and_once_though_its_workers_are_killed(
    mei, settings, tmp_path, monkeypatch, count, record_property
):
    settings.MEDIA_ROOT = tmp_path
    if count < importing.PIECE:
        monkeypatch.setattr(importing, "PIECE", 50)
    batch = importing.keep_file("leads.csv", make_file(count), by=mei)
    assert importing.start_check(batch, mapping=batch.mapping, by=mei, consent_note="Asked at the fair")
    seen = []
    begun = time.monotonic()
    for phase, after in (("checking", 1), ("checking", 3), ("running", 1), ("running", 2)):
        batch.refresh_from_db()
        if batch.state != phase:
            batch = finish(batch)
            assert batch.counts == expect(count)
            assert Lead.objects.count() == 0
            assert importing.start_import(batch, by=mei)
        connections.close_all()
        assert work_until_killed(batch.pk, after)
        batch.refresh_from_db()
        seen.append((phase, batch.position))
        assert (batch.state, 0 < batch.position < batch.total) == (phase, True)  # progress is kept and shown
    batch = finish(batch)
    record_property("seconds", round(time.monotonic() - begun, 1))
    record_property("megabytes", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    wanted = expect(count)
    assert (batch.state, batch.counts, batch.rows.count()) == ("done", wanted, count)
    assert seen[0][1] < seen[1][1]
    assert Lead.objects.count() == Lead.objects.values("email").distinct().count() == wanted["new"]
    odd = Lead.objects.get(email="a0@mueller.example")
    assert (odd.company_name, odd.language, odd.note) == ("Café Müller 0", "de", '=HYPERLINK("http://evil.example")')
    assert not batch.rows.exclude(values={}, email="").exists()
    assert Entry.objects.filter(verb="lead.imported").count() == 1
    report = importing.report_rows(batch, "refused")
    assert next(report)[0] == "row"
    assert next(report)[3] == "It has no e-mail address."


@pytest.mark.row("DESK-441")
@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_file_report_each_row_once(mei, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(importing, "PIECE", 10)
    batch = importing.keep_file("leads.csv", make_file(400), by=mei)
    importing.start_check(batch, mapping=batch.mapping, by=mei)
    stale = LeadImport.objects.get(pk=batch.pk)
    importing.advance_import(batch.pk, turn=3)
    assert importing._check_pieces(stale, 5) is False  # it read from where the file stood before
    fork = multiprocessing.get_context("fork")
    for _phase in ("checking", "running"):
        connections.close_all()
        workers = [fork.Process(target=work, args=(batch.pk,)) for _number in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        batch = finish(batch)
        importing.start_import(batch, by=mei)
    batch.refresh_from_db()
    assert (batch.state, batch.counts, batch.rows.count()) == ("done", expect(400), 400)
    labels = dict(batch.rows.values_list("number", "label"))
    assert all(label == f"Café Müller {number - 1}" for number, label in labels.items() if label)
    assert Lead.objects.count() == batch.counts["new"]


def work(pk: int) -> None:
    """A worker of its own."""
    connections.close_all()
    importing.advance_import(pk, turn=100)
