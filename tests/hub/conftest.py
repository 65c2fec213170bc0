"""The hub's tests borrow the support desk of the cases' tests."""

from tests.cases.conftest import (  # noqa: F401
    ann,
    arrive,
    come_in,
    desk,
    mailbox,
    person,
    publish,
    queue,
    switch,
)
