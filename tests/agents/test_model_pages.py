"""Administrators connect language models, choose who answers, and read what is wrong."""

from decimal import Decimal

import pytest
from django.urls import reverse

from agents import skills, sweeps
from agents.models import Attempt, Entry, LanguageModel, LineOfBusiness, ModelBudget, ModelCall, SkillEngine, Version
from agents.models.sealing import open_sealed

SKILL = "toy.name_colour"
GIVEN = {
    "name": "House", "kind": "openai", "model": "stub-1", "answer_form": "schema", "deadline": "5", "retries": "0",
    "concurrency": "4", "longest_answer": "500", "is_active": "on", "expected": "0",
}  # fmt: skip


@pytest.fixture
def admin(client, ann):
    client.force_login(ann)
    return client


def connect(admin, **changes):
    return admin.post(reverse("agents:model_add"), {**GIVEN, **changes})


def test_a_model_is_connected_with_a_key_that_is_never_shown_again(admin):
    answer = connect(admin, key="sk-very-secret", base_url="https://llm.example/v1/")
    model = LanguageModel.objects.get()
    assert answer.url == reverse("agents:model", args=[model.pk])
    assert (open_sealed(model.key), model.base_url) == ("sk-very-secret", "https://llm.example/v1")
    assert "sk-very-secret" not in model.key
    for page in (answer.url, reverse("agents:models")):
        assert "sk-very-secret" not in admin.get(page).content.decode()
    assert "sk-very-secret" not in str(list(Version.objects.values())) + str(list(Entry.objects.values()))
    kept = admin.post(answer.url, {**GIVEN, "base_url": "https://llm.example/v1", "deadline": "9", "expected": "1"})
    assert kept.status_code == 302
    model.refresh_from_db()
    assert (open_sealed(model.key), model.deadline) == ("sk-very-secret", 9)
    late = admin.post(answer.url, {**GIVEN, "base_url": "https://llm.example/v1", "deadline": "11", "expected": "1"})
    assert late.status_code == 422
    assert "saved this meanwhile" in late.content.decode()


