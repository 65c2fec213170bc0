"""The sample company holds together: every file reads, and the index says only what stands in the mails."""

import email
import json
import re
import zlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest

from conversations.placeholders import check_template
from hub import sample

NOW = datetime(2031, 3, 4, 9, 15, tzinfo=UTC)
ADDRESS = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
LINK = re.compile(r"https?://([\w.-]+)")
OUTSIDE = ("192.0.2.", "198.51.100.", "203.0.113.")


def parse(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=policy.default)


def readable(raw: bytes) -> str:
    """Subject and every text part, tags removed, white space joined."""
    message = parse(raw)
    texts = [str(message["Subject"] or "")]
    for part in message.walk():
        if part.get_content_maintype() == "text":
            text = part.get_content()
            texts.append(text if isinstance(text, str) else text.decode())
    plain = re.sub(r"<[^>]+>", " ", " ".join(texts))
    return " ".join(plain.replace("&#39;", "'").replace("&amp;", "&").split())


@pytest.fixture(scope="module")
def mails() -> list[sample.SampleMail]:
    return sample.read_mails()


@pytest.fixture(scope="module")
def products() -> sample.SampleProducts:
    return sample.read_products()


def test_the_company_names_only_what_it_has() -> None:
    company = sample.read_company()
    lines = {line.slug for line in company.lines_of_business}
    teams, queues = {team.slug for team in company.teams}, {queue.slug for queue in company.queues}
    assert len(lines) == 3
    assert len(company.people) >= 8
    assert {person.role for person in company.people} == {
        "administrator",
        "supervisor",
        "representative",
        "author",
        "seller",
    }
    assert {person.team for person in company.people if person.role == "representative"} == teams
    assert all(person.team in teams for person in company.people)
    assert all(queue.team in teams and queue.line_of_business in lines for queue in company.queues)
    assert all(box.queue in queues and box.line_of_business in lines for box in company.mailboxes)
    assert {box.line_of_business for box in company.mailboxes} == lines


def test_products_and_subjects_form_closed_trees(products: sample.SampleProducts) -> None:
    families = {family.slug for family in products.families}
    subjects = {subject.slug for subject in products.subjects}
    assert len(products.products) >= 15
    assert len(subjects) >= 15
    assert all(product.family in families for product in products.products)
    assert all(subject.parent is None or subject.parent in subjects for subject in products.subjects)
    assert all("Use when" in product.description and "; not " in product.description for product in products.products)
    aliases = Counter(alias.lower() for product in products.products for alias in product.aliases)
    assert [alias for alias, count in aliases.items() if count > 1] == []


def test_articles_are_long_enough_and_know_their_products(products: sample.SampleProducts) -> None:
    articles = sample.read_articles()
    known = {product.slug for product in products.products}
    subjects = {subject.slug for subject in products.subjects}
    languages = Counter(article.language for article in articles)
    assert len(articles) >= 20
    assert languages["en"] >= 16
    assert set(languages) == {"en", "de", "fr", "es"}
    assert {article.audience for article in articles} == {"internal", "external"}
    for article in articles:
        assert 150 <= len(article.body.split()) <= 500, article.slug
        assert set(article.products) <= known, article.slug
        assert set(article.subjects) <= subjects, article.slug
        assert article.body.startswith(f"# {article.title}\n"), article.slug
        assert re.search(r"^1\. ", article.body, re.MULTILINE), article.slug


def test_templates_use_known_placeholders() -> None:
    for template in sample.read_templates():
        assert check_template(template.subject) == check_template(template.body) == []


def test_history_is_balanced_and_typed(products: sample.SampleProducts) -> None:
    history = sample.read_history()
    counts = Counter(case.category for case in history)
    assert len(history) >= 60
    assert set(counts) == {category.slug for category in products.categories}
    assert min(counts.values()) >= 6
    assert {case.product for case in history} - {product.slug for product in products.products} == {None}
    assert {case.type for case in history} == {kind.slug for kind in products.types}
    assert {case.priority for case in history} == {priority.slug for priority in products.priorities}
    assert len({case.text for case in history}) == len(history)
    for case in history:
        assert case.order_number is None or case.order_number in f"{case.subject} {case.text}"


