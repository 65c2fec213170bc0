"""The house tests borrow the support desk of the cases' tests."""

from tests.cases.conftest import (  # noqa: F401
    ann,
    arrive,
    catalogue,
    come_in,
    desk,
    mailbox,
    own_mark,
    person,
    publish,
    queue,
    rule,
    switch,
    trade,
)
from tests.house.world import people, things  # noqa: F401
