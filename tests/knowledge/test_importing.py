"""Files of articles: read, checked row by row, imported once, and counts that add up."""

import datetime as dt
import io
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from agents import sweeps
from knowledge import articles, importing, reading
from knowledge.models import Article, ArticleImport, Product

pytestmark = pytest.mark.django_db

FRONT = """---
slug: duo-58
title: Descale the Duo
audience: external
line_of_business: machines
products: halden-duo-58, nobody
language: en
---

# Descale the Duo

Empty the tank. ![lamp](lamp.png)
"""


def packed(files, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in files.items():
            target.writestr(name, text)
    return buffer.getvalue()


def check(content, name="x.csv", by=None):
    return importing.check_rows(reading.read_upload(name, content), by=by)


def test_front_matter_names_what_an_article_is_filed_under(lines):
    Product.objects.create(name="Halden Duo 58")
    row = check(FRONT.encode(), "duo.md")[0]
    assert (row.outcome, row.slug, row.audience, row.language) == ("new", "duo-58", "external", "en")
    assert row.body == "Empty the tank. ![lamp](lamp.png)"
    assert row.lines_of_business == [lines[0].pk]
    assert len(row.products) == 1
    assert any("nobody" in note for note in row.notes)
    assert any("pictures" in note for note in row.notes)
    assert check(b"Just text.", "how-to-clean.md")[0].title == "How to clean"
    assert check(b"# Clean\n\nText", "x.md")[0].title == "Clean"


def test_the_same_again_changes_nothing_and_another_text_is_a_version(lines, make_person):
    rows = check(FRONT.encode(), "duo.md")
    assert importing.import_row(rows[0], by=None) == "new"
    assert check(FRONT.encode(), "duo.md")[0].outcome == "unchanged"
    assert importing.import_row(check(FRONT.encode(), "duo.md")[0], by=None) == "unchanged"
    other = FRONT.replace("Empty the tank", "Fill the tank").encode()
    assert check(other, "duo.md")[0].outcome == "changed"
    assert importing.import_row(check(other, "duo.md")[0], by=None) == "changed"
    article = Article.objects.get()
    assert (article.version, article.state) == (2, "draft")
    seller = make_person("author", lines=[lines[1]])
    refused = check(other, "duo.md", by=seller)[0]
    assert refused.outcome == "refused"
    assert importing.import_row(rows[0], by=seller) == "refused"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_csv_of_any_encoding_and_delimiter(lines, encoding, sign):
    head, cells = ["Title", "Body", "Audience", "Language"], ['"Größe"', f'"Zwei\nZeilen, {sign} ä"', "external", "de"]
    table = f"{sign.join(head)}\r\n{sign.join(cells)}\r\n"
    row = check(table.encode(encoding))[0]
    assert (row.title, row.body) == ("Größe", f"Zwei\nZeilen, {sign} ä")
    assert (row.audience, row.language, row.outcome) == ("external", "de", "new")


def test_formulas_scripts_and_nuls_are_text(lines):
    row = check(b'title,body\n=1+1,=HYPERLINK("x")\n<script>,a\x00b\n')
    assert [one.title for one in row] == ["=1+1", "<script>"]
    assert (row[0].body, row[1].body) == ('=HYPERLINK("x")', "ab")


def test_what_is_wrong_with_a_row_is_said_and_the_others_go_on(lines):
    table = (
        "title,body,audience,lines\n,x,,\nA,,,\nB,x,public,\nC,x,,nowhere\nD,x,,\nD,y,,\n"
        + "T" * 201
        + ",x,,\nE,x,,Trade\n"
    )
    rows = check(table.encode())
    assert importing.count_outcomes(rows) == {"new": 2, "changed": 0, "unchanged": 0, "refused": 6}
    assert sum(importing.count_outcomes(rows).values()) == len(rows) == 8
    assert all(row.notes for row in rows if row.outcome == "refused")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.exe", b"MZ"),
        ("x.csv", b"a,b\n1,2\n"),
        ("x.csv", b""),
        ("x.csv", b"title,body\n"),
        ("x.csv", b"title,body\n" + b"a,b\n" * 5001),
        ("x.csv", b"x" * (10 * 1024 * 1024 + 1)),
        ("x.zip", b"PK no zip"),
        ("x.zip", packed({"photo.png": b"x"})),
        ("x.zip", packed({"bomb.md": b"0" * 30_000_000})),
        ("x.zip", packed({f"{number}.md": b"x" for number in range(5001)})),
    ],
    ids=["kind", "columns", "empty", "no rows", "rows", "size", "broken", "no text", "bomb", "entries"],
)
def test_a_file_that_cannot_be_taken_says_why(name, content):
    with pytest.raises(reading.UnreadableFile) as told:
        reading.read_upload(name, content)
    assert str(told.value).endswith(".")


