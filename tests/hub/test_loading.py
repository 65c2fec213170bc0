"""The sample company of the demo."""

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import ensure_roles
from agents import sweeps
from agents.models import Suggestion
from agents.sections import load
from conversations.models import Delivery, Mailbox, MessageTemplate
from conversations.suppression import is_suppressed
from hub import loading, sample, sample_leads, sample_outreach
from knowledge.indexing import index_article
from knowledge.models import Article, Harvest
from sales import qualifying, research, selection
from sales.models import Finding, Lead, Touch


def own_block():
    """A transaction that is the test's own: pages may be fetched inside it."""
    block = transaction.atomic()
    block._from_testcase = True
    return block


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The sample company, loaded once for the tests that roll back what they do with it."""
    with django_db_blocker.unblock(), own_block():
        # A test with transactions of its own, earlier in this worker, has emptied the table.
        ensure_roles()
        assert not loading.is_loaded()
        loading.load_company()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def company(loaded, django_db_blocker):
    """The sample company, for one test."""
    with django_db_blocker.unblock(), own_block():
        yield
        transaction.set_rollback(True)


def test_the_sample_company_loads_with_settings_that_name_its_own_rows_and_its_mail_comes_in(company):
    assert loading.is_loaded()
    template = MessageTemplate.objects.get(pk=load("cases.resolution").values["template"])
    assert "{{ body }}" in template.body
    assert User.objects.filter(presence="available", capacity__gt=0, person_abilities__level=3).distinct().count() >= 3
    assert {rule.outcome["way"] for rule in load("cases.assignment").rules} == {"round_robin", "capacity"}
    assert Mailbox.objects.count() == len(sample.read_company().mailboxes)
    assert loading.receive_mails() == Delivery.objects.count() >= 150


def test_the_samples_leads_are_imported_researched_from_files_and_qualified(company, settings, tmp_path):
    settings.MEDIA_ROOT, settings.FETCH_PAUSE_SECONDS = tmp_path, 0
    settings.FETCH_DEMO_FOLDER = str(sample.FOLDER / "web")
    assert sample_leads.load_leads().counts["new"] == 60
    now = timezone.now()
    for find, do in (
        (selection.due_leads, selection.select_lead),
        (research.due_leads, research.research_lead),
        (qualifying.due_leads, qualifying.suggest_verdict),
    ):
        for pk in find(100):
            do(pk, now=now)
    assert Lead.objects.filter(status="new").count() > 5
    assert Lead.objects.filter(status="qualified", fit="high").count() > 5
    assert Lead.objects.exclude(waiting_kinds=[]).count() > 5
    assert Lead.objects.filter(status="disqualified").exists()
    assert Finding.objects.filter(topic="news").count() > 20
    assert Lead.objects.filter(pages__gives_orders=True).exists()
    assert Lead.objects.filter(research_why__contains="robots").exists()


def test_the_sample_shows_drafts_of_articles_that_wait(company):
    assert Article.objects.count() >= 40
    solved = {row.subject for row in sample.read_solved()}
    for _turn in range(3):
        sweeps.run("knowledge.harvest")
    waiting = Suggestion.objects.filter(kind="knowledge.publish_article", state="pending")
    titles = " ".join(row.proposed["title"] for row in waiting)
    assert waiting.count() == 3
    assert "Kettle K1 shows E3" in titles
    assert "Cambiar la dirección" in titles
    assert not Harvest.objects.filter(state__in=["ready", "thinking", "failed"]).exists()
    names = [word for row in sample.read_solved() for word in row.name.split()]
    assert not [word for word in names for row in waiting if word in str(row.proposed)]
    assert len(solved) == 4


def test_the_samples_outreach_shows_a_draft_a_reply_an_opt_out_and_a_hand_over(company, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.FETCH_DEMO_FOLDER = str(sample.FOLDER / "web")
    for article in Article.objects.all():
        index_article(article.pk)
    sample_leads.load_leads()
    now = timezone.now()
    assert sample_outreach.load_outreach(now=now) == 6
    for name in ("conversations.read", "conversations.route", "sales.replies", "sales.enrol", "sales.touch"):
        sweeps.run(name, now=now)
    outcomes = dict(Touch.objects.filter(direction="in").values_list("lead__email", "outcome"))
    assert outcomes == {
        "albers@buero-albers.example": "interested",
        "c.petit@hotelduparc.example": "opt_out",
        "nora@fikahouse.example": "question",
        "ana.ruiz@mirador.example": "later",
    }
    waiting = set(Suggestion.objects.filter(state="pending").values_list("kind", flat=True))
    assert {"sales.send_outreach", "sales.answer_question"} <= waiting
    assert Lead.objects.get(email="albers@buero-albers.example").status == "handed_over"
    assert is_suppressed("c.petit@hotelduparc.example", outreach=True).reason == "opt_out"
    assert Suggestion.objects.filter(kind="sales.send_outreach", proposed__step=2, state="pending").exists()
