"""Every page of knowledge for every role, and what its forms do."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from model_bakery import baker

from knowledge import articles, importing, reading
from knowledge.models import Article, ArticleImport, Product, Subject

pytestmark = pytest.mark.django_db
WRITERS, READERS = {"administrator", "supervisor", "author"}, {"representative", "seller", "none"}
SCRIPT = "<script>alert(1)</script>"


def page_of(response):
    return response.content.decode()


def form_of(**fields):
    return {"title": "Descale", "body": "Empty the tank.", "audience": "external", "language": "en"} | fields


@pytest.mark.parametrize("code", [*sorted(WRITERS | READERS), "anonymous"])
def test_each_page_opens_for_whom_it_is_for(client, make_person, write, code):
    article, subject = write("Delivery", "Orders leave."), Subject.objects.create(name="Water")
    product = Product.objects.create(name="Duo")
    articles.change_article(article, by=None, body="Orders leave today.")
    person = None
    if code != "anonymous":
        person = make_person(code)
        client.force_login(person)
    kept = importing.prepare_import("x.csv", reading.ReadFile([]), by=person)
    pk = (article.pk,)
    read = [("get", "articles", ()), ("get", "article", pk)]
    writing = [
        ("get", "add", ()), ("get", "edit", pk), ("get", "versions", pk), ("post", "preview", ()),
        ("get", "import", ()), ("get", "import_report", (kept.pk,)), ("post", "start_import", (kept.pk,)),
        ("post", "restore", (*pk, 1)), ("post", "state", pk),
    ]  # fmt: skip
    managing = [
        ("get", "products", ()), ("get", "add_product", ()), ("get", "product", (product.pk,)), ("get", "subjects", ()),
        ("get", "add_subject", ()), ("get", "subject", (subject.pk,)), ("post", "remove_subject", (subject.pk,)),
    ]  # fmt: skip
    for routes, allowed in [(read, WRITERS | READERS), (writing, WRITERS), (managing, {"administrator"})]:
        for method, name, args in routes:
            url = reverse(f"knowledge:{name}", args=args)
            sent = {"state": "draft", "expected": "2"} if name == "state" else {"expected": "2"}
            response = client.post(url, sent) if method == "post" else client.get(url)
            if code == "anonymous":
                assert response.status_code == 302, url
                assert response.url.startswith(reverse("account_login")), url
            else:
                assert (response.status_code != 403) == (code in allowed), (url, response.status_code)
                assert response.status_code in (200, 302, 403), (url, response.status_code)


@pytest.mark.row("KM-B-16")
def test_what_one_may_not_see_is_as_if_it_were_missing(client, make_person, write, lines):
    client.force_login(make_person("representative", lines=lines[:1]))
    hidden = [
        write("Draft", "x", state="draft"),
        write("Trade", "x", lines_of_business=lines[1:]),
    ]
    inside = write("Inside", "x", audience="internal")
    assert client.get(reverse("knowledge:article", args=[inside.pk])).status_code == 200
    for article in hidden:
        assert client.get(reverse("knowledge:article", args=[article.pk])).status_code == 404
    assert client.get(reverse("knowledge:article", args=[999_999])).status_code == 404
    text = page_of(client.get(reverse("knowledge:articles")))
    assert "Inside" in text
    assert ">Draft</a>" not in text
    assert ">Trade</a>" not in text


def test_an_article_is_written_published_and_found(client, make_person):
    client.force_login(make_person("author"))
    made = client.post(reverse("knowledge:add"), form_of())
    article = Article.objects.get()
    assert made.url == reverse("knowledge:article", args=[article.pk])
    assert (article.state, article.author.name) == ("draft", "A author")
    assert client.post(reverse("knowledge:add"), form_of(title=" ", audience="all")).status_code == 422
    state = reverse("knowledge:state", args=[article.pk])
    client.post(state, {"state": "published", "expected": "1"})
    article.refresh_from_db()
    assert article.published_at
    assert client.post(state, {"state": "sold", "expected": "1"}).status_code == 404
    assert "Descale" in page_of(client.get(reverse("knowledge:articles") + "?state=published"))
    assert "No article matches" in page_of(client.get(reverse("knowledge:articles") + "?state=archived"))


def test_nobody_publishes_what_they_did_not_read(client, make_person, write):
    client.force_login(make_person("author"))
    article = write("A", "x", state="draft")
    articles.change_article(article, by=None, body="y")
    page = client.post(
        reverse("knowledge:state", args=[article.pk]), {"state": "published", "expected": "1"}, follow=True
    )
    assert "saved a new version meanwhile" in page_of(page)
    article.refresh_from_db()
    assert article.state == "draft"


def test_when_two_edit_the_second_keeps_their_text_and_reads_who_and_what(client, make_person, write):
    article = write("Descale", "Old words.", state="draft")
    articles.change_article(article, by=make_person("supervisor"), body="Their words.", expected=1)
    client.force_login(make_person("author"))
    url = reverse("knowledge:edit", args=[article.pk])
    page = client.post(url, form_of(body="My words.", expected="1"))
    assert page.status_code == 409
    assert "A supervisor saved version 2" in page_of(page)
    assert "My words." in page_of(page)
    assert "Their words." in page_of(page)
    assert 'name="expected" value="2"' in page_of(page)
    article.refresh_from_db()
    assert article.body == "Their words."
    assert client.post(url, form_of(body="My words.", expected="2")).status_code == 302
    article.refresh_from_db()
    assert (article.body, article.version) == ("My words.", 3)


def test_versions_are_compared_and_restored(client, make_person, write):
    client.force_login(make_person("author"))
    article = write("Descale", "One line.\n\nSame.", state="draft")
    articles.change_article(article, by=None, body="Another line.\n\nSame.", audience="internal")
    url = reverse("knowledge:versions", args=[article.pk])
    text = page_of(client.get(url + "?a=2&b=1"))
    assert "<del>External</del>" in text
    assert "Another line." in text
    assert client.get(url + "?a=1&b=9").status_code == 404
    assert client.get(url + "?a=x&b=%00").status_code == 200
    restore = reverse("knowledge:restore", args=[article.pk, 1])
    assert "meanwhile" in page_of(client.post(restore, {"expected": "1"}, follow=True))
    client.post(restore, {"expected": "2"})
    article.refresh_from_db()
    assert (article.body, article.version) == ("One line.\n\nSame.", 3)
    assert client.post(reverse("knowledge:restore", args=[article.pk, 77]), {"expected": "3"}).status_code == 404


def test_script_anywhere_stays_text(client, make_person, write):
    client.force_login(make_person("administrator"))
    body = f"{SCRIPT}\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)>\n\n![lamp](http://x.example/a.png)"
    article = write(SCRIPT, f"{body}\n\n## {SCRIPT}")
    product = Product.objects.create(name=f"Duo {SCRIPT}", aliases=[SCRIPT])
    Subject.objects.create(name=SCRIPT, description=SCRIPT)
    articles.change_article(article, by=None, body=body + " more", products=[product])
    pages = [
        reverse("knowledge:articles"), reverse("knowledge:articles") + f"?q={SCRIPT}",
        reverse("knowledge:article", args=[article.pk]) + f"?q={SCRIPT}", reverse("knowledge:edit", args=[article.pk]),
        reverse("knowledge:versions", args=[article.pk]), reverse("knowledge:products"),
        reverse("knowledge:products") + f"?q={SCRIPT}", reverse("knowledge:subjects"),
        reverse("knowledge:product", args=[product.pk]),
    ]  # fmt: skip
    for url in pages:
        text = page_of(client.get(url))
        assert "<script>alert" not in text, url
        assert "alert" in text, url
        assert "<img" not in text, url
        assert 'href="javascript' not in text, url
    preview = page_of(client.post(reverse("knowledge:preview"), {"title": SCRIPT, "body": f"**bold** {body}"}))
    assert "<strong>bold</strong>" in preview
    assert "<script>" not in preview


def test_the_list_shows_the_passage_with_its_words_lit_and_filters(client, make_person, write, lines):
    client.force_login(make_person("administrator"))
    duo = Product.objects.create(name="Duo")
    write("Delivery", "Orders leave within two days. Follow your parcel by its link.", products=[duo])
    write("Entkalken", "Leeren Sie den Tank.", language="de", audience="internal", lines_of_business=lines[:1])
    url = reverse("knowledge:articles")
    text = page_of(client.get(url, {"q": "parcels"}))
    assert '<mark class="evidence">parcel</mark>' in text
    assert "Entkalken" not in text
    for filters, found in [
        ({"language": "de"}, "Entkalken"), ({"audience": "external"}, "Delivery"), ({"product": duo.pk}, "Delivery"),
        ({"line": lines[1].pk}, "Delivery"),
    ]:  # fmt: skip
        text = page_of(client.get(url, filters))
        other = {"Entkalken", "Delivery"} - {found}
        assert f">{found}</a>" in text
        assert f">{other.pop()}</a>" not in text
    for odd in [
        "?line=x",
        "?product=99999999999",
        "?after=x",
        "?after=2026-01-01_1",
        "?before=%00",
        "?q=%00",
        "?state=x",
    ]:
        assert client.get(url + odd).status_code == 200, odd


def test_pages_follow_the_last_row_seen_both_ways(client, make_person, monkeypatch):
    monkeypatch.setattr("knowledge.listing.PER_PAGE", 3)
    client.force_login(make_person("administrator"))
    for number in range(7):
        articles.create_article(title=f"Article {number}", body="x", by=None)
    url, seen, asked = reverse("knowledge:articles"), [], {}
    for _page in range(3):
        page = client.get(url, asked).context["page"]
        asked = {"after": page.after}
        seen += [article.title for article in page.articles]
    assert seen == [f"Article {number}" for number in reversed(range(7))]
    assert not page.after
    back = client.get(url, {"before": page.before}).context["page"]
    assert [article.title for article in back.articles] == ["Article 3", "Article 2", "Article 1"]
    first = client.get(url, {"before": back.before}).context["page"]
    assert [article.title for article in first.articles] == ["Article 6", "Article 5", "Article 4"]
    assert not first.before


def test_lists_cost_the_same_for_one_and_for_ten(client, make_person, write, lines):
    client.force_login(make_person("administrator"))
    counts = []
    for start in (0, 10):
        for number in range(start, start + 10 if start else 1):
            Product.objects.create(name=f"Duo {number}", family=baker.make("knowledge.ProductFamily"))
            subject = Subject.objects.create(name=f"Subject {number}", parent=Subject.objects.first())
            article = write(f"Parcel {number}", "Follow it.", products=[], subjects=[subject], lines_of_business=lines)
            articles.change_article(article, by=None, body=f"Follow it {number}.", products=Product.objects.all())
            importing.prepare_import("x.csv", reading.ReadFile([]), by=article.author)
        urls = [reverse(f"knowledge:{name}") for name in ("articles", "products", "subjects", "import", "add")]
        urls += [urls[0] + "?q=parcel", reverse("knowledge:article", args=[article.pk])]
        urls += [reverse("knowledge:versions", args=[article.pk])]
        client.get(urls[0])
        for url in urls:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
            counts.append(len(asked))
    assert counts[: len(urls)] == counts[len(urls) :]


def test_a_file_is_checked_then_imported_and_the_page_sums_up(client, make_person, lines):
    client.force_login(make_person("author"))
    url = reverse("knowledge:import")
    table = f"title,body\nOne,Text\n{SCRIPT},Text\n,none\n".encode()
    refused = client.post(url, {"file": SimpleUploadedFile("x.exe", b"x")})
    assert refused.status_code == 422
    assert "none of them" in page_of(refused)
    assert client.post(url).status_code == 422
    made = client.post(url, {"file": SimpleUploadedFile("x.csv", table)})
    report = page_of(client.get(made.url))
    assert not Article.objects.exists()
    assert "Import 2 articles" in report
    assert "<script>alert" not in report
    assert "It has no title." in report
    assert "It has no title." not in page_of(client.get(made.url + "?outcome=new"))
    kept = ArticleImport.objects.get()
    client.post(reverse("knowledge:start_import", args=[kept.pk]), {"publish": "on"})
    assert "Of 3 articles: 2 new, 0 changed, 0 unchanged, 1 refused." in page_of(client.get(made.url))
    assert Article.objects.filter(state="published").count() == 2
    again = client.post(reverse("knowledge:start_import", args=[kept.pk]), follow=True)
    assert "imported already" in page_of(again)
    client.force_login(make_person("supervisor"))
    assert client.get(made.url).status_code == 404


def test_products_are_added_changed_and_switched_off(client, make_person):
    client.force_login(make_person("administrator"))
    said = {"name": "Duo 58", "family": "Machines", "aliases": "the 58\nDuo58\n\nTHE 58\nduo 58", "is_active": "on"}
    assert client.post(reverse("knowledge:add_product"), said).status_code == 302
    duo = Product.objects.get()
    assert (duo.aliases, duo.family.name) == (["the 58", "Duo58"], "Machines")
    twice = client.post(reverse("knowledge:add_product"), said | {"name": "duo 58"})
    assert (twice.status_code, "already" in page_of(twice)) == (422, True)
    url = reverse("knowledge:product", args=[duo.pk])
    assert client.post(url, said | {"serial_pattern": "("}).status_code == 422
    del said["is_active"]
    assert client.post(url, said).status_code == 302
    duo.refresh_from_db()
    assert not duo.is_active
    assert "Duo 58" in page_of(client.get(reverse("knowledge:products") + "?q=the+58"))
    assert "Duo 58" not in page_of(client.get(reverse("knowledge:add")))


def test_subjects_form_a_tree_without_circles_and_stay_while_used(client, make_person, write):
    client.force_login(make_person("administrator"))
    add = reverse("knowledge:add_subject")
    client.post(add, {"name": "Machines"})
    top = Subject.objects.get()
    client.post(add, {"name": "Water", "parent": top.pk})
    child = Subject.objects.get(name="Water")
    assert client.post(add, {"name": "water", "parent": top.pk}).status_code == 422
    circle = client.post(reverse("knowledge:subject", args=[top.pk]), {"name": "Machines", "parent": child.pk})
    assert circle.status_code == 422
    remove = reverse("knowledge:remove_subject", args=[top.pk])
    assert "1 subject" in page_of(client.post(remove, follow=True))
    article = write("A", "x", subjects=[child])
    case = baker.make("cases.Case", subject=child)
    kept = page_of(client.post(reverse("knowledge:remove_subject", args=[child.pk]), follow=True))
    assert "1 article" in kept
    assert "1 case" in kept
    article.subjects.clear()
    case.delete()
    for subject in (child, top):
        client.post(reverse("knowledge:remove_subject", args=[subject.pk]))
    assert not Subject.objects.exists()


def test_knowledge_stands_in_the_navigation(client, make_person):
    client.force_login(make_person("representative"))
    text = page_of(client.get(reverse("knowledge:articles")))
    assert 'data-key="g k"' in text
    assert "/manage/products/" not in text
