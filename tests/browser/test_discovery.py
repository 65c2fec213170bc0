"""Discovery in a browser: its page, and a run in each state, at every width and in both themes."""

import pytest
from django.contrib.auth import get_user_model
from model_bakery import baker

from intents.models import Candidate, DiscoveryRun

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def runs():
    """A run that found something, one that found nothing, one that failed and one that waits."""
    made = {
        state: baker.make(DiscoveryRun, rule=at, name="All mail", conditions={}, kind="test", state=state, total=40)
        for at, state in enumerate(("done", "failed", "waiting"))
    }
    said = [{"message": at, "text": f"Where is my parcel number {at}?"} for at in range(4)]
    for place, state in enumerate(("new", "known", "discarded", "moved")):
        baker.make(Candidate, run=made["done"], place=place, name=f"Where is it {place}", group_name="Parcels",
                   examples=said, volume=9 - place, state=state)  # fmt: skip
    made["empty"] = baker.make(DiscoveryRun, rule=9, name="Trade", conditions={}, kind="scheduled", state="done")
    return made


def test_nothing_overflows_and_axe_finds_nothing(live_server, new_page, sign_in, faults, runs):
    priya = get_user_model().objects.create(email="priya@haldenroe.example", name="Priya Raman", is_superuser=True)
    page = new_page()
    sign_in(page, priya, live_server.url)
    base = f"{live_server.url}/manage/customer-intent"
    for address in (f"{base}/discovery/", f"{base}/library/", *(f"{base}/runs/{run.pk}/" for run in runs.values())):
        page.goto(address)
        assert faults(page) == [], address
