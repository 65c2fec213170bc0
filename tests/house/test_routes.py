"""Every address answers every role as the table says; an address that is not in the table fails."""

import logging

from tests.house.canaries import plant
from tests.house.routes import PUBLIC, ROUTES, UNNAMED, WHO
from tests.house.world import Visitor, address_of, all_routes


def test_every_address_is_in_the_table_and_the_table_has_no_other():
    assert {name for name, _parameters in all_routes()} == set(ROUTES) | set(UNNAMED)


def test_without_signing_in_nothing_is_shown_and_an_agents_user_is_nobody():
    shown = {name for name, row in ROUTES.items() if 200 in (row["GET"][0], row["POST"][0])}
    assert shown <= PUBLIC
    for name, row in ROUTES.items():
        for statuses in row.values():
            assert statuses[WHO.index("agent")] == statuses[WHO.index("anonymous")], name


def test_no_address_breaks_and_what_changes_something_is_not_a_link():
    for name, row in ROUTES.items():
        assert not [status for statuses in row.values() for status in statuses if status >= 500], name
        if set(row["GET"]) & {405} and name not in PUBLIC:
            assert 200 not in row["GET"], name


def test_every_address_answers_every_role_as_the_table_says_and_tells_no_secret(people, things, caplog):
    secrets = plant(people, things)
    caplog.set_level(logging.DEBUG)
    visitors = [Visitor(people[who]) for who in WHO]
    wrong, told = [], []
    for name, parameters in all_routes():
        if name in UNNAMED:
            continue
        address = address_of(name, parameters, things)
        for method, expected in ROUTES[name].items():
            got = [visitor.ask(method, address, name) for visitor in visitors]
            if got != expected:
                wrong.append(f"{name} {method}: {' '.join(map(str, got))} instead of {' '.join(map(str, expected))}")
            told += [(what, name) for what, text in secrets.items() for each in visitors if text in each.shown]
    assert wrong == [], "\n".join(wrong)
    assert told == []
    assert [what for what, text in secrets.items() if text in caplog.text] == []
