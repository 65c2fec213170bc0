"""Who sees which rows and fields."""

import itertools

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import given
from hypothesis import strategies as st
from model_bakery import baker

from accounts import access, people, roles
from accounts.models import Role, Team, User
from agents.models import LineOfBusiness
from cases.models import Case
from conversations.models import Queue

pytestmark = pytest.mark.django_db
LEVELS = ["own", "team", "line", "all"]


@pytest.fixture
def world():
    """Every combination of owner, queue's team and line of business: a case each, and a person with one of each."""
    roles.ensure_roles()
    lines = [baker.make(LineOfBusiness, name=name) for name in ("Home", "Trade")]
    teams = [baker.make(Team, name=name) for name in ("North", "South")]
    queues = [None, baker.make(Queue, name="open", team=None), *[baker.make(Queue, name=t.name, team=t) for t in teams]]
    me, other = (User.objects.create_user(f"{name}@example.com", name=name) for name in ("me", "other"))
    me.teams.add(teams[0])
    me.lines_of_business.add(lines[0])
    numbers = itertools.count(1)
    for owner, queue, line in itertools.product([None, me, other], queues, [None, *lines]):
        baker.make(Case, number=next(numbers), owner=owner, queue=queue, line_of_business=line)
    return me, teams, lines


def with_levels(user, levels):
    user.roles.set([baker.make(Role, visibility=level, permissions=["cases.work"]) for level in levels])
    return User.objects.get(pk=user.pk)


def seen(user, **more):
    return set(access.visible(Case.objects.all(), user, **more).values_list("pk", flat=True))


def expected(case, level, me, team, line):
    """The rule of the module's first sentence, written as plainly as it can be."""
    its_team = case.queue.team_id if case.queue else None
    fits = case.line_of_business_id == line
    within = its_team == team if its_team else fits
    own = case.owner_id == me.pk or (case.owner_id is None and within)
    return {"own": own, "team": own or within, "line": own or within or fits, "all": True}[level]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("has_line", [True, False])
def test_each_level_shows_exactly_what_it_says(world, level, has_line):
    me, teams, lines = world
    if not has_line:
        me.lines_of_business.clear()
    user = with_levels(me, [level])
    line = lines[0].pk if has_line else None
    cases = Case.objects.select_related("queue")
    assert seen(user) == {case.pk for case in cases if expected(case, level, me, teams[0].pk, line)}


def test_levels_contain_each_other_and_several_roles_are_the_most_generous(world):
    me, _teams, _lines = world
    by_level = [seen(with_levels(me, [level])) for level in LEVELS]
    assert all(narrow < wide for narrow, wide in itertools.pairwise(by_level))
    for count in (1, 2, 3):
        for levels in itertools.combinations(LEVELS, count):
            assert seen(with_levels(me, levels)) == set.union(*(by_level[LEVELS.index(level)] for level in levels))


def test_a_role_for_articles_does_not_open_cases(world):
    me, _teams, _lines = world
    me.roles.set([baker.make(Role, visibility="all", permissions=["knowledge.author"])])
    me = User.objects.get(pk=me.pk)
    assert seen(me, permission="knowledge.author") == seen(me) != set()
    assert seen(me, permission="cases.work") == set()


def test_nobody_without_a_role_sees_anything_and_a_superuser_everything(world):
    me, _teams, _lines = world
    assert seen(me) == set() == seen(AnonymousUser())
    me.is_superuser = True
    access.forget_reach(me)
    assert seen(me) == set(Case.objects.values_list("pk", flat=True))
    me.is_active = False
    assert seen(me) == set()


@pytest.mark.row("CMA-A-7")
def test_an_agents_user_sees_what_its_role_shows(world):
    agent = people.agent_user("case-management")
    assert seen(agent) == set(Case.objects.values_list("pk", flat=True))
    Role.objects.filter(code=roles.AGENT).update(visibility="own", hidden_fields={"cases.case": ["serial_number"]})
    agent = people.agent_user("case-management")
    shown = Case.objects.filter(pk__in=seen(agent))
    assert shown.exists()
    assert not shown.exclude(owner=None, line_of_business=None).exists()
    assert access.redact({"serial_number": "A1", "title": "x"}, agent, "cases.case") == {"title": "x"}


def test_rows_of_a_case_are_found_through_it(world):
    me, _teams, _lines = world
    user = with_levels(me, ["team"])
    from cases.models import CaseMessage

    assert not access.visible(CaseMessage.objects.all(), user, rules=access.Paths.through("case")).exists()


def test_visibility_is_read_once_per_user_object(world, django_assert_num_queries):
    me, _teams, _lines = world
    user = with_levels(me, ["team"])
    with django_assert_num_queries(4):  # roles, teams with lines, and the two lists of cases
        seen(user)
        seen(user)
        assert user.has_perm("cases.work")
        assert not user.has_perm("cases.supervise")


FIELDS = st.lists(st.sampled_from(["title", "serial_number", "order_number"]), unique=True)


@pytest.mark.row("DESK-42")
@given(st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=3))
def test_a_field_is_kept_only_when_every_role_keeps_it(kept):
    held = tuple(Role(hidden_fields={"cases.case": h}, read_only_fields={"cases.case": r}) for h, r in kept)
    user = User(email="a@example.com")
    user.__dict__["_reach"] = access.Reach(held, (), ())
    hidden, locked = access.hidden_fields(user, "cases.case"), access.read_only_fields(user, "cases.case")
    for name in ("title", "serial_number", "order_number"):
        assert (name in hidden) == all(name in h for h, _r in kept)
        assert (name in locked) == all(name in h or name in r for h, r in kept)
        assert (name in access.redact({name: 1}, user, "cases.case")) == (name not in hidden)
    assert access.hidden_fields(user, "knowledge.article") == frozenset()
