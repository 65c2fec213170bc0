"""Who is asking, by the API."""

import pytest

from accounts.models import Team
from agents.models import LineOfBusiness
from tests.api_clients import PASSWORD, APIClient, client_of, make_person

pytestmark = pytest.mark.django_db


def test_me_tells_roles_permissions_and_the_token():
    line, team = LineOfBusiness.objects.create(name="Machines"), Team.objects.create(name="Repairs")
    rita = make_person("rita@example.com", "representative", teams=[team], lines=[line])
    shown = client_of(rita, "articles:read").get("/api/v1/me/").json()
    assert (shown["email"], shown["permissions"]) == ("rita@example.com", ["cases.approve", "cases.work"])
    assert [each["name"] for each in shown["roles"]] == ["Representative"]
    assert shown["teams"] == [{"id": team.pk, "name": "Repairs"}]
    assert shown["lines_of_business"] == [{"uid": str(line.uid), "name": "Machines"}]
    assert shown["token"]["scopes"] == ["articles:read"]
    assert "digest" not in shown["token"]
    assert APIClient().get("/api/v1/me/").status_code == 401


def test_a_browser_that_is_signed_in_is_somebody_without_a_token():
    make_person("rita@example.com", "representative")
    browser = APIClient()
    browser.login(email="rita@example.com", password=PASSWORD)
    assert browser.get("/api/v1/me/").json()["token"] is None
