"""Discovery finds why customers write, compares it with the library, and moves nothing there by itself."""

import csv
import datetime as dt
import random

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone
from model_bakery import baker

from accounts.rights import Refused
from agents import embeddings
from agents.models import Entry, LineOfBusiness, Rule, SectionSetting
from agents.sections import SECTIONS, configuring, versions
from conversations.models import Conversation, Message
from intents import discovery, library
from intents.clustering import cluster
from intents.learning import embed_examples
from intents.models import DiscoveryRun, Example, Intent
from intents.naming import name_groups

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 9, 12, tzinfo=dt.UTC)
SAID = {
    "parcel": [
        "Where is my parcel?", "My parcel has not arrived yet", "The parcel is late, where is it", "No parcel came",
        "When does my parcel arrive?", "I still wait for the parcel", "Has my parcel been sent?",
        "The parcel should have been here on Monday",
    ],
    "refund": [
        "I want a refund", "Refund the money for the grinder", "When do I get my refund?", "The refund has not come",
        "How long does the refund take?", "I sent it back, where is the refund", "Refund my order",
        "My refund is still missing",
    ],
    "leak": [
        "The machine leaks water", "Water leaks under the machine", "My machine is leaking", "A leak at the bottom",
        "Water comes out below the machine", "It leaks water everywhere", "The water tank leaks",
        "There is a leak in the machine",
    ],
    "password": [
        "I forgot my password", "How do I reset the password?", "Password reset does not work",
        "I cannot sign in, the password is wrong", "Send me a new password", "My password was refused",
        "The password link has expired", "Change my password",
    ],
}  # fmt: skip
ALL = {"items": [{"fact": "mailbox", "op": "is_empty"}]}


@pytest.fixture
def mails():
    """A message for each sentence, each in a conversation of its own, and an answer that nobody counts."""
    texts = [text for group in SAID.values() for text in group]
    random.Random(4).shuffle(texts)
    for at, text in enumerate(texts):
        said = {
            "from_name": "Ellen Marsh",
            "conversation": baker.make(Conversation, reply_token=f"token{at}"),
            "direction": "in",
            "nature": "person",
        }
        first, again = {"received_at": NOW - dt.timedelta(days=3)}, {"received_at": NOW}
        baker.make(Message, **said, **first, newest_text=text, language="en", identity=f"{at}")
        baker.make(Message, **said, **again, newest_text="Thanks", language="en", identity=f"again {at}")
    return texts


def add_rule(ann, **outcome):
    draft = configuring.RuleDraft(
        None, outcome.pop("name", "Everything"), outcome.pop("conditions", ALL), is_active=True,
        outcome={"granularity": "medium", "default_status": "pending", "line_of_business": None, **outcome},
    )  # fmt: skip
    configuring.save(
        SECTIONS["intents.discovery"], values={}, level="ask", is_on=True, by=ann, expected=None, rule=draft
    )
    return Rule.objects.get(section="intents.discovery", name=draft.name)


def run_test(ann, rule, **more):
    run = discovery.ask_run(rule, kind="test", by=ann, now=NOW, **more)
    return discovery.do_run(run.pk, now=NOW)


@pytest.mark.row("INT-B-5")
@pytest.mark.row("INT-B-9")
def test_a_test_finds_reasons_with_examples_and_volumes_and_only_people_move_them(ann, mails):
    run = run_test(ann, add_rule(ann, default_status="approved"))
    assert (run.state, run.total, run.processed) == ("done", 32, 32)
    rows = list(run.candidates.all())
    assert sum(row.volume for row in rows) + run.left_out == 32
    assert [row.volume for row in rows] == sorted((row.volume for row in rows), reverse=True)
    for word in ("parcel", "refund", "password"):
        assert any(word in row.name.lower() for row in rows), [row.name for row in rows]
    assert all(Message.objects.get(pk=each["message"]).newest_text == each["text"] for each in rows[0].examples)
    assert not Intent.objects.exists()
    chosen = [rows[0].pk, rows[1].pk]
    assert discovery.move_to_library(run, chosen, by=ann) == 2
    assert discovery.move_to_library(run, chosen, by=ann) == 0
    intent = Intent.objects.get(name=rows[0].name)
    assert (intent.source, intent.review_state, intent.examples.count()) == (
        "simulation", "approved", len(rows[0].examples),
    )  # fmt: skip
    assert set(intent.examples.values_list("source", flat=True)) == {Example.Source.DISCOVERY}
    # The setting approved it, nobody read it.
    assert (intent.review_source, intent.reviewed_by) == ("default", None)
    entry = Entry.objects.get(verb="intent.approved", object_id=intent.pk)
    assert (entry.user, entry.why) == (None, "The setting of the discovery")
    library.review_intents([intent], state="pending", by=ann)
    intent.refresh_from_db()
    assert (intent.review_source, intent.reviewed_by) == ("person", ann)


