"""Whatever stands in an address or a form, no page and no part of the API breaks over it."""

import re
from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from accounts.roles import ensure_roles
from agents.models import LineOfBusiness, SectionSetting
from cases.fields import case_fields, check_value
from cases.models import Case
from cases.trying import find_subject
from conversations.routing import route_message
from tests.conversations.conftest import arrive, mailbox, message_of  # noqa: F401

ODD = {
    "nul": "a\0b",
    "superscript": "²",
    "huge": "9" * 40,
    "half": "\ud83d",
    "script": '"><script>alert(1)</script>',
}
# Every night all of them; each day what the database refuses, and what a page must not show as it is.
DAILY = {"nul", "script"}
VALUES = [pytest.param(odd, id=name, marks=() if name in DAILY else pytest.mark.nightly) for name, odd in ODD.items()]
PARAMETERS = re.findall(
    r"\w+",
    "q view status priority queue line category draft at after before order kind agent state since until actor verb "
    "open cursor limit number pk version tab audience product subject language mailbox days",
)
FIELDS = re.findall(
    r"\S+",
    "pk act reason bulk-reason subject body text owner queue resolution_type resolution seen once to cc on name value "
    "version expected given conditions state why parts parts_shown back part fields email title level address",
)
SKIPPED = re.compile(r"^(accounts/|static/|media/|api/schema|healthz|readyz)")


def routes(patterns: list, prefix: str = "") -> Iterator[str]:
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, route)
        elif isinstance(each, URLPattern):
            yield route


def address(route: str, case: Case) -> str | None:
    """The route with something that is there in its places."""
    route = route.replace("^", "").replace("\\Z", "").replace("$", "")
    route = route.replace("<int:number>", str(case.number)).replace("<int:pk>", "1")
    route = re.sub(r"\(\?P<(number)>[^)]*\)", str(case.number), route)
    route = re.sub(r"\(\?P<pk>[^)]*\)", "1", route)
    route = re.sub(r"<(?:slug|str|path):\w+>", "cases.resolution", route)
    return None if "(" in route or "<" in route or SKIPPED.match(route) else f"/{route}"


@pytest.fixture
def case(arrive):  # noqa: F811
    SectionSetting.objects.create(section="cases.creation", level="ask", is_on=True, values={})
    message = message_of(arrive(attachments=(("a.txt", b"text"),)))
    route_message(message.pk)
    LineOfBusiness.objects.create(name="Trade")
    return Case.objects.get()


@pytest.fixture
def addresses(case):
    found = [address(route, case) for route in routes(get_resolver().url_patterns)]
    return sorted({each for each in found if each})


@pytest.fixture
def root(client, db):
    ensure_roles()
    user = User.objects.create_superuser("root@example.com", "secret", name="Root")
    client.force_login(user)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("odd", VALUES)
def test_no_page_breaks_over_what_stands_in_its_address(root, addresses, odd):
    assert len(addresses) > 60
    broken = []
    for each in addresses:
        answer = root.get(each, dict.fromkeys(PARAMETERS, odd.encode("utf-8", "surrogatepass")))
        if answer.status_code >= 500:
            broken.append(each)
    assert broken == []


@pytest.mark.parametrize("odd", VALUES)
def test_no_form_breaks_over_what_is_typed_into_it(root, addresses, odd):
    broken = []
    for each in addresses:
        answer = root.post(each, dict.fromkeys(FIELDS, odd.encode("utf-8", "surrogatepass")))
        if answer.status_code >= 500:
            broken.append((each, answer.status_code))
    assert broken == []


@pytest.mark.parametrize("number", ["²", "٣", "9" * 40, "-1"])
def test_what_only_looks_like_a_number_is_none(case, root, number):
    for name in ("product", "subject"):
        with pytest.raises(ValidationError):
            check_value(case_fields()[name], number)
    found = find_subject(number, User.objects.get())
    assert found is None or found.pk == 0
    assert root.get(reverse("cases:inbox"), {"q": number, "queue": number, "view": "all"}).status_code == 200


def test_an_address_beyond_every_number_is_not_found(root, case):
    for name in ("cases:case", "agents:review_one", "conversations:attachment", "agents:suggestion"):
        assert root.get(reverse(name, args=[10**30])).status_code == 404
