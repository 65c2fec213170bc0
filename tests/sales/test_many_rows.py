"""A file as large as people bring them, in the encoding their spreadsheet chose."""

import pytest

from sales import importing
from sales.models import LeadImport
from sales.reading import iter_rows, sniff

HEADER = "Firma;E-Mail;Bemerkung\n"


@pytest.mark.row("DESK-183")
def test_two_hundred_thousand_rows_in_another_encoding_with_formulas_are_read():
    rows = "".join(
        f'Café Müller {n};a{n}@mueller.example;"=HYPERLINK(""http://evil.example"")"\n' for n in range(200_000)
    )
    content = (HEADER + rows).encode("cp1252")
    found = sniff(content)
    assert (found.encoding, found.delimiter, found.lines) == ("cp1252", ";", 200_000)
    *_before, last = iter_rows(content, found.encoding, found.delimiter)
    assert last == ["Café Müller 199999", "a199999@mueller.example", '=HYPERLINK("http://evil.example")']


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
