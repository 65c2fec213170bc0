"""Reply tokens, own Message-IDs and headers that stay one line."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.addresses import (
    clean_header,
    find_tokens,
    new_token,
    normalise_address,
    own_message_id,
    reply_address,
)


def test_a_token_survives_the_way_out_and_back_and_is_never_the_same_twice() -> None:
    token = new_token()
    address = reply_address("Support+old@Deskhand.example", token)
    assert address == f"support+{token}@deskhand.example"
    assert find_tokens([f"Support <{address.upper()}>", address]) == [token]
    assert len({new_token() for _ in range(100)}) == 100
    assert find_tokens(["support+short@deskhand.example", "plain@deskhand.example"]) == []


def test_a_reply_address_needs_an_address_and_a_token() -> None:
    for address, token in (("nobody", new_token()), ("a@b.example", "x"), ("a@b.example", "a" * 30 + "\r\nBcc: x")):
        with pytest.raises(ValueError, match="needs"):
            reply_address(address, token)


def test_a_message_id_is_fixed_by_its_key_and_carries_the_token_of_its_thread() -> None:
    token = new_token()
    first = own_message_id("reply:7:12", "deskhand.example", token=token)
    assert first == own_message_id("reply:7:12", "deskhand.example", token=token)
    assert first != own_message_id("reply:7:13", "deskhand.example", token=token)
    assert find_tokens([], [first], own_domain="deskhand.example") == [token]
    assert find_tokens([], [first], own_domain="other.example") == []
    with pytest.raises(ValueError, match="domain"):
        own_message_id("reply:7:12", "deskhand.example>\r\nBcc: x")


def test_an_address_is_compared_in_one_form_and_nonsense_is_none() -> None:
    assert normalise_address(" <Ines@KUNDE.Example.> ") == "ines@kunde.example"
    assert normalise_address("ines@köln.example") == "ines@xn--kln-sna.example"
    assert [normalise_address(text) for text in ("", "ines", "@x", "a@", "a@b c")] == [""] * 5


@given(st.text(max_size=300))
def test_any_text_in_a_header_makes_one_message_and_no_further_header(text: str) -> None:
    mail = EmailMessage()
    mail["From"] = "support@deskhand.example"
    mail["Subject"] = clean_header(text)
    mail.set_content("Hello")
    read = message_from_bytes(mail.as_bytes(policy=policy.SMTP), policy=policy.default)
    assert [name.lower() for name in read] == [
        "from",
        "subject",
        "content-type",
        "content-transfer-encoding",
        "mime-version",
    ]
    assert read.get_content().strip() == "Hello"


def test_a_header_keeps_its_words_and_loses_what_breaks_or_turns_lines() -> None:
    assert clean_header("Hello\r\nBcc: x@y\u2028z\x00\u202eend") == "Hello Bcc: x@y zend"
    assert clean_header("x" * 2000) == "x" * 998
