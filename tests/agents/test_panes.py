"""Panes and navigation links: offered by any app, shown to who may see them."""

from types import SimpleNamespace

import pytest

from agents import panes


@pytest.fixture(autouse=True)
def empty_register(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panes, "_panes", {})
    monkeypatch.setattr(panes, "_links", {})


def person(*permissions: str, features: tuple[str, ...] = ()) -> SimpleNamespace:
    return SimpleNamespace(has_perm=permissions.__contains__, has_feature=features.__contains__)


def pane(name: str, **more: object) -> panes.Pane:
    given = {"slot": "case.context", "template": "a.html", "context": show_subject, **more}
    return panes.Pane(name=name, **given)


def show_subject(subject: object, user: object) -> dict[str, object]:
    return {"subject": subject}


def test_panes_of_a_slot_come_in_order_and_only_to_who_may_see_them() -> None:
    panes.register(pane("late", order=20), pane("early", order=10), pane("elsewhere", slot="lead.context"))
    panes.register(pane("secret", permission="cases.see"), pane("new", feature="plans"))
    plain = [shown.name for shown, _context in panes.list_panes("case.context", None, person())]
    trusted = person("cases.see", features=("plans",))
    more = [shown.name for shown, _context in panes.list_panes("case.context", None, trusted)]
    assert plain == ["early", "late"]
    assert more == ["early", "late", "new", "secret"]


def test_a_pane_is_for_one_type_of_subject_and_may_leave_itself_out() -> None:
    case, lead = SimpleNamespace(_meta=SimpleNamespace(label="cases.Case")), SimpleNamespace()
    panes.register(pane("plan", subject_type="cases.Case"), pane("silent", context=lambda subject, user: None))
    shown = list(panes.list_panes("case.context", case, person()))
    assert [(one.name, context) for one, context in shown] == [("plan", {"subject": case})]
    assert list(panes.list_panes("case.context", lead, person())) == []


def test_links_come_in_order_and_a_name_taken_twice_is_refused() -> None:
    inbox = panes.NavLink(name="inbox", label="Inbox", url_name="inbox", icon="inbox", order=10)
    people = panes.NavLink(name="people", label="People", url_name="people", icon="users", permission="accounts.manage")
    panes.register(people, inbox)
    panes.register(inbox)
    assert panes.list_links(person()) == [inbox]
    assert panes.list_links(person("accounts.manage")) == [inbox, people]
    with pytest.raises(ValueError, match="Two panes are called 'inbox'"):
        panes.register(panes.NavLink(name="inbox", label="Other", url_name="other", icon="inbox"))
