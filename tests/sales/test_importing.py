"""Files of leads: read in any shape, checked first, imported once, every row accounted for."""

import csv
import io
import zipfile

import pytest
from django.utils import timezone

from agents.models import Entry
from knowledge.models import Product
from sales import importing
from sales.fields import BadValue, clean_value, guess_mapping, neutral_cell
from sales.models import ImportRow, Lead, LeadImport
from sales.reading import UnreadableFile, as_csv, iter_rows, sniff
from sales.spreadsheet import BadSheet, read_sheet

NOW = timezone.now()
FILE = """Company;E-mail;First name;Last name;Product;Country;Budget
Brightwater Hotels;R.Achebe@Brightwater.example;Rosalind;Achebe;Duo 58 Pro;UK;high
Café Müller;hello@mueller.example;Jörg;Müller;Kettle;DE;
No Address Ltd;;A;B;;;
Bad Address Ltd;not an address;A;B;;;
Brightwater Hotels;r.achebe@brightwater.example;Rosalind;Again;;;
"=HYPERLINK(""http://evil.example"";""x"")";x@formula.example;+44;-1;;@SUM(A1);=1+1
"""


@pytest.fixture
def upload(mei, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def send(text: str | bytes = FILE, **values):
        content = text if isinstance(text, bytes) else text.encode()
        batch = importing.keep_file("leads.csv", content, by=mei, now=NOW)
        assert importing.start_check(batch, mapping=batch.mapping | {"6": "custom:Budget"}, by=mei, **values)
        importing.advance_import(batch.pk, now=NOW)
        batch.refresh_from_db()
        return batch

    return send


@pytest.mark.row("SAL-D-14")
def test_every_row_is_reported_first_and_nothing_is_written_before_somebody_says_so(upload, lead, mei):
    lead(email="hello@mueller.example")
    Product.objects.create(name="Halden Duo 58 Pro", aliases=["Duo 58 Pro"])
    batch = upload(source="Fair 2026", consent_note="Asked at the fair")
    assert batch.state == "ready"
    assert batch.counts == {"new": 2, "updated": 0, "known": 1, "copy": 1, "refused": 2}
    assert Lead.objects.count() == 1
    why = dict(batch.rows.values_list("number", "why"))
    assert "no e-mail address" in why[3]
    assert "“not an address”" in why[4]
    assert "row 1 already" in why[5]
    assert importing.start_import(batch, by=mei, now=NOW)
    assert not importing.start_import(batch, by=mei, now=NOW)
    importing.advance_import(batch.pk, now=NOW)
    batch.refresh_from_db()
    assert (batch.state, Lead.objects.count()) == ("done", 3)
    new = Lead.objects.get(email="r.achebe@brightwater.example")
    assert (new.name, new.product.name, new.country) == ("Rosalind Achebe", "Halden Duo 58 Pro", "UK")
    assert (new.source, new.consent_note, new.custom) == ("Fair 2026", "Asked at the fair", {"Budget": "high"})
    assert Entry.objects.filter(verb="lead.imported", text__contains="2 leads").exists()
    assert not batch.rows.exclude(values={}).exists()
    importing.advance_import(batch.pk, now=NOW)
    assert Lead.objects.count() == 3


@pytest.mark.row("DESK-183")
def test_a_formula_stays_text_and_is_harmless_in_every_file_we_write(upload, mei):
    batch = upload()
    importing.start_import(batch, by=mei)
    importing.advance_import(batch.pk)
    odd = Lead.objects.get(email="x@formula.example")
    assert odd.company_name == '=HYPERLINK("http://evil.example";"x")'
    assert odd.custom == {"Budget": "=1+1"}
    for cell in ("=1+1", "+1", "-1", "@A1", "\t=1", " =1", "|calc", "%x"):
        assert neutral_cell(cell) == f"'{cell}"
    assert neutral_cell("Müller & Co") == "Müller & Co"
    lines = [[neutral_cell(cell) for cell in row] for row in importing.report_rows(batch)]
    assert lines[-1][2].startswith("'=HYPERLINK")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_out(encoding, delimiter):
    out = io.StringIO()
    rows = [["Company", "E-mail", "Note"], ["Café Müller", "a@b.example", 'Two\nlines, with; "all" | signs']]
    csv.writer(out, delimiter=delimiter).writerows(rows)
    content = out.getvalue().encode(encoding)
    found = sniff(content)
    assert found.delimiter == delimiter
    assert list(iter_rows(content, found.encoding, found.delimiter)) == rows


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"Company;E-mail\n", "no row"),
        (b"PK\x03\x04 no zip", "Save it as CSV"),
        (b"\xd0\xcf\x11\xe0 xls", "Save it as CSV"),
        (b"Brightwater;a@b.example\nMueller;c@d.example\n", "name the columns"),
        (b";".join([b"x"] * 300) + b"\n1\n", "columns"),
    ],
)
def test_a_file_that_cannot_be_read_says_how_to_mend_it(content, words):
    with pytest.raises(UnreadableFile, match=words):
        sniff(as_csv(io.BytesIO(content)))


