"""The comparisons each type of fact knows, each once in Python and once in the database.

No expression here is ever NULL: what has no value is empty, and "is not" holds for it.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import (
    BooleanField,
    DateTimeField,
    DecimalField,
    DurationField,
    F,
    Func,
    IntegerField,
    Q,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce, Left, StrIndex
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, IsNull, LessThan, LessThanOrEqual
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.conditions import operands
from agents.conditions.folding import Fold, fold
from agents.facts import Fact, Type

NEVER = Q(pk__in=[])
ALWAYS = ~NEVER


@dataclass(frozen=True)
class Operator:
    """One comparison.

    takes: "nothing", "one", "many" or "two", which decides the fields beside it. read: from what a person wrote.
    holds(value, operand, now) in Python; build(fact, operand, now) the same in the database.
    """

    code: str
    label: str | Promise
    takes: str
    read: Callable[[Fact, Any], Any]
    holds: Callable[[Any, Any, dt.datetime], bool]
    build: Callable[[Fact, Any, dt.datetime], Q]


def _text(fact: Fact, now: dt.datetime) -> Func:
    return Fold(Coalesce(fact.express(now), Value(""), output_field=TextField()))


def _same_text(fact: Fact, given: str, now: dt.datetime) -> Q:
    return Q(Exact(_text(fact, now), Value(given, TextField())))


def _has_text(fact: Fact, given: str, now: dt.datetime) -> Q:
    return Q(GreaterThan(StrIndex(_text(fact, now), Value(given, TextField())), Value(0)))


def _begins(fact: Fact, given: str, now: dt.datetime) -> Q:
    return Q(Exact(Left(_text(fact, now), len(given)), Value(given, TextField())))


def _no_text(fact: Fact, given: Any, now: dt.datetime) -> Q:
    return Q(Exact(Coalesce(fact.express(now), Value(""), output_field=TextField()), Value("")))


def _any(build: Callable[[Fact, Any, dt.datetime], Q]) -> Callable[[Fact, Any, dt.datetime], Q]:
    return lambda fact, given, now: reduce(or_, [build(fact, one, now) for one in given])


def _not(build: Callable[[Fact, Any, dt.datetime], Q]) -> Callable[[Fact, Any, dt.datetime], Q]:
    """The opposite, which also holds for what has no value."""
    return lambda fact, given, now: Q(IsNull(fact.express(now), True)) | ~build(fact, given, now)


TEXT = [
    Operator("is", _("is"), "one", operands.read_text, lambda v, o, _n: fold(v or "") == o, _same_text),
    Operator("is_not", _("is not"), "one", operands.read_text, lambda v, o, _n: fold(v or "") != o, _not(_same_text)),
    Operator(
        "any_of", _("is any of"), "many", operands.read_texts, lambda v, o, _n: fold(v or "") in o, _any(_same_text)
    ),
    Operator("contains", _("contains"), "one", operands.read_text, lambda v, o, _n: o in fold(v or ""), _has_text),
    Operator(
        "not_contains",
        _("does not contain"),
        "one",
        operands.read_text,
        lambda v, o, _n: o not in fold(v or ""),
        _not(_has_text),
    ),
    Operator(
        "starts_with",
        _("starts with"),
        "one",
        operands.read_text,
        lambda v, o, _n: fold(v or "").startswith(o),
        _begins,
    ),
    Operator("is_empty", _("is empty"), "nothing", operands.read_nothing, lambda v, _o, _n: not v, _no_text),
    Operator(
        "not_empty",
        _("is not empty"),
        "nothing",
        operands.read_nothing,
        lambda v, _o, _n: bool(v),
        lambda fact, given, now: ~_no_text(fact, given, now),
    ),
]


def _key_value(fact: Fact, key: Any) -> Value:
    return Value(key, IntegerField() if fact.key_type is int else TextField())


def _same_key(fact: Fact, key: Any, now: dt.datetime) -> Q:
    return Q(Exact(fact.express(now), _key_value(fact, key)))


def _no_key(fact: Fact, given: Any, now: dt.datetime) -> Q:
    null = Q(IsNull(fact.express(now), True))
    return null if fact.key_type is int else null | Q(Exact(fact.express(now), Value("", TextField())))


CHOICE = [
    Operator("is", _("is"), "one", operands.read_key, lambda v, o, _n: v == o, _same_key),
    Operator("is_not", _("is not"), "one", operands.read_key, lambda v, o, _n: v != o, _not(_same_key)),
    Operator("any_of", _("is any of"), "many", operands.read_keys, lambda v, o, _n: v in o, _any(_same_key)),
    Operator(
        "none_of", _("is none of"), "many", operands.read_keys, lambda v, o, _n: v not in o, _not(_any(_same_key))
    ),
    Operator("is_empty", _("is empty"), "nothing", operands.read_nothing, lambda v, _o, _n: v in (None, ""), _no_key),
    Operator(
        "not_empty",
        _("is not empty"),
        "nothing",
        operands.read_nothing,
        lambda v, _o, _n: v not in (None, ""),
        lambda fact, given, now: ~_no_key(fact, given, now),
    ),
]


def _number(number: Decimal) -> Value:
    return Value(number, DecimalField())


def _like(number: Decimal, value: Any) -> Any:
    """The operand as the database compares it: a float column compares floats."""
    return float(number) if isinstance(value, float) else number


def _null(fact: Fact, given: Any, now: dt.datetime) -> Q:
    return Q(IsNull(fact.express(now), True))


def _not_null(fact: Fact, given: Any, now: dt.datetime) -> Q:
    return Q(IsNull(fact.express(now), False))


def _same_number(fact: Fact, given: Decimal, now: dt.datetime) -> Q:
    return Q(Exact(fact.express(now), _number(given)))


EMPTY = Operator("is_empty", _("is empty"), "nothing", operands.read_nothing, lambda v, _o, _n: v is None, _null)
NOT_EMPTY = Operator(
    "not_empty", _("is not empty"), "nothing", operands.read_nothing, lambda v, _o, _n: v is not None, _not_null
)

NUMBER = [
    Operator(
        "is", _("is"), "one", operands.read_number, lambda v, o, _n: v is not None and v == _like(o, v), _same_number
    ),
    Operator(
        "is_not",
        _("is not"),
        "one",
        operands.read_number,
        lambda v, o, _n: v is None or v != _like(o, v),
        _not(_same_number),
    ),
    Operator(
        "over",
        _("is over"),
        "one",
        operands.read_number,
        lambda v, o, _n: v is not None and v > _like(o, v),
        lambda fact, o, now: Q(GreaterThan(fact.express(now), _number(o))),
    ),
    Operator(
        "under",
        _("is under"),
        "one",
        operands.read_number,
        lambda v, o, _n: v is not None and v < _like(o, v),
        lambda fact, o, now: Q(LessThan(fact.express(now), _number(o))),
    ),
    Operator(
        "between",
        _("is between"),
        "two",
        operands.read_numbers,
        lambda v, o, _n: v is not None and _like(o[0], v) <= v <= _like(o[1], v),
        lambda fact, o, now: (
            Q(GreaterThanOrEqual(fact.express(now), _number(o[0])))
            & Q(LessThanOrEqual(fact.express(now), _number(o[1])))
        ),
    ),
    EMPTY,
    NOT_EMPTY,
]

BOOLEAN = [
    Operator(
        "is_true",
        _("is yes"),
        "nothing",
        operands.read_nothing,
        lambda v, _o, _n: v is True,
        lambda fact, _o, now: Q(Exact(Coalesce(fact.express(now), Value(False), output_field=BooleanField()), True)),
    ),
    Operator(
        "is_false",
        _("is no"),
        "nothing",
        operands.read_nothing,
        lambda v, _o, _n: v is not True,
        lambda fact, _o, now: Q(Exact(Coalesce(fact.express(now), Value(False), output_field=BooleanField()), False)),
    ),
]


def _at(moment: dt.datetime) -> Value:
    return Value(moment, DateTimeField())


def _between(fact: Fact, low: dt.datetime, high: dt.datetime, now: dt.datetime) -> Q:
    return Q(GreaterThanOrEqual(fact.express(now), _at(low))) & Q(LessThan(fact.express(now), _at(high)))


TICK = dt.timedelta(microseconds=1)
TIME = [
    Operator(
        "before",
        _("is before"),
        "one",
        operands.read_moments,
        lambda v, o, _n: v is not None and v < o[0],
        lambda fact, o, now: Q(LessThan(fact.express(now), _at(o[0]))),
    ),
    Operator(
        "after",
        _("is after"),
        "one",
        operands.read_moments,
        lambda v, o, _n: v is not None and v >= o[1],
        lambda fact, o, now: Q(GreaterThanOrEqual(fact.express(now), _at(o[1]))),
    ),
    Operator(
        "between",
        _("is between"),
        "two",
        operands.read_two_moments,
        lambda v, o, _n: v is not None and o[0] <= v < o[1],
        lambda fact, o, now: _between(fact, o[0], o[1], now),
    ),
    Operator(
        "in_last",
        _("is in the last"),
        "one",
        operands.read_span,
        lambda v, o, now: v is not None and now - o <= v <= now,
        lambda fact, o, now: _between(fact, now - o, now + TICK, now),
    ),
    Operator(
        "older_than",
        _("is older than"),
        "one",
        operands.read_span,
        lambda v, o, now: v is not None and v < now - o,
        lambda fact, o, now: Q(LessThan(fact.express(now), _at(now - o))),
    ),
    EMPTY,
    NOT_EMPTY,
]


def _length(value: Any, now: dt.datetime) -> dt.timedelta:
    return value if isinstance(value, dt.timedelta) else now - value


def _longer(fact: Fact, span: dt.timedelta, now: dt.datetime) -> Q:
    if fact.is_age:
        return Q(LessThan(F(fact.path), _at(now - span)))
    return Q(GreaterThan(fact.express(now), Value(span, DurationField())))


def _shorter(fact: Fact, span: dt.timedelta, now: dt.datetime) -> Q:
    if fact.is_age:
        return Q(GreaterThan(F(fact.path), _at(now - span)))
    return Q(LessThan(fact.express(now), Value(span, DurationField())))


DURATION = [
    Operator(
        "over",
        _("is over"),
        "one",
        operands.read_span,
        lambda v, o, now: v is not None and _length(v, now) > o,
        _longer,
    ),
    Operator(
        "under",
        _("is under"),
        "one",
        operands.read_span,
        lambda v, o, now: v is not None and _length(v, now) < o,
        _shorter,
    ),
    EMPTY,
    NOT_EMPTY,
]


def _rows(fact: Fact, **lookup: Any) -> Q:
    """Through a subquery, so that many values never multiply the row."""
    path, wanted = next(iter(lookup.items()))
    return Q(pk__in=fact.model._base_manager.filter(**{f"{fact.path}__{path}": wanted}).values("pk"))


SET = [
    Operator(
        "has_any",
        _("has any of"),
        "many",
        operands.read_keys,
        lambda v, o, _n: not v.isdisjoint(o),
        lambda fact, o, _n: _rows(fact, pk__in=o),
    ),
    Operator(
        "has_all",
        _("has all of"),
        "many",
        operands.read_keys,
        lambda v, o, _n: v.issuperset(o),
        lambda fact, o, _n: reduce(and_, [_rows(fact, pk__in=[one]) for one in o]),
    ),
    Operator(
        "has_none",
        _("has none of"),
        "many",
        operands.read_keys,
        lambda v, o, _n: v.isdisjoint(o),
        lambda fact, o, _n: ~_rows(fact, pk__in=o),
    ),
    Operator(
        "is_empty",
        _("is empty"),
        "nothing",
        operands.read_nothing,
        lambda v, _o, _n: not v,
        lambda fact, _o, _n: ~_rows(fact, isnull=False),
    ),
    Operator(
        "not_empty",
        _("is not empty"),
        "nothing",
        operands.read_nothing,
        lambda v, _o, _n: bool(v),
        lambda fact, _o, _n: _rows(fact, isnull=False),
    ),
]

OPERATORS: dict[Type, dict[str, Operator]] = {
    kind: {operator.code: operator for operator in operators}
    for kind, operators in [
        (Type.TEXT, TEXT),
        (Type.CHOICE, CHOICE),
        (Type.USER, CHOICE),
        (Type.NUMBER, NUMBER),
        (Type.BOOLEAN, BOOLEAN),
        (Type.TIME, TIME),
        (Type.DURATION, DURATION),
        (Type.SET, SET),
    ]
}