def test_a_zip_is_read_and_pictures_are_named_as_ignored(lines):
    read = reading.read_upload("x.zip", packed({"a/one.md": FRONT, "../two.md": "# Two\n\nText", "a/lamp.png": b"x"}))
    assert [row.place for row in read.rows] == ["../two.md", "a/one.md"]
    assert read.ignored == ["a/lamp.png"]


@pytest.mark.row("DESK-39")
def test_an_import_runs_once_in_turns_and_its_counts_add_up(lines, make_person, django_capture_on_commit_callbacks):
    ada = make_person("administrator")
    table = "title,body\n" + "".join(f"Article {number},Text {number}\n" for number in range(7)) + ",nothing\n"
    plan = importing.prepare_import("x.csv", reading.read_upload("x.csv", table.encode()), by=ada)
    assert not Article.objects.exists()
    assert importing.advance_import(plan.pk) == 0
    assert importing.start_import(plan.pk, by=ada, publish=True)
    assert not importing.start_import(plan.pk, by=ada)
    importing.advance_import(plan.pk, most=3)
    assert Article.objects.count() == 3
    assert importing.unfinished(5) == [plan.pk]
    sweeps.run("knowledge.import")
    plan.refresh_from_db()
    assert plan.finished_at
    assert plan.counts == {"new": 7, "refused": 1}
    assert sum(plan.counts.values()) == plan.total == 8
    assert Article.objects.filter(state="published", author=ada).count() == 7
    assert importing.advance_import(plan.pk) == 0


def test_the_command_reports_each_row_and_sums_up(tmp_path, lines):
    (tmp_path / "one.md").write_text(FRONT)
    (tmp_path / "two.md").write_text("# Two\n\nText")
    (tmp_path / "lamp.png").write_bytes(b"x")
    said = io.StringIO()
    call_command("import_articles", tmp_path, "--dry-run", stdout=said)
    assert "2 articles would be imported: 2 new, 0 changed, 0 unchanged, 0 refused; 1 other files" in said.getvalue()
    assert not Article.objects.exists()
    call_command("import_articles", tmp_path, "--publish", stdout=said)
    assert Article.objects.filter(state="published").count() == 2
    (tmp_path / "three.md").write_text("---\naudience: everybody\n---\nText")
    with pytest.raises(CommandError, match="1 articles were refused"):
        call_command("import_articles", tmp_path, stdout=said)
    with pytest.raises(CommandError, match="no file or folder"):
        call_command("import_articles", tmp_path / "nowhere")
    with pytest.raises(CommandError, match="Nobody signs in"):
        call_command("import_articles", tmp_path, "--by", "x@example.com")


def test_without_a_slug_the_same_title_in_another_language_is_another_article(lines):
    first = articles.create_article(title="Same", body="x", language="en", by=None)
    rows = check(b"title,body,language\nSame,other,en\nSame,anderer Text,de\n")
    assert [(row.outcome, row.article) for row in rows] == [("changed", first.pk), ("new", None)]
    assert [importing.import_row(row, by=None) for row in rows] == ["changed", "new"]
    assert check(b"title,body,language,slug\nSame,anderer Text,de,same\n")[0].article == first.pk


def test_an_old_import_is_forgotten_unless_it_runs(lines):
    now = timezone.now()
    read = reading.read_upload("x.csv", b"title,body\nA,x\n")
    kept, old, running = (importing.prepare_import("x.csv", read, by=None) for _ in range(3))
    ArticleImport.objects.exclude(pk=kept.pk).update(created_at=now - dt.timedelta(days=31))
    importing.start_import(running.pk, by=None)
    sweeps.run("knowledge.forget_imports", now=now)
    assert set(ArticleImport.objects.values_list("pk", flat=True)) == {kept.pk, running.pk}
    assert old.total == 1
