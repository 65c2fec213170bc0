"""A mail joins a conversation by token, or by reference and a known sender; nothing else joins."""

from collections.abc import Callable

import pytest

from conversations import warnings
from conversations.addresses import own_message_id, reply_address
from conversations.models import Contact, Delivery, Message
from tests.conversations.conftest import message_of

Arrive = Callable[..., Delivery]
pytestmark = pytest.mark.django_db


def codes(message: Message) -> list[str]:
    return [each["code"] for each in message.warnings]


def test_an_answer_joins_by_reference_when_its_sender_is_known(arrive: Arrive) -> None:
    first = message_of(arrive(message_id="<a@x.example>", cc="Bo <bo@customer.example>"))
    answer = message_of(arrive(in_reply_to="<a@x.example>", subject="Something else"))
    copied = message_of(arrive(in_reply_to="<a@x.example>", sender="bo@customer.example"))
    assert answer.conversation == copied.conversation == first.conversation
    first.conversation.refresh_from_db()
    assert first.conversation.message_count == 3


@pytest.mark.row("DESK-7")
def test_a_stranger_who_quotes_a_thread_gets_a_conversation_of_his_own(arrive: Arrive) -> None:
    first = message_of(arrive(message_id="<a@x.example>", subject="Broken pump"))
    stranger = message_of(arrive(in_reply_to="<a@x.example>", subject="Re: Broken pump", sender="eve@evil.example"))
    subject_only = message_of(arrive(subject="Re: Broken pump"))
    assert len({first.conversation_id, stranger.conversation_id, subject_only.conversation_id}) == 3
    assert codes(stranger) == [warnings.QUOTES_ANOTHER]
    assert Contact.objects.count() == 2


def test_our_token_joins_from_any_address_and_a_new_sender_is_marked(arrive: Arrive, settings) -> None:
    first = message_of(arrive())
    token = first.conversation.reply_token
    known = message_of(arrive(to=reply_address("support@example.com", token)))
    stranger = message_of(arrive(to=reply_address("support@example.com", token), sender="colleague@other.example"))
    by_id = own_message_id("reply:1", settings.MESSAGE_ID_DOMAIN, token=token)
    through_id = message_of(arrive(in_reply_to=by_id))
    guessed = message_of(arrive(to=reply_address("support@example.com", "a" * 32)))
    assert {known.conversation, stranger.conversation, through_id.conversation} == {first.conversation}
    assert (codes(known), codes(stranger)) == ([], [warnings.STRANGER_WITH_TOKEN])
    assert warnings.is_doubtful(stranger.warnings)
    assert guessed.conversation != first.conversation


@pytest.mark.parametrize(
    ("sender", "by_token", "dmarc", "joins", "doubtful"),
    [
        ("ellen@customer.example", False, "pass", True, False),
        ("ellen@customer.example", False, "fail", False, True),
        ("ellen@customer.example", True, "pass", True, False),
        ("ellen@customer.example", True, "fail", True, True),
        ("eve@evil.example", False, "pass", False, False),
        ("eve@evil.example", False, "fail", False, True),
        ("eve@evil.example", True, "pass", True, True),
        ("eve@evil.example", True, "fail", True, True),
    ],
)
def test_who_joins_by_what_proof(arrive: Arrive, sender, by_token, dmarc, joins, doubtful) -> None:
    first = message_of(arrive(message_id="<a@x.example>"))
    address = (
        reply_address("support@example.com", first.conversation.reply_token) if by_token else "support@example.com"
    )
    proof = {"Authentication_Results": f"mx.example.com; dmarc={dmarc} header.from=customer.example"}
    second = message_of(arrive(sender=sender, to=address, in_reply_to="<a@x.example>", **proof))
    assert (second.conversation == first.conversation) is joins
    assert warnings.is_doubtful(second.warnings) is doubtful


def test_mail_that_arrives_out_of_order_is_one_thread(arrive: Arrive) -> None:
    answer = message_of(arrive(in_reply_to="<late@customer.example>", cc="bo@customer.example"))
    late = message_of(
        arrive(message_id="<late@customer.example>", sender="bo@customer.example", cc="ellen@customer.example")
    )
    stranger = message_of(arrive(message_id="<late@customer.example>", sender="eve@evil.example"))
    assert late.conversation == answer.conversation
    assert stranger.conversation != answer.conversation
