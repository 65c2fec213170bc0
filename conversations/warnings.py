"""What is odd about a message, in words for the people who read it; kept on the message as codes."""

from typing import Any

from django.utils.translation import gettext_lazy as _

REUSED_ID = "reused_id"
STRANGER_WITH_TOKEN = "stranger_with_token"  # noqa: S105  a code, not a secret
NOT_AUTHENTIC = "not_authentic"
QUOTES_ANOTHER = "quotes_another"
DEFECT = "defect"

WORDS = {
    REUSED_ID: _("Another message carries the same Message-ID with other content. Both were kept."),
    STRANGER_WITH_TOKEN: _("The sender has not been part of this conversation before."),
    NOT_AUTHENTIC: _("The mail failed the sender's own authentication rules (DMARC); the sender may be forged."),
    QUOTES_ANOTHER: _("The mail refers to a conversation its sender is not part of, so it stands on its own."),
    DEFECT: _("The mail is not well formed"),
}
# With one of these nothing may happen by itself: a person looks first.
DOUBTFUL = frozenset({STRANGER_WITH_TOKEN, NOT_AUTHENTIC})


def warn(code: str, detail: str = "") -> dict[str, str]:
    """One warning as it is stored."""
    return {"code": code, "detail": detail[:300]}


def in_words(warnings: list[dict[str, Any]]) -> list[str]:
    """The stored warnings for people."""
    return [
        f"{WORDS.get(each['code'], each['code'])}{': ' + each['detail'] if each.get('detail') else ''}"
        for each in warnings
    ]


def is_doubtful(warnings: list[dict[str, Any]]) -> bool:
    """Whether a message's sender is in doubt, so that no agent may act on it without a person."""
    return any(each["code"] in DOUBTFUL for each in warnings)


def doubts(message: Any) -> list[str]:
    """Why a message's sender is in doubt, in words; empty when no agent need wait for a person to look first."""
    return in_words([each for each in message.warnings if each["code"] in DOUBTFUL])