def test_a_stored_key_goes_to_no_other_server_than_it_was_entered_for(admin):
    connect(admin, key="sk-very-secret", base_url="https://llm.example/v1")
    page = reverse("agents:model", args=[LanguageModel.objects.get().pk])
    moved = {**GIVEN, "base_url": "https://thief.example/v1", "expected": "1"}
    assert "enter the key again" in admin.post(page, moved).content.decode()
    assert LanguageModel.objects.get().base_url == "https://llm.example/v1"
    assert admin.post(page, moved | {"key": "sk-other"}).status_code == 302


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base_url": "file:///etc/passwd"}, "begins with https"),
        ({"base_url": "https://me:word@llm.example/"}, "no user and password"),
        ({"kind": "azure"}, "Azure resource"),
        ({"deadline": "500"}, "100"),
        ({"price_in": "-1"}, "0"),
    ],
)
def test_what_cannot_be_a_model_is_refused_with_the_reason(admin, changes, words):
    answer = connect(admin, **changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not LanguageModel.objects.exists()


TESTS = [
    (lambda stub: stub.say({"word": "ready"}), "The model answers", "answered in"),
    (lambda stub: stub.say("Yes, I am ready."), "Something is in the way", "does not answer in JSON"),
    (lambda stub: stub.fail(401), "Something is in the way", "does not take the key"),
    (lambda stub: stub.fail(404), "Something is in the way", "knows no model “stub-1”"),
    (lambda stub: stub.fail(200, body=b"<html>"), "Something is in the way", "no model: its answer is not JSON"),
]


@pytest.mark.parametrize(("script", "verdict", "words"), TESTS)
def test_the_test_says_exactly_what_is_wrong(admin, model_stub, settings, script, verdict, words):
    settings.MODEL_PRIVATE_ADDRESSES = True
    connect(admin, base_url=model_stub.url, key="sk-very-secret")
    model = LanguageModel.objects.get()
    script(model_stub)
    address = reverse("agents:model_test", args=[model.pk])
    running = admin.post(address, headers={"hx-request": "true"}).content.decode()
    assert "A worker asks the model" in running
    assert "hx-get" in running
    assert model_stub.asked == []  # the web asks no model
    assert sweeps.answer("model.test", model.pk) == 1
    found = admin.get(address, headers={"hx-request": "true"}).content.decode()
    assert verdict in found
    assert words in found
    assert "sk-very-secret" not in found


def test_a_private_address_is_the_operators_to_allow(admin, model_stub):
    connect(admin, base_url=model_stub.url)
    model = LanguageModel.objects.get()
    admin.post(reverse("agents:model_test", args=[model.pk]))
    sweeps.answer("model.test", model.pk)
    assert "MODEL_PRIVATE_ADDRESSES" in admin.get(reverse("agents:model", args=[model.pk])).content.decode()
    assert model_stub.asked == []


@pytest.mark.row("HUB-B-23")
def test_who_answers_and_what_it_may_cost_is_set_for_all_and_for_a_line(admin, model_stub, settings):
    settings.MODEL_PRIVATE_ADDRESSES = True
    connect(admin, base_url=model_stub.url, price_in="10", price_out="100")
    model, line = LanguageModel.objects.get(), LineOfBusiness.objects.create(name="Spares")
    number = [one.name for one in skills.registered().values() if one.prompt].index(SKILL)
    page = reverse("agents:engines")
    given = {name: "local" for name in _fields(admin, page) if name.startswith(("model-", "on_failure-"))}
    given |= {f"model-{number}": str(model.pk), f"on_failure-{number}": "wait", "per_day": "0.04", "expected": "0"}
    assert admin.post(page, given).status_code == 302
    own = {name: "all" if name.startswith("model-") else "local" for name in given if "-" in name}
    own |= {f"model-{number}": "local", "expected": "0"}
    assert admin.post(f"{page}?line={line.pk}", own).status_code == 302
    row = SkillEngine.objects.get(skill=SKILL, line_of_business=None)
    assert (row.model, row.on_failure, ModelBudget.objects.get(line_of_business=None).per_day) == (
        model,
        "wait",
        Decimal("0.04"),
    )
    assert SkillEngine.objects.filter(line_of_business=line).get().model is None
    model_stub.say({"colour": "red", "sentence": 1})
    question = {"sentences": ["Paint it red."]}
    assert skills.run(SKILL, question, skills.Scope(line.pk)).engine == "local"
    with pytest.raises(skills.WaitsForPerson, match="budget"):  # room for 0.05 and a little is needed
        skills.run(SKILL, question, skills.Scope())
    assert model_stub.asked == []
    shown = admin.get(reverse("agents:models")).content.decode()
    assert "toy.name_colour" in shown
    assert "0.04" in shown


def _fields(admin, page):
    return admin.get(page).context["form"].fields


def test_a_model_in_use_is_not_deleted_and_one_that_is_not_leaves_its_calls(admin):
    connect(admin)
    model = LanguageModel.objects.get()
    row = SkillEngine.objects.create(skill=SKILL, model=model)
    ModelCall.objects.create(skill=SKILL, asked="stub-1", model=model, prompt="x", prompt_version="x")
    page = reverse("agents:model_delete", args=[model.pk])
    admin.post(page)
    assert LanguageModel.objects.exists()
    row.delete()
    admin.post(page)
    assert not LanguageModel.objects.exists()
    assert ModelCall.objects.get().model is None


def test_what_waits_for_a_person_is_shown_and_tried_again(admin, ann):
    from django.utils import timezone

    Attempt.objects.create(sweep="cases.replies", object_id=5, parked_at=timezone.now(), error="WaitsForPerson: busy")
    Attempt.objects.create(sweep="cases.replies", object_id=6, parked_at=timezone.now(), error="ValueError: x")
    assert "1 piece waits for a person" in admin.get(reverse("agents:models")).content.decode()
    admin.post(reverse("agents:models_retry"))
    assert list(Attempt.objects.values_list("object_id", flat=True)) == [6]


@pytest.mark.row("CMA-A-10")
def test_every_call_stands_in_the_list_with_what_it_cost(admin):
    line = LineOfBusiness.objects.create(name="Spares")
    for outcome, name in (("answered", "stub-1"), ("refused", "stub-2")):
        ModelCall.objects.create(
            skill=SKILL, asked=name, outcome=outcome, cost=Decimal("0.0123"), prompt="p", prompt_version="abc",
            line_of_business=line, answer="Dear [PERSON_1] <script>", detail="why not",
        )  # fmt: skip
    page = reverse("agents:model_calls")
    shown = admin.get(page).content.decode()
    assert "stub-1" in shown
    assert "0.0123" in shown
    narrowed = admin.get(f"{page}?outcome=refused&line={line.pk}&skill={SKILL}").content.decode()
    assert "stub-2" in narrowed
    assert "stub-1" not in narrowed
    call = ModelCall.objects.get(asked="stub-2")
    drawer = admin.get(reverse("agents:model_call", args=[call.pk]), headers={"hx-request": "true"}).content.decode()
    assert "Dear [PERSON_1] &lt;script&gt;" in drawer
    assert "abc" in drawer