def test_what_the_library_knows_is_named_so_and_what_was_discarded_stays_away(ann, mails):
    for name, state in (("Where is my parcel", "approved"), ("Password trouble", "discarded")):
        intent = library.save_intent(None, by=ann, name=name, review_state=state)
        library.add_examples(intent, SAID["parcel" if "parcel" in name else "password"][:5], by=ann)
    embed_examples()
    rows = list(run_test(ann, add_rule(ann)).candidates.all())
    states = {row.name: row.state for row in rows}
    assert states["Where is my parcel"] == "known"
    assert states["Password trouble"] == "discarded"
    assert discovery.move_to_library(rows[0].run, [row.pk for row in rows if row.state == "discarded"], by=ann) == 0


@pytest.mark.row("INT-B-2")
def test_a_discovery_needs_conditions_and_a_line_has_one(ann):
    with pytest.raises(configuring.Invalid):
        add_rule(ann, conditions={"items": []})
    trade = LineOfBusiness.objects.create(name="Trade")
    add_rule(ann, name="Trade", line_of_business=trade.pk)
    add_rule(ann, name="All of it")
    with pytest.raises(configuring.Invalid, match="already"):
        add_rule(ann, name="Trade again", line_of_business=trade.pk)


def test_only_messages_within_conditions_and_line_are_looked_at_and_too_few_are_said(ann, mails):
    narrow = {"items": [{"fact": "text", "op": "contains", "value": "parcel"}]}
    run = run_test(ann, add_rule(ann, name="Parcels", conditions=narrow))
    assert run.state == "failed"
    assert "Only 8 messages match" in run.reason
    assert not run.candidates.exists()
    trade = LineOfBusiness.objects.create(name="Trade")
    assert "Only 0 messages" in run_test(ann, add_rule(ann, name="Trade", line_of_business=trade.pk)).reason


@pytest.mark.row("INT-B-8")
@pytest.mark.row("INT-B-1")
def test_scheduled_runs_look_at_two_months_once_a_day_while_the_switch_is_on(ann, mails):
    SectionSetting.objects.create(section="intents.matching", is_on=True, level="auto", values={})
    rule = add_rule(ann, is_scheduled=True)
    Message.objects.filter(newest_text__contains="efund").update(received_at=NOW - dt.timedelta(days=70))
    assert discovery.ask_daily(now=NOW) == 1
    assert discovery.ask_daily(now=NOW) == 0, "one is under way"
    (pk,) = discovery.due_runs(5, now=NOW)
    run = DiscoveryRun.objects.get(pk=pk)
    assert (run.get_kind_display(), run.get_state_display(), run.processed, run.finished_at) == (
        "Scheduled", "Waiting", 0, None,
    )  # fmt: skip
    run = discovery.do_run(pk, now=NOW)
    assert (run.total, run.processed, run.get_state_display(), run.reason) == (24, 24, "Done", "")
    assert run.finished_at
    assert [str(label) for label in DiscoveryRun.State.labels] == ["Waiting", "In progress", "Done", "Failed"]
    assert (discovery.SECTION, run.rule, run.conditions, run.granularity) == (
        rule.section, rule.pk, rule.conditions, "medium",
    )  # fmt: skip
    assert discovery.do_run(pk, now=NOW) is None
    assert discovery.ask_daily(now=NOW + dt.timedelta(hours=23)) == 0
    configuring.change_settings(SECTIONS["intents.discovery"], by=ann, is_on=False)
    assert discovery.ask_daily(now=NOW + dt.timedelta(hours=25)) == 0
    configuring.change_settings(SECTIONS["intents.discovery"], by=ann, is_on=True)
    SectionSetting.objects.filter(section="intents.matching").update(is_on=False)
    assert discovery.ask_daily(now=NOW + dt.timedelta(hours=25)) == 0
    SectionSetting.objects.filter(section="intents.matching").update(is_on=True)
    assert discovery.ask_daily(now=NOW + dt.timedelta(hours=25)) == 1
    assert DiscoveryRun.objects.filter(rule=rule.pk, kind="scheduled").count() == 2


def run_again(rule, at):
    run = discovery.do_run(discovery.ask_run(rule, kind="scheduled", by=None, now=at).pk, now=at)
    return {row.name: row.members for row in run.candidates.all()}


