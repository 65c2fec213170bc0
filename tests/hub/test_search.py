"""The search over everything: what each app offers to it, seen with the eyes of whoever asks."""

import pytest
from django.db import connection
from model_bakery import baker

from accounts.models import Team
from cases.finding import find_contacts
from cases.models import Case
from conversations.models import Contact, Message, Queue
from followups.models import Plan
from hub.search import find_everything
from intents.models import Intent, IntentGroup
from tests.api_clients import make_person
from tests.hub.test_home import texts


@pytest.mark.row("DESK-444")
def test_intents_and_follow_up_plans_are_found_by_who_may_see_them(db, come_in):
    come_in(subject="Grinder cracked", body="The hopper has a crack.")
    case, message = Case.objects.get(), Message.objects.get()
    baker.make(Plan, case=case, rule=None, last_message=message, state="running")
    group = IntentGroup.objects.create(name="Deliveries")
    Intent.objects.create(name="Parcel is late", key="parcel-late", definition="A parcel did not come.", group=group)
    rep, admin = make_person("rob@example.com", "supervisor"), make_person("ada@example.com", "administrator")
    seller = make_person("sid@example.com", "seller")
    assert texts(find_everything(rep, "hopper", limit=5))["plans"] == [str(case)]
    assert texts(find_everything(admin, "parcel-l", limit=5))["intents"] == ["Parcel is late"]
    assert "intents" not in texts(find_everything(rep, "parcel", limit=5))
    assert "plans" not in texts(find_everything(seller, "hopper", limit=5))
    Case.objects.update(queue=Queue.objects.create(name="Theirs", team=Team.objects.create(name="Theirs")))
    other = make_person("ron@example.com", "representative")
    assert "plans" not in texts(find_everything(other, "hopper", limit=5))
    Plan.objects.update(state="ended")
    assert "plans" not in texts(find_everything(admin, "hopper", limit=5))


@pytest.mark.row("DESK-445")
def test_contacts_are_found_by_any_part_of_a_name_without_reading_them_all(db, come_in):
    come_in(subject="One", body="Hello", sender="Ivo Märsh <ivo.marsh@customer.example>")
    Contact.objects.bulk_create(Contact(name=f"Person {n}", address=f"p{n}@else.example") for n in range(3000))
    rep = make_person("rob@example.com", "supervisor")
    assert [one.text for one in find_contacts(rep, "märs", 5)] == ["Ivo Märsh"]
    assert [one.text for one in find_contacts(rep, "marsh@cust", 5)] == ["Ivo Märsh"]
    sought = Contact.objects.filter(address__icontains="marsh@cust")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_contact")
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert "contact_words" in sought.explain()
