"""Bad input: limits, broken trees, charsets and headers; nothing is raised but ``Unparseable``."""

import re
import resource
import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conversations.limits import Limits
from conversations.parse import parse, tell_language
from conversations.parsed import Unparseable

HEAD = b"From: a@x.example\nSubject: x\n"
MIXED = b"Content-Type: multipart/mixed; boundary="


def nested(depth: int) -> bytes:
    opening = b"".join(MIXED + b"b%d\n\n--b%d\n" % (i, i) for i in range(depth))
    return HEAD + opening + b"\nText at the bottom.\n"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (HEAD + MIXED + b"b\n\n" + b"--b\n\n\n" * 1_000_000 + b"--b--\n", "parts|lines"),
        (HEAD + MIXED + b"b\n\n" + b"--b\n\nx\n" * 100_000 + b"--b--\n", "parts"),
        (HEAD + b"Content-Type: multipart/mixed; boundary*0=b; boundary*1=c\n\n" + b"--bc\n\nx\n" * 90_000, "parts"),
        (nested(10_000), "nested"),
        (nested(25), "nested"),
        (HEAD + b"Content-Type: message/rfc822\n\n" * 10_000 + b"x", "nested"),
        (HEAD + b"X-A: " + b"a" * 10_485_760 + b"\n\nx", "headers longer"),
        (HEAD + b"X-A: b\n" * 5_000 + b"\nx", "headers"),
        (HEAD + b"Content-Type: text/plain" + b"; a=b" * 50_000 + b"\n\nx", "header"),
        (b"x" * (25 * 1024 * 1024 + 1), "larger than 25 MiB"),
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
    ],
)
def test_what_is_past_the_limits_is_refused_at_once(raw: bytes, reason: str) -> None:
    start = time.process_time()
    with pytest.raises(Unparseable, match=reason):
        parse(raw)
    assert time.process_time() - start < 0.5


def test_what_is_within_the_limits_is_read() -> None:
    assert "Text at the bottom." in parse(nested(15)).text
    many = HEAD + MIXED + b"b\n\n" + b"--b\n\nx\n" * 150 + b"--b--\n"
    assert parse(many).text.count("x") == 150
    with pytest.raises(Unparseable, match="parts"):
        parse(many, limits=Limits(parts=100))


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"To: " + b"(" * 200_000 + b"\n\nx",
        HEAD + b"To: " + b'"<' * 100_000 + b"\n\nx",
        HEAD + b"References: " + b"<" * 200_000 + b"\n\nx",
        HEAD + b"\n" + b"> " * 2_000_000,
        HEAD + b"\n" + b"On 1 May 2026 a@x.example\n" * 50_000,
        HEAD + b"\n" + b"Thanks,\n" * 50_000,
        HEAD + b"\n" + b"From: a@x.example\n" * 50_000,
        HEAD + b"\n" + b" " * 2_000_000 + b"x",
        HEAD + b"Content-Type: text/html\n\n" + b"<" * 1_000_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 500_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<blockquote type=cite>x" * 300,
        HEAD + b"Content-Type: text/plain; charset=punycode\n\n" + b"aaa-bbb" * 200_000,
        b"From: mailer-daemon@x.example\nSubject: failure notice\n\n" + b"a.b@c.d " * 300_000,
    ],
)
def test_what_is_made_to_be_slow_is_not(raw: bytes) -> None:
    start = time.process_time()
    parse(raw)
    assert time.process_time() - start < 3


CHARSETS = re.findall(
    r"\S+",
    """utf-8 utf-16 utf-32 utf-7 us-ascii iso-8859-1 iso-8859-2 iso-8859-5 iso-8859-7 iso-8859-8-i iso-8859-15 hz cp037
    windows-1250 windows-1251 windows-1252 windows-1256 koi8-r koi8-u macintosh gb2312 gbk gb18030 big5 shift_jis euc-jp
    iso-2022-jp euc-kr ks_c_5601-1987 iso-2022-kr tis-620 idna punycode zlib rot13 unicode_escape undefined base64
    nonsense""",
)


@pytest.mark.parametrize("charset", CHARSETS)
def test_any_charset_gives_words_without_nul(charset: str) -> None:
    raw = HEAD + f"Content-Type: text/plain; charset={charset}\n\n".encode() + b"Hello \x00\xe4\xff\\u0041 =?x?= world"
    message = parse(raw)
    assert message.text
    assert "\x00" not in message.text
    if charset not in ("utf-16", "utf-32", "cp037"):
        assert "world" in message.newest_text


def test_a_reply_with_an_unknown_or_wrong_charset_keeps_its_letters() -> None:
    for claimed in ("nonsense", "us-ascii", "iso-8859-1", "utf-8"):
        raw = HEAD + f"Content-Type: text/plain; charset={claimed}\n\nGrüße".encode()
        assert parse(raw).text == "Grüße"
    assert parse(HEAD + b"Content-Type: text/plain; charset=utf-8\n\nGr\xfc\xdfe aus K\xf6ln").text == "Grüße aus Köln"


def test_no_header_can_carry_a_line_break_or_nul() -> None:
    words = "=?utf-8?q?Hi=0D=0ABcc=3A_x=40y.example=00?="
    raw = f"From: {words} <a@x.example>\nTo: {words} <b@x.example>\nSubject: {words}\nMessage-ID: <a b\n c@x>\n\nx"
    message = parse(raw.encode())
    for value in (message.from_name, message.subject, message.to[0].name, message.message_id):
        assert not set("\r\n\x00") & set(value)
    assert message.subject == "Hi Bcc: x@y.example"
    assert message.message_id == "<abc@x>"


