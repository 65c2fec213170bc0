"""The help centre: what customers may read, kept by caches, and what they say about it."""

import pytest
from django.core.cache import cache

from agents.sections import SECTIONS, configuring
from knowledge import articles, helping
from knowledge.models import Article, Feedback, Subject
from tests.knowledge.solved import NOON


@pytest.fixture
def opened(make_person):
    boss = make_person("administrator")
    values = {"name": "Halden & Roe", "contact": "care@haldenroe.example", "feedback": True}
    configuring.change_settings(SECTIONS["knowledge.help_centre"], by=boss, is_on=True, values=values)
    cache.clear()
    return boss


@pytest.mark.row("DESK-165")
def test_customers_read_published_compliant_external_articles_and_nothing_else(client, write, opened):
    leaks = Subject.objects.create(name="Leaks")
    body = "Press the hose <script>x</script> onto the clip until it clicks."
    shown = write("Water leaks <b>under</b> the machine", body, subjects=[leaks])
    for title, fields in (("Secret", {"audience": "internal"}), ("Half", {"state": "draft"})):
        write(title, "Nobody outside reads this hose clip text.", **fields)
    refused = write("Bad", "Press the hose onto the clip.", index=False)
    articles.certify(refused, compliance="non_compliant", by=opened)
    home = client.get("/help/")
    text = home.content.decode()
    assert "Water leaks &lt;b&gt;under" in text
    assert not {"Secret", "Half", "Bad"} & set(text.split())
    assert "public" in home["Cache-Control"]
    assert "csrf" not in text
    assert not home.cookies
    assert "Water leaks" in client.get("/help/?q=hose+clip").content.decode()
    assert "Nothing answers" in client.get("/help/?q=xylophone").content.decode()
    assert "Water leaks" not in client.get(f"/help/?topic={leaks.pk + 1}").content.decode()
    page = client.get(f"/help/{shown.slug}/").content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page
    assert client.get(f"/help/{Article.objects.get(title='Secret').slug}/").status_code == 404
    assert "Allow: /help/" in client.get("/robots.txt").content.decode()
    configuring.change_settings(SECTIONS["knowledge.help_centre"], by=opened, is_on=False)
    assert client.get("/help/").status_code == client.get(f"/help/{shown.slug}/").status_code == 404
    assert "Allow" not in client.get("/robots.txt").content.decode()


@pytest.mark.row("DESK-166")
def test_feedback_is_one_voice_a_day_without_personal_data_and_authors_read_it(client, write, opened):
    article = write("Hoses", "Hoses last five years.")
    address = f"/help/{article.slug}/feedback/"
    comment = "No word about my model. Call me: +49 170 1234567, Anna Berg"
    assert client.post(address, {"useful": "no", "comment": comment}).status_code == 302
    client.post(address, {"useful": "yes"})
    article.refresh_from_db()
    assert (article.useful_count, article.useless_count, Feedback.objects.count()) == (0, 1, 1)
    said = Feedback.objects.get()
    assert "1234567" not in said.comment
    assert "Anna" not in said.comment
    assert "127.0.0.1" not in said.voice
    client.post(address, {"useful": "yes"}, REMOTE_ADDR="203.0.113.9")
    assert Feedback.objects.count() == 2
    client.force_login(opened)
    page = client.get(f"/knowledge/{article.pk}/").content.decode()
    assert "No word about my model" in page
    assert "1 were helped, 1 missed" in page
    for _voice in range(helping.MOST_AN_HOUR):
        last = client.post(address, {"useful": "yes"})
    assert last.status_code == 429
    assert client.get(address).status_code == 405


@pytest.mark.row("KM-B-8")
@pytest.mark.row("KM-B-11")
def test_an_article_is_published_and_expires_on_its_dates(write, opened):
    import datetime as dt

    article = write("Hoses", "Hoses last five years.", state="draft", index=False)
    with pytest.raises(articles.Refused, match="before it is published"):
        articles.plan_dates(article, publish_at=NOON, expires_at=NOON, by=opened, now=NOON)
    day = dt.timedelta(days=1)
    approved = articles.set_state(article, state="approved", by=opened)
    planned = articles.plan_dates(approved, publish_at=NOON + day, expires_at=NOON + 3 * day, by=opened, now=NOON)
    assert planned.state == "scheduled"
    assert articles.keep_dates(now=NOON) == 0
    assert articles.keep_dates(now=NOON + day) == 1
    assert Article.objects.get().state == "published"
    assert articles.keep_dates(now=NOON + 3 * day) == 1
    assert Article.objects.get().state == "expired"
    again = articles.set_state(Article.objects.get(), state="archived", by=opened)
    assert articles.set_state(again, state="discarded", by=opened).state == "discarded"


@pytest.mark.row("KM-B-12")
def test_publishing_makes_a_major_version_and_saving_a_minor_one_in_place_of_the_older(write, opened):
    article = write("Hoses", "Hoses last five years.", index=False)
    assert article.label == "1.0"
    changed = articles.change_article(article, body="Hoses last six years.", by=opened)
    assert changed.label == "1.1"
    draft = articles.set_state(changed, state="draft", by=opened)
    published = articles.set_state(draft, state="published", by=opened)
    assert published.label == "2.0"
    assert helping.public_articles().get().body == "Hoses last six years."
