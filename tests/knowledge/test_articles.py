"""Writing articles: versions, conflicts, states, restore."""

import pytest

from agents.models import Entry, Version
from agents.sections.versions import Conflict
from knowledge import articles
from knowledge.models import Article, Subject

pytestmark = pytest.mark.django_db


def test_each_change_is_a_version_and_no_change_is_none(write, lines):
    article = write("Descale", "Empty the tank.", state="draft")
    articles.change_article(article, by=None, body="Empty the tank first.", lines_of_business=lines[:1])
    articles.change_article(article, by=None, body="Empty the tank first.", lines_of_business=lines[:1])
    article.refresh_from_db()
    assert article.version == 2
    assert [row.number for row in articles.list_versions(article)] == [2, 1]
    assert Entry.objects.filter(verb="article.changed").count() == 1


def test_who_saved_meanwhile_is_said_and_nothing_is_overwritten(write, make_person):
    article, ada = write("Descale", "One.", state="draft"), make_person("author")
    articles.change_article(article, by=ada, expected=1, body="Two.")
    with pytest.raises(Conflict) as told:
        articles.change_article(article, by=None, expected=1, body="Three.")
    assert told.value.who == "A author"
    article.refresh_from_db()
    assert (article.body, article.version) == ("Two.", 2)
    with pytest.raises(Conflict):
        articles.set_state(article, state="published", by=None, expected=1)
    assert articles.set_state(article, state="published", by=None, expected=2).published_at


def test_an_older_version_is_restored_without_what_is_gone_since(write):
    gone = Subject.objects.create(name="Water")
    article = write("Descale", "One.", state="draft", subjects=[gone])
    articles.change_article(article, by=None, title="Descaling", body="Two.", subjects=[])
    gone.delete()
    restored = articles.restore_version(article, 1, by=None, expected=2)
    assert (restored.title, restored.body, restored.version) == ("Descale", "One.", 3)
    assert not restored.subjects.exists()
    with pytest.raises(Version.DoesNotExist):
        articles.restore_version(article, 9, by=None)


def test_a_published_text_is_changed_by_who_may_publish(write, make_person):
    article, published = write("A", "Text.", state="draft"), write("B", "Text.")
    rep, author = make_person("representative"), make_person("author")
    assert articles.why_fixed(article, rep)
    assert not articles.why_fixed(published, author)
    role = author.roles.get()
    role.permissions = ["knowledge.author"]
    role.save()
    author = type(author).objects.get(pk=author.pk)
    assert not articles.why_fixed(article, author)
    assert "published" in articles.why_fixed(published, author)
    archived = articles.set_state(article, state="archived", by=None)
    assert "archived" in articles.why_fixed(archived, author)


def test_slugs_are_free_and_without_accents(write):
    first, second = (write("Müller & Söhne", "x", state="draft") for _ in range(2))
    assert (first.slug, second.slug) == ("muller-sohne", "muller-sohne-2")
    assert Article.objects.create(title="x", slug=articles.make_slug("日本"), body="x").slug
