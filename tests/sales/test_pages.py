"""The pages of leads: list, lead, import; and the same by the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Role
from agents import suggestions
from sales import importing, qualifying
from sales.models import Finding, Lead, LeadImport
from sales.sources import fetch_findings
from tests.api_clients import client_of, post

pytestmark = pytest.mark.django_db
NOW = timezone.now()
CRITERIA = [{"name": "industry", "label": "Industry", "kind": "industry", "wanted": ["hotels"]}]
CSV = "Company;E-mail;Job title;Budget\nBrightwater Hotels;r@brightwater.example;Head of food;=1+1\nNobody;;;\n"


@pytest.fixture
def signed_in(client, mei):
    client.force_login(mei)
    return client


def test_the_empty_list_says_what_to_do_next_and_filters_find_leads(signed_in, lead):
    assert "Import leads" in signed_in.get("/desk/leads/").content.decode()
    lead(company_name="Brightwater Hotels"), lead(company_name="Café Müller", status="qualified", fit="high")
    lead(company_name="Old Firm", status="closed")
    shown = signed_in.get("/desk/leads/").content.decode()
    assert "Brightwater" in shown
    assert "Old Firm" not in shown
    assert "Old Firm" in signed_in.get("/desk/leads/?view=all").content.decode()
    found = signed_in.get("/desk/leads/?fit=high").content.decode()
    assert "Müller" in found
    assert "Brightwater" not in found
    assert "No lead matches" in signed_in.get("/desk/leads/?q=nothing-like-it").content.decode()


def test_chosen_leads_are_acted_on_together_and_what_could_not_be_is_counted(signed_in, lead, mei):
    rows = [lead(), lead(), lead(status="in_outreach")]
    given = {"pk": [row.pk for row in rows], "act": "research"}
    signed_in.post("/desk/leads/selected/", given)
    assert list(Lead.objects.order_by("pk").values_list("research", flat=True)) == ["due", "due", "due"]
    signed_in.post("/desk/leads/selected/", given | {"act": "assign", "owner": mei.pk})
    assert Lead.objects.filter(owner=mei).count() == 3
    signed_in.post("/desk/leads/selected/", {"pk": ["x", "9999", rows[0].pk], "act": "close"})
    assert Lead.objects.get(pk=rows[0].pk).status == "closed"


def test_the_lead_page_shows_findings_with_their_words_reasons_and_what_waits(signed_in, lead, mei, switch):
    switch("sales.qualification", "ask", criteria=CRITERIA)
    one = lead(owner=mei, status="researching", note="Our hotels need <b>machines</b>.")
    Finding.objects.create(lead=one, topic="industry", claim="Hotels", value="Hotels", quote="Our hotels", field="note")
    (asked,) = qualifying.suggest_verdict(one.pk, now=NOW)
    page = signed_in.get(one.get_absolute_url()).content.decode()
    assert 'data-evidence="1"' in page
    assert "Our hotels" in page
    assert f"/review/{asked.pk}/" in page
    assert "&lt;b&gt;machines" in page
    assert "Industry" in signed_in.get(f"/review/{asked.pk}/").content.decode()
    suggestions.accept(asked.pk, by=mei, now=NOW)
    page = signed_in.get(one.get_absolute_url()).content.decode()
    assert 'href="#f1"' in page
    assert "High fit" in page


def test_a_hidden_field_is_on_no_page_in_no_search_and_in_no_answer(signed_in, lead, mei):
    one = lead(owner=mei, note="Secret wish", phone="+44 20 7946", fit="low", fit_reasons=[])
    Finding.objects.create(lead=one, topic="interest", claim="Secret wish", quote="Secret wish", field="note")
    Role.objects.filter(code="seller").update(hidden_fields={"sales.lead": ["note", "phone"]})
    assert "Secret wish" not in signed_in.get(one.get_absolute_url()).content.decode()
    found = Finding.objects.get()
    assert fetch_findings([found.pk], type(mei).objects.get(pk=mei.pk)) == {}
    assert "7946" not in signed_in.get(one.get_absolute_url()).content.decode()
    client = client_of(type(mei).objects.get(pk=mei.pk))
    shown = client.get(f"/api/v1/leads/{one.pk}/").json()
    assert not {"note", "phone"} & shown.keys()
    assert client.get(f"/api/v1/leads/{one.pk}/findings/").json() == []
    kept = client.patch(f"/api/v1/leads/{one.pk}/", {"phone": "1"}, format="json")
    assert (kept.status_code, kept.json()["errors"].keys()) == (400, {"phone"})
    assert signed_in.post(f"/desk/leads/{one.pk}/fields/", {"phone": "1", "company_name": "New"}).status_code == 302
    one.refresh_from_db()
    assert (one.phone, one.company_name) == ("+44 20 7946", "New")


def test_a_file_goes_from_upload_to_leads_by_the_pages(signed_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    wrong = signed_in.post("/desk/leads/import/", {"file": SimpleUploadedFile("x.csv", b"PK\x03\x04")})
    assert (wrong.status_code, "Save it as CSV" in wrong.content.decode()) == (422, True)
    there = signed_in.post("/desk/leads/import/", {"file": SimpleUploadedFile("leads.csv", CSV.encode())}).url
    page = signed_in.get(there).content.decode()
    assert "Head of food" in page
    none = signed_in.post(there, {"column-0": "company_name"})
    assert (none.status_code, "No column gives the e-mail address" in none.content.decode()) == (422, True)
    columns = {"column-0": "company_name", "column-1": "email", "column-2": "title", "column-3": "custom:Budget"}
    assert signed_in.post(there, columns | {"consent_note": "Asked at the fair"}).status_code == 302
    page = signed_in.get(there).content.decode()
    assert "Import 1 lead" in page
    assert Lead.objects.count() == 0
    signed_in.post(f"{there}start/")
    made = Lead.objects.get()
    assert (made.title, made.consent_note, made.custom) == ("Head of food", "Asked at the fair", {"Budget": "=1+1"})
    report = b"".join(signed_in.get(f"{there}report/").streaming_content).decode()
    assert "no e-mail address" in report
    assert "Open the leads" in signed_in.get(there).content.decode()


@pytest.mark.row("DESK-182")
def test_programs_add_change_research_move_and_import_leads(mei, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = client_of(mei)
    made = post(client, "/api/v1/leads/", {"company_name": "Brightwater", "email": "R@Brightwater.example"})
    assert made.status_code == 201, made.content
    assert made.json()["email"] == "r@brightwater.example"
    url = f"/api/v1/leads/{made.json()['id']}/"
    again = post(client, "/api/v1/leads/", {"company_name": "Other", "email": "r@brightwater.example"})
    assert (again.status_code, again.json()["errors"].keys()) == (400, {"email"})
    bad = client.patch(url, {"website": "http://127.0.0.1/"}, format="json")
    assert bad.json()["errors"].keys() == {"website"}
    assert client.patch(url, {"country": "UK", "employees": 12}, format="json").json()["employees"] == 12
    assert post(client, f"{url}research/").json()["research"] == "due"
    assert post(client, f"{url}move/", {"status": "qualified", "why": "Known"}).json()["status"] == "qualified"
    assert post(client, f"{url}move/", {"status": "replied"}).status_code == 400
    assert [row["country"] for row in client.get("/api/v1/leads/?q=bright").json()["results"]] == ["UK"]
    batch = post(client, "/api/v1/lead-imports/", {"name": "leads.csv", "content": CSV}).json()
    where = f"/api/v1/lead-imports/{batch['id']}/"
    assert batch["state"] == "checking"
    assert post(client, f"{where}start/").status_code == 400
    importing.advance_import(batch["id"])
    assert client.get(where).json()["counts"]["refused"] == 1
    assert [row["outcome"] for row in client.get(f"{where}rows/").json()["results"]] == ["known", "refused"]
    other = client_of(mei, "cases:read")
    assert other.get("/api/v1/leads/").status_code == 403


def test_a_file_of_somebody_else_is_not_there(signed_in, person):
    batch = LeadImport.objects.create(name="x.csv", created_by=person("Sam Else"), state="done")
    assert signed_in.get(f"/desk/leads/import/{batch.pk}/").status_code == 404
    assert signed_in.get(f"/desk/leads/import/{batch.pk}/report/").status_code == 404