def test_the_next_scheduled_run_goes_on_from_the_last_and_strangers_make_a_reason_of_their_own(ann, mails):
    rule = add_rule(ann, is_scheduled=True)
    first = run_again(rule, NOW)
    assert run_again(rule, NOW) == first, "the same messages, no change"
    renamed = DiscoveryRun.objects.last().candidates.first()
    old = renamed.name
    discovery.rename_candidate(renamed, "Named by Ann")
    said = [f"{word} my invoice in the portal" for word in ("download", "find", "print", "see", "pay", "send", "open")]
    for at, text in enumerate([*said, "Where did the parcel go?"]):
        baker.make(
            Message, conversation=baker.make(Conversation, reply_token=f"new{at}"), direction="in", nature="person",
            newest_text=text, language="en", identity=f"new {at}", received_at=NOW,
        )  # fmt: skip
    later = run_again(rule, NOW)
    assert all(set(members) <= set(later["Named by Ann" if name == old else name]) for name, members in first.items())
    (new,) = set(later) - set(first) - {"Named by Ann"}
    assert "invoice" in new.lower()
    assert len(later[new]) == 7
    anew = run_test(ann, rule)
    assert "Named by Ann" not in {row.name for row in anew.candidates.all()}, "a test looks anew"


def test_two_may_not_run_at_once_and_a_dead_workers_run_is_taken_over(ann, mails):
    rule = add_rule(ann)
    run = discovery.ask_run(rule, kind="test", by=ann, now=NOW)
    with pytest.raises(Refused, match="under way"):
        discovery.ask_run(rule, kind="test", by=ann, now=NOW)
    DiscoveryRun.objects.filter(pk=run.pk).update(state="running", lease=timezone.now() + dt.timedelta(minutes=1))
    assert discovery.due_runs(5, now=timezone.now()) == []
    later = timezone.now() + dt.timedelta(minutes=20)
    assert discovery.due_runs(5, now=later) == [run.pk]
    assert discovery.do_run(run.pk, now=later).state == "done"


@pytest.mark.row("INT-B-3")
def test_the_same_texts_give_the_same_groups_in_any_order_and_finer_ones_are_more():
    texts = [text for group in SAID.values() for text in group]
    vectors = embeddings.embed(texts)
    labels = cluster(vectors)
    assert name_groups(texts, labels) == name_groups(texts, cluster(vectors))
    found = [int(cluster(vectors, granularity=each).max()) for each in ("low", "medium", "high")]
    assert found == sorted(found)
    assert set(cluster(vectors[:4])) == {-1}
    same = np.repeat(vectors[:1], 40, axis=0)
    assert len(cluster(same)) == 40


@pytest.mark.row("INT-B-4")
@pytest.mark.row("INT-B-10")
@pytest.mark.row("INT-B-6")
def test_a_run_is_watched_renamed_moved_and_marked_in_the_browser(client, ann, mails):
    ann.is_superuser = True
    ann.save()
    client.force_login(ann)
    rule = add_rule(ann, default_status="discarded")
    page = client.post(reverse("intents:start_test", args=[rule.pk]), follow=True)
    run = DiscoveryRun.objects.get()
    assert "It waits for a worker" in page.content.decode()
    assert "HX-Refresh" not in client.get(reverse("intents:run_progress", args=[run.pk]))
    discovery.do_run(run.pk)
    assert client.get(reverse("intents:run_progress", args=[run.pk]))["HX-Refresh"] == "true"
    first = run.candidates.first()
    client.post(reverse("intents:candidate_name", args=[first.pk]), {"name": "=HYPERLINK(1)"})
    assert "'=HYPERLINK(1)" in client.get(reverse("intents:run_export", args=[run.pk])).content.decode()
    file = client.get(reverse("intents:run_export", args=[run.pk]))
    rows = list(csv.DictReader(file.content.decode().splitlines()))
    assert (file["Content-Type"][:8], len(rows)) == ("text/csv", sum(len(c.examples) for c in run.candidates.all()))
    assert {row["messages"] for row in rows if row["name"] == "'=HYPERLINK(1)"} == {str(first.volume)}
    failed = baker.make(DiscoveryRun, name="None", conditions={}, state="failed")
    empty = client.get(reverse("intents:run_export", args=[failed.pk])).content.decode()
    assert list(csv.DictReader(empty.splitlines())) == []
    library.save_intent(None, by=ann, name="Old things", review_state="discarded")
    client.post(reverse("intents:candidate_name", args=[first.pk]), {"name": "Old things"})
    page = client.post(reverse("intents:move", args=[run.pk]), {"pk": [first.pk]}, follow=True)
    assert "was discarded before" in page.content.decode()
    client.post(reverse("intents:candidate_name", args=[first.pk]), {"name": "Lost things"})
    client.post(reverse("intents:move", args=[run.pk]), {"pk": [first.pk, "x"]})
    assert Intent.objects.get(name="Lost things").review_state == "discarded"
    client.post(reverse("intents:run_reviewed", args=[run.pk]))
    run.refresh_from_db()
    assert run.reviewed_by == ann
    shown = client.get("/manage/customer-intent/discovery/").content.decode()
    assert str(run.pk) in shown
    assert versions.latest("section:intents.discovery").number == 1