def test_the_index_covers_every_mail_once(mails: list[sample.SampleMail]) -> None:
    files = sorted(path.name for path in (sample.FOLDER / "mail").glob("*.eml"))
    rows = json.loads((sample.FOLDER / "mail" / "index.json").read_text())
    assert sorted(row["file"] for row in rows) == files
    assert [mail.file for mail in mails] == [row["file"] for row in rows]
    assert [mail.received_at for mail in mails] == sorted(mail.received_at for mail in mails)
    boxes = {box.address for box in sample.read_company().mailboxes}
    assert all(mail.mailbox in boxes for mail in mails)


def test_every_mail_parses_and_begins_as_the_index_says(mails: list[sample.SampleMail]) -> None:
    for mail in mails:
        message = parse(mail.raw)
        # Read without the modern policy, which refuses the line ends hidden in the hostile mails' addresses.
        assert email.message_from_bytes(mail.raw)["From"], mail.file
        assert parsedate_to_datetime(str(message["Date"])).tzinfo, mail.file
        assert b"\n" not in mail.raw.replace(b"\r\n", b""), mail.file
        assert [part.defects for part in message.walk() if part.defects] == [], mail.file
        assert mail.newest in readable(mail.raw), mail.file
        if mail.direction == "inbound":
            assert f"for <{mail.mailbox}>" in str(message["Received"]), mail.file
            assert message["Authentication-Results"], mail.file


def test_every_expected_value_stands_in_the_mail(
    mails: list[sample.SampleMail], products: sample.SampleProducts
) -> None:
    names = {row.slug: [row.name, *row.aliases] for row in products.products}
    serials = {row.slug: row.serial_pattern for row in products.products}
    choices = {
        "category": {row.slug for row in products.categories},
        "type": {row.slug for row in products.types},
        "priority": {row.slug for row in products.priorities},
    }
    articles = {article.slug for article in sample.read_articles()}
    for mail in mails:
        text, expected = readable(mail.raw), mail.expected
        if expected.product:
            assert any(name.lower() in text.lower() for name in names[expected.product]), mail.file
        if expected.serial_number:
            assert expected.product, mail.file
            assert re.search(serials[expected.product] or "$^", text)[0] == expected.serial_number, mail.file
        if expected.order_number:
            assert expected.order_number in re.findall(products.order_number_pattern, text), mail.file
        for field, known in choices.items():
            assert getattr(expected, field) is None or getattr(expected, field) in known, mail.file
        assert mail.article is None or mail.article in articles, mail.file


def test_only_people_open_cases_and_replies_belong_to_one(mails: list[sample.SampleMail]) -> None:
    cases = {mail.case for mail in mails if mail.case and mail.direction == "inbound"}
    for mail in mails:
        assert bool(mail.case) == (mail.nature == "person"), mail.file
        assert mail.concerns is None or mail.concerns in cases, mail.file
        if mail.direction == "outbound":
            assert mail.case in cases, mail.file


def test_the_mails_have_every_shape(mails: list[sample.SampleMail]) -> None:
    inbound = [mail for mail in mails if mail.direction == "inbound"]
    natures = Counter(mail.nature for mail in inbound)
    languages = {mail.expected.language for mail in mails}
    joined = b"".join(mail.raw for mail in mails).lower()
    assert len(mails) >= 150
    assert len(inbound) >= 120
    assert set(natures) == {"person", "bounce", "complaint", "auto_reply", "out_of_office", "list", "robot"}
    assert natures["bounce"] == 3
    assert {"en", "de", "fr", "es", "ja"} <= languages
    for encoding in (b"7bit", b"8bit", b"quoted-printable", b"base64"):
        assert b"content-transfer-encoding: " + encoding in joined
    for charset in (b"utf-8", b"iso-8859-1", b"iso-8859-15", b"windows-1252", b"iso-2022-jp"):
        assert re.search(b'charset="?' + charset + rb"\b(?!5)", joined), charset
    for shape in (b"format=flowed", b"gmail_quote", b"msonormal", b"content-id:", b"application/pdf", b"text/csv"):
        assert shape in joined, shape
    assert sum(1 for mail in mails if parse(mail.raw)["Message-ID"] is None) == 1
    assert sum(1 for mail in mails if parse(mail.raw)["Subject"] is None) == 1


