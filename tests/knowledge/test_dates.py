"""When an article is published and when it expires is said on its page."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from agents.models import Entry
from knowledge import articles
from knowledge.models import Article
from tests.api_clients import make_person


@pytest.mark.row("DESK-447")
@pytest.mark.django_db
def test_whoever_publishes_sets_the_dates_on_the_page_and_takes_them_back(client, write):
    article = write("Hoses", "Hoses last five years.", state="draft", index=False)
    page, address = reverse("knowledge:article", args=[article.pk]), reverse("knowledge:dates", args=[article.pk])
    client.force_login(make_person("ron@example.com", "representative"))
    assert client.post(address, {"publish_at": "2030-01-01T08:00"}).status_code == 403
    who = make_person("ada@example.com", "administrator")
    client.force_login(who)
    assert "Set the dates" in client.get(page).content.decode()

    def send(**given):
        said = client.post(address, given, follow=True).content.decode()
        article.refresh_from_db()
        return said

    assert "would expire before" in send(publish_at="2030-01-02T08:00", expires_at="2030-01-01T08:00")
    assert "Nothing was changed" in send(publish_at="tomorrow, or so")
    assert (article.state, article.publish_at) == ("draft", None)
    assert "The dates are set" in send(publish_at="2030-01-01T08:00", expires_at="2031-01-01T08:00")
    assert (article.state, article.publish_at.year, article.expires_at.year) == ("scheduled", 2030, 2031)
    assert "2030-01-01T" in client.get(page).content.decode()
    send()
    assert (article.state, article.publish_at, article.expires_at) == ("approved", None, None)
    assert articles.keep_dates(now=timezone.now() + dt.timedelta(days=9999)) == 0
    send(publish_at="2030-01-01T08:00")
    assert articles.keep_dates(now=article.publish_at) == 1
    article.refresh_from_db()
    assert article.state == "published"
    assert "published already" in send(publish_at="2031-01-01T08:00")
    send(expires_at="2032-01-01T08:00")
    assert (Article.objects.get().state, Article.objects.get().expires_at.year) == ("published", 2032)
    assert Entry.objects.filter(verb="article.dates_set", user=who).count() == 4