def test_line_ends_of_every_kind_and_mbox_lines_are_read() -> None:
    for raw in (
        b"Subject: a\rTo: b@x.example\r\rText",
        b"Subject: a\r\nTo: b@x.example\r\n\r\nText",
        b"\n\nSubject: a\n\nText",
    ):
        assert parse(raw).subject == "a"
        assert parse(raw).text == "Text"
    assert parse(b"From a@x.example Mon May  4 09:00:00 2026\nSubject: a\n\nText").subject == "a"


def test_every_part_is_read_as_what_it_is() -> None:
    parts = [
        b"Content-Type: text/plain\n\nFirst words.",
        b'Content-Type: text/plain; name="log.txt"\nContent-Disposition: inline\n\nA log.',
        b"Content-Type: text/html\n\n<p>More <b>words</b>.</p>",
        b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR",
        b"Content-Type: text/x-amp-html\n\n<html amp4email>",
        b"Content-Type: message/rfc822\n\nSubject: Inner / mail\n\nInside",
    ]
    message = parse(HEAD + MIXED + b"b\n\n--b\n" + b"\n--b\n".join(parts) + b"\n--b--\n")
    assert message.text == "First words.\n\nMore words."
    assert message.html == "<pre>First words.</pre>\n<p>More <b>words</b>.</p>"
    assert [(file.name, file.claimed_type) for file in message.attachments] == [
        ("log.txt", "text/plain"),
        ("attachment.ics", "text/calendar"),
        ("mail.eml", "message/rfc822"),
    ]


def test_a_date_is_a_moment_in_utc_or_nothing() -> None:
    def sent(date: str) -> datetime | None:
        return parse(f"Date: {date}\n\nx".encode()).sent_at

    assert sent("Mon, 04 May 2026 09:00:00 +0200") == datetime(2026, 5, 4, 7, tzinfo=UTC)
    assert sent("Mon, 04 May 2026 09:00:00 -0000") == datetime(2026, 5, 4, 9, tzinfo=UTC)
    for nonsense in ("yesterday", "", "Mon, 99 May 2026 99:00:00 +0200", "1 Jan 99999 00:00 +0000", "9" * 500):
        assert sent(nonsense) is None


def test_addresses_are_read_out_of_broken_lists() -> None:
    listed = b'"Moreau, Ines" <I@x.example>, b@x.example (Bob), team: c@x.example;, nonsense, <>, "d@e" <f@x.example>'
    found = [(address.name, address.address) for address in parse(b"To: " + listed + b"\n\nx").to]
    assert found == [
        ("Moreau, Ines", "i@x.example"),
        ("Bob", "b@x.example"),
        ("", "c@x.example"),
        ("d@e", "f@x.example"),
    ]


def test_only_words_enough_tell_a_language() -> None:
    assert tell_language("Ok") == ""
    assert tell_language("https://a.example/very/long/address/of/a/page 4711 4712") == ""
    assert tell_language("Das Paket ist leider noch nicht angekommen.") == "de"
    assert tell_language("荷物がまだ届いていません") == "ja"


NAMES = st.sampled_from(
    [
        "From",
        "To",
        "Cc",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Reply-To",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Disposition",
        "Content-ID",
        "Auto-Submitted",
        "Return-Path",
        "List-Id",
        "X",
    ]
)
WORDS = st.sampled_from(
    [
        "multipart/mixed; boundary=b",
        "multipart/alternative; boundary=c",
        "multipart/report; boundary=b",
        "message/rfc822",
        "message/delivery-status",
        "text/html; charset=utf-16",
        "text/plain; charset=zlib",
        "base64",
        "quoted-printable",
        "x-uuencode",
        "attachment; filename*=utf-8''%00%FF",
        'inline; filename="a\\"b',
        "=?utf-8?b?////?=",
        "<a@b>, <c",
        "(",
        "auto-replied",
        "<>",
        "Mon, 04 May 2026 09:00:00 +9999",
        "text/plain; charset*0=u; charset*1=tf-8",
        "; ; =",
        '"',
    ],
)
HEADERS = st.tuples(NAMES, WORDS | st.text(max_size=40)).map(lambda pair: f"{pair[0]}: {pair[1]}\n")
BODIES = st.sampled_from(
    [
        "--b\n",
        "--b--\n",
        "--c\n",
        "--c--\n",
        "\n",
        "> quoted\n",
        "On Mon, 4 May 2026 a@x.example wrote:\n",
        "-- \n",
        "hello\n",
        "From: a@x.example\nSent: today\nTo: b\n",
        "Status: 5.1.1\n",
        "begin 644 a\n",
        "<blockquote type=cite>",
        "</div><hr>",
    ]
) | st.text(max_size=60)
MAILS = st.builds(
    lambda heads, parts: ("".join(heads) + "\n" + "".join(parts)).encode("utf-8", "replace"),
    st.lists(HEADERS, max_size=10),
    st.lists(st.one_of(BODIES, HEADERS), max_size=30),
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=MAILS | st.binary(max_size=600))
@example(raw=b"Content-Type: message/rfc822\n\n")
@example(raw=b"Content-Type: multipart/mixed; boundary=\n\n--\n")
@example(raw=b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\nx")
def test_whatever_the_bytes_a_mail_is_read_or_refused_quickly(raw: bytes) -> None:
    start = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    try:
        message = parse(raw, own_addresses=frozenset({"support@d.example"}), own_domain="d.example")
    except Unparseable:
        return
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - start < 2
    assert message == message.model_validate_json(message.model_dump_json(exclude={"attachments"})).model_copy(
        update={"attachments": message.attachments}
    )
    texts = (
        message.text,
        message.newest_text,
        message.subject,
        message.from_name,
        *(a.name for a in message.attachments),
    )
    assert not any("\x00" in text for text in texts)
    assert bool(message.newest_text.strip()) == bool(message.text.strip())
