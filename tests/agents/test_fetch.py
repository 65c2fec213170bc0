"""The fetcher: what it opens, what it never opens, and when it stops."""

import gzip
import socket
import time
import zlib

import pytest
from django.db import transaction

from agents import fetch as fetching
from agents.fetch import Forbidden, TooLarge, TooSlow, Unreachable, fetch
from bench.tricks import every_trick, try_all
from bench.web import PUBLIC, small_internet


@pytest.fixture(autouse=True)
def no_pause(settings):
    settings.FETCH_PAUSE_SECONDS = 0
    settings.FETCH_DEMO_FOLDER = ""
    fetching.forget_sites()


@pytest.fixture
def net():
    with small_internet() as small:
        yield small


@pytest.mark.row("DESK-180")
def test_no_trick_with_an_address_reaches_what_is_not_public():
    assert len(set(every_trick())) >= 120
    ended, pages, reached = try_all()
    assert reached == []
    assert pages == []
    assert ended["forbidden"] == len(every_trick())


def test_the_counter_of_tricks_counts(net):
    net.add("open.example", lambda request: request.answer("hello"))
    assert fetch("http://open.example/").text == "hello"
    assert net.forbidden == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 80), timeout=1)
    assert net.forbidden


def test_a_page_is_read_under_our_name_without_cookies_credentials_or_proxy(net, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("http_proxy", "http://user:secret@127.0.0.1:9/")

    def answer(request):
        if request.path == "/old":
            request.answer(status=301, location="/new?q=é", set_cookie="a=b")
        else:
            request.answer("<p>Grüße</p>".encode("latin-1"), content_type="text/html; charset=iso-8859-1")

    net.add("open.example", answer)
    page = fetch(" http://Open.Example/old ")
    assert (page.status, page.content_type, page.text) == (200, "text/html", "<p>Grüße</p>")
    assert page.final_url == "http://open.example/new?q=%C3%A9"
    asked = net.requests[-1].headers
    assert asked["host"] == "open.example"
    assert asked["user-agent"].startswith("Deskhand/")
    assert not {"cookie", "authorization", "proxy-authorization", "referer"} & asked.keys()


def test_the_checked_address_is_the_one_that_is_dialled(net):
    net.add("open.example", lambda request: request.answer("hello"))
    answers = iter([[PUBLIC], [PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])

    class Rebinding(dict):
        def __getitem__(self, host):
            return next(answers)

    net.names = Rebinding(net.names)
    assert fetch("http://open.example/").text == "hello"
    assert net.lookups == ["open.example", "open.example"]  # once for robots.txt, once for the page: never in between
    with pytest.raises(Forbidden, match="not public"):
        fetch("http://open.example/")
    assert net.forbidden == []


@pytest.mark.row("DESK-181")
def test_a_site_that_never_ends_is_left_when_the_time_is_over(net):
    def drip_body(request):
        request.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
        for _turn in range(200):
            request.write(b"x")
            time.sleep(0.02)

    def drip_head(request):
        request.write(b"HTTP/1.1 200 OK\r\n")
        for turn in range(200):
            request.write(f"x-{turn}: y\r\n".encode())
            time.sleep(0.02)

    net.add("body.example", drip_body)
    net.add("head.example", drip_head)
    for host in ("body", "head"):
        begun = time.monotonic()
        with pytest.raises(TooSlow):
            fetch(f"http://{host}.example/", deadline=0.3)
        assert time.monotonic() - begun < 1.5


@pytest.mark.row("DESK-181")
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"x" * 60_000, {}),
        (b"x", {"content_length": "900000000"}),
        (gzip.compress(b"x" * 20_000_000), {"content_encoding": "gzip"}),
        (zlib.compress(b"x" * 20_000_000), {"content_encoding": "deflate"}),
    ],
    ids=["long", "says so", "gzip bomb", "deflate bomb"],
)
def test_what_is_too_large_is_left_where_it_is(net, body, headers):
    net.add("open.example", lambda request: request.answer(body, **headers))
    with pytest.raises(TooLarge, match="50 kB"):
        fetch("http://open.example/", limit_bytes=50_000)


def test_a_packed_page_is_unpacked_and_a_broken_one_is_named(net):
    net.add("good.example", lambda request: request.answer(gzip.compress(b"fine"), content_encoding="gzip"))
    net.add("bad.example", lambda request: request.answer(b"no gzip", content_encoding="gzip"))
    net.add("odd.example", lambda request: request.answer(b"?", content_encoding="br"))
    assert fetch("http://good.example/").text == "fine"
    for host in ("bad", "odd"):
        with pytest.raises(Unreachable, match="pack"):
            fetch(f"http://{host}.example/")


def test_errors_files_loops_and_strange_protocols_are_named(net):
    net.add("gone.example", lambda request: request.answer("no", 404))
    net.add("file.example", lambda request: request.answer(b"%PDF", content_type="application/pdf"))
    net.add("loop.example", lambda request: request.answer(status=302, location="/again"))
    net.add("odd.example", lambda request: request.write(b"220 mail.example ESMTP\r\n"))
    for host, words in (("gone", "404"), ("file", "application/pdf"), ("loop", "redirects"), ("odd", "web server")):
        with pytest.raises(Unreachable, match=words):
            fetch(f"http://{host}.example/")
    with pytest.raises(Unreachable, match="no host"):
        fetch("http://missing.example/")


def test_a_site_that_does_not_want_to_be_read_is_not_read(net):
    pages = {"/robots.txt": "User-agent: *\nDisallow: /private\nCrawl-delay: 0", "/": "open", "/private/x": "shut"}
    net.add("open.example", lambda request: request.answer(pages[request.path]))
    net.sites["robots"] = {"open.example"}
    assert fetch("http://open.example/").text == "open"
    with pytest.raises(Forbidden, match="robots"):
        fetch("http://open.example/private/x")
    assert [request.path for request in net.requests] == ["/robots.txt", "/"]


def test_a_site_whose_rules_cannot_be_asked_is_left_alone(net):
    net.add("open.example", lambda request: request.answer("?", 503))
    net.sites["robots"] = {"open.example"}
    with pytest.raises(Unreachable, match="503"):
        fetch("http://open.example/")


def test_two_requests_to_one_site_keep_their_distance(net, settings):
    settings.FETCH_PAUSE_SECONDS = 0.15
    net.add("open.example", lambda request: request.answer("x"))
    fetch("http://open.example/a")
    begun = time.monotonic()
    fetch("http://open.example/b")
    assert time.monotonic() - begun > 0.1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_read_inside_a_transaction(net):
    net.add("open.example", lambda request: request.answer("x"))
    with transaction.atomic(), pytest.raises(RuntimeError, match="transaction"):
        fetch("http://open.example/")
    assert fetch("http://open.example/").text == "x"


def test_the_demo_reads_files_and_connects_to_nothing(net, settings, tmp_path):
    settings.FETCH_DEMO_FOLDER = str(tmp_path)
    (tmp_path / "cafe.example").mkdir()
    (tmp_path / "cafe.example" / "index.html").write_text("<p>Espresso</p>")
    (tmp_path / "secret.html").write_text("no")
    assert fetch("https://cafe.example/").text == "<p>Espresso</p>"
    for url, error in (
        ("http://cafe.example/../secret.html", Unreachable),
        ("http://cafe.example/missing", Unreachable),
        ("http://open.example/", Unreachable),
        ("http://127.0.0.1/", Forbidden),
        ("http://localhost/", Forbidden),
    ):
        with pytest.raises(error):
            fetch(url)
    assert net.requests == []
    assert net.forbidden == []