def test_columns_are_guessed_in_several_languages_and_a_mapping_needs_an_address(upload, mei):
    guessed = guess_mapping(["Firma", "Adresse e-mail", "Vorname", "Nachname", "Branche", "???", "Company"])
    assert guessed == {"0": "company_name", "1": "email", "2": "first_name", "3": "last_name", "4": "industry"}
    batch = upload()
    assert "No column gives the e-mail address" in importing.check_mapping(batch, {"0": "company_name"})[0]
    assert (
        "Two columns fill Company"
        in importing.check_mapping(batch, {"0": "company_name", "1": "email", "2": "company_name"})[0]
    )
    assert importing.check_mapping(batch, {"0": "company_name", "1": "email"}) == []


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("employees", "about 1,200 people", 1200),
        ("employees", "11-50", 11),
        ("website", "www.brightwater.example/about", "https://www.brightwater.example/about"),
        ("language", "Deutsch", "de"),
        ("email", "A@Müller.example", "a@xn--mller-kva.example"),
        ("phone", "+44\x00 20\n", "+44 20"),
    ],
)
def test_values_are_cleaned(name, given, kept):
    assert clean_value(name, given) == kept


@pytest.mark.parametrize(
    ("name", "given"),
    [("website", "http://127.0.0.1/"), ("website", "http://localhost"), ("email", "a@b"), ("employees", "many")],
)
def test_impossible_values_are_refused(name, given):
    with pytest.raises(BadValue):
        clean_value(name, given)


SHEET = """<worksheet xmlns="x"><sheetData>
<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c>
<c r="D1" t="s"><v>3</v></c></row>
<row r="2"><c r="A2" t="inlineStr"><is><t>Café Müller</t></is></c><c r="B2" t="str"><f>1+1</f><v>A@B.example</v></c>
<c r="D2" t="s"><v>4</v></c><c r="ZZ2"><v>1</v></c></row>
<row r="3"><c r="A3"><v>7.0</v></c><c r="B3" t="s"><v>99</v></c></row>
</sheetData></worksheet>"""
TEXTS = """<sst xmlns="x"><si><t>Company Name</t></si><si><t>Email</t></si><si><t>Product</t></si>
<si><r><t>First </t></r><r><t>name</t></r></si><si><t>Jörg</t></si></sst>"""


