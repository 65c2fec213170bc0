"""A small library of intents, and mail that is compared with it."""

from tests.cases.conftest import (  # noqa: F401
    ann,
    arrive,
    case,
    come_in,
    desk,
    mailbox,
    own_mark,
    person,
    queue,
    rule,
    switch,
    trade,
)
from tests.intents.small import small_library, teach  # noqa: F401