def test_our_replies_are_answered_by_their_message_id(mails: list[sample.SampleMail]) -> None:
    ours = {parse(mail.raw)["Message-ID"]: mail for mail in mails if mail.direction == "outbound"}
    answered = [mail for mail in mails if mail.case and parse(mail.raw)["In-Reply-To"] in ours]
    assert len(answered) >= 24
    assert all(ours[parse(mail.raw)["In-Reply-To"]].case == mail.case for mail in answered)
    ids = Counter(parse(mail.raw)["Message-ID"] for mail in mails)
    reused = sorted({mail.mailbox for mail in mails if ids[parse(mail.raw)["Message-ID"]] == 2})
    assert reused == ["care@haldenroe.example", "trade@haldenroe.example"]


def test_a_duplicate_has_the_same_content_and_a_reused_id_does_not(mails: list[sample.SampleMail]) -> None:
    by_slug = {mail.file[4:-4]: mail for mail in mails}
    first, again = by_slug["pryce-duplicate"], by_slug["pryce-duplicate-again"]
    assert first.mailbox != again.mailbox
    assert first.case == again.case
    assert first.raw.split(b"MIME-Version")[1] == again.raw.split(b"MIME-Version")[1]
    may, june = by_slug["kestrel-order-may"], by_slug["kestrel-order-june"]
    assert parse(may.raw)["Message-ID"] == parse(june.raw)["Message-ID"]
    assert may.case != june.case


def test_pictures_and_documents_are_real(mails: list[sample.SampleMail]) -> None:
    kinds = Counter()
    for mail in mails:
        for part in parse(mail.raw).walk():
            if part.get_content_type() == "image/png":
                content = part.get_content()
                assert content.startswith(b"\x89PNG\r\n\x1a\n")
                length = int.from_bytes(content[33:37], "big")
                assert len(zlib.decompress(content[41 : 41 + length])) == 72 * (96 * 3 + 1)
            elif part.get_content_type() == "application/pdf":
                assert part.get_content().startswith(b"%PDF-1.4")
            kinds[part.get_content_type()] += 1
    assert min(kinds[kind] for kind in ("image/png", "application/pdf", "text/csv", "text/calendar")) >= 1


def test_dates_move_with_the_given_moment_and_ids_stay(mails: list[sample.SampleMail]) -> None:
    written_at = sample.read_company().now
    distance = NOW - written_at
    assert all(timedelta(0) <= written_at - mail.received_at <= timedelta(days=21) for mail in mails)
    for old, new in zip(mails, sample.read_mails(now=NOW), strict=True):
        before, after = parse(old.raw), parse(new.raw)
        assert parsedate_to_datetime(str(after["Date"])) - parsedate_to_datetime(str(before["Date"])) == distance
        assert new.received_at - old.received_at == distance
        assert len(after.get_all("Received")) == len(before.get_all("Received"))
        assert after["Message-ID"] == before["Message-ID"]
        assert old.raw.split(b"\r\n\r\n", 1)[1] == new.raw.split(b"\r\n\r\n", 1)[1]


def test_a_date_nobody_can_read_stays_as_it_is() -> None:
    raw = b"Date: last Tuesday, I think\r\nSubject: Date: Mon\r\n\r\nDate: Mon, 1 Jun 2026 08:00:00 +0200\r\n"
    assert sample.shift_dates(raw, timedelta(days=3)) == raw
    dated = raw.replace(b"last Tuesday, I think", b"Mon, 1 Jun 2026 08:00:00 +0200")
    moved = sample.shift_dates(dated, timedelta(days=3))
    assert moved.startswith(b"Date: Thu, 04 Jun 2026 08:00:00 +0200\r\n")
    assert moved.endswith(b"Date: Mon, 1 Jun 2026 08:00:00 +0200\r\n")


def test_every_name_and_address_is_reserved_for_examples(mails: list[sample.SampleMail]) -> None:
    texts = [mail.raw.decode("latin-1") + readable(mail.raw) for mail in mails]
    for pattern in ("*.json", "*.md", "*/*.md", "*/*.json", "*/*.jsonl"):
        texts += [path.read_text(encoding="utf-8") for path in sample.FOLDER.glob(pattern)]
    for text in texts:
        unfolded = re.sub(r"=\r?\n", "", text).replace("=3D", "=")
        for domain in ADDRESS.findall(unfolded) + LINK.findall(unfolded):
            assert domain.lower().endswith(".example"), domain
        for number in re.findall(r"\[(\d+\.\d+\.\d+\.\d+)\]", unfolded):
            assert number.startswith(OUTSIDE), number