def make_sheet(sheet=SHEET, **more):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        parts = {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": TEXTS, **more}
        for name, text in parts.items():
            box.writestr(name, text)
    return out.getvalue()


def test_a_spreadsheet_is_read_cell_by_cell_and_a_trick_is_not():
    rows = list(read_sheet(io.BytesIO(make_sheet(SHEET.replace("<v>99</v>", "<v>4</v>")))))
    assert rows[0] == ["Company Name", "Email", "Product", "First name"]
    assert rows[1:] == [["Café Müller", "A@B.example", "", "Jörg"], ["7", "Jörg"]]
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + SHEET
    for broken in (make_sheet(bomb), make_sheet(), make_sheet("<worksheet><row"), b"PK\x03\x04", make_sheet()[:-60]):
        with pytest.raises(BadSheet):
            list(read_sheet(io.BytesIO(broken)))
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    with pytest.raises(BadSheet, match="no sheet"):
        list(read_sheet(empty))


@pytest.mark.row("SAL-D-13")
def test_a_csv_or_excel_file_needs_its_header_and_the_columns_asked_for(mei, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    needs = ["company_name", "product", "first_name"]
    text = "Email,Company Name,Product,First name,Language,Country/Region\n"
    text += "a@x.example,X Ltd,Duo,Ann,German,UK\nb@x.example,X Ltd,,Bea,,\n,X Ltd,Duo,Cy,,\nd@x.example,X Ltd,Duo,,,\n"
    batch = importing.keep_file("leads.csv", text.encode(), by=mei, now=NOW)
    assert importing.check_mapping(batch, batch.mapping, needs) == []
    without = {number: name for number, name in batch.mapping.items() if name not in ("product", "first_name")}
    assert importing.check_mapping(batch, without, needs) == [
        "No column gives Product, which every row needs.",
        "No column gives First name, which every row needs.",
    ]
    importing.start_check(batch, mapping=batch.mapping, by=mei, needs=needs)
    importing.advance_import(batch.pk, now=NOW)
    batch.refresh_from_db()
    assert batch.counts == {"new": 1, "updated": 0, "known": 0, "copy": 0, "refused": 3}
    why = dict(batch.rows.values_list("number", "why"))
    assert (why[2], why[4]) == ("It has no Product.", "It has no First name.")
    sheet = importing.keep_file("leads.xlsx", make_sheet(SHEET.replace("<v>99</v>", "<v>4</v>")), by=mei, now=NOW)
    assert set(sheet.mapping.values()) == {"company_name", "email", "product", "first_name"}
    importing.start_check(sheet, mapping=sheet.mapping, by=mei, needs=["first_name"])
    importing.advance_import(sheet.pk, now=NOW)
    importing.start_import(sheet, by=mei, now=NOW)
    importing.advance_import(sheet.pk, now=NOW)
    made = Lead.objects.get()
    assert (made.email, made.company_name, made.name) == ("a@b.example", "Café Müller", "Jörg")


def test_known_leads_are_only_filled_where_they_are_empty_and_only_those_one_may_see(upload, lead, mei, person):
    mine = lead(email="r.achebe@brightwater.example", country="", owner=mei, company_name="Brightwater plc")
    hidden = lead(email="hello@mueller.example", country="", owner=person("Sam Else"), queue=None)
    hidden.owner.teams.clear()
    from accounts.models import Role

    Role.objects.filter(code="seller").update(visibility="own")
    batch = upload(updates_existing=True)
    assert (batch.counts["updated"], batch.counts["known"]) == (1, 1)
    importing.start_import(batch, by=mei)
    importing.advance_import(batch.pk)
    mine.refresh_from_db(), hidden.refresh_from_db()
    assert (mine.country, mine.company_name) == ("UK", "Brightwater plc")
    assert hidden.country == ""


def test_many_rows_go_on_in_pieces_and_a_cancelled_file_stops(upload, mei, monkeypatch):
    monkeypatch.setattr(importing, "PIECE", 10)
    rows = "".join(f"Firm {n};a{n}@firm.example\n" for n in range(95))
    batch = upload("Company;E-mail\n" + rows)
    assert batch.state == "ready"
    assert batch.total == 95
    importing.start_import(batch, by=mei)
    importing.advance_import(batch.pk, turn=3)
    assert Lead.objects.count() == 30
    lead_made_meanwhile = Lead.objects.create(email="a40@firm.example", company_name="Firm")
    importing.advance_import(batch.pk, turn=3)
    assert Lead.objects.count() == 60
    assert ImportRow.objects.get(batch=batch, number=41).outcome == "known"
    assert importing.cancel_import(batch, by=mei)
    importing.advance_import(batch.pk)
    assert Lead.objects.count() == 60
    assert lead_made_meanwhile.pk
    assert importing.forget_imports(NOW) == 0
    assert importing.forget_imports(NOW + importing.KEPT * 2) == 1
    assert not LeadImport.objects.exists()
