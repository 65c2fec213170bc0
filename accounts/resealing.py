"""Rotation of the operator's key: everything sealed under an older one is sealed again under the newest."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db.models import Model

from agents.audit import record
from agents.models.sealing import SealedField, Unsealable, reseal

# What allauth keeps in a JSON column, sealed through accounts.second_factor.SealedFactor.
FACTOR_SECRETS = ("secret", "seed")


@dataclass
class Resealed:
    """How many secrets are under the newest key now, and where those stand that no key opens."""

    done: int = 0
    lost: list[str] = field(default_factory=list)


def reseal_secrets() -> Resealed:
    """Seal every stored secret under the first of ``STORED_SECRETS_KEYS``; a kill leaves a mixture that still opens.

    A secret that somebody changes meanwhile is left as they saved it: it is under the newest key already.
    """
    found = Resealed()
    for model in apps.get_models():
        for column in [one.attname for one in model._meta.concrete_fields if isinstance(one, SealedField)]:
            rows = model._default_manager.exclude(**{column: ""}).order_by("pk")
            for pk, sealed in rows.values_list("pk", column).iterator():
                _replace(found, model, pk, column, sealed, reseal)
    for factor in Authenticator.objects.order_by("pk").iterator():
        _replace(found, Authenticator, factor.pk, "data", factor.data, _reseal_factor)
    record("accounts.secrets_resealed", by=None, text=f"sealed {found.done} secrets under the newest key")
    return found


def _replace(found: Resealed, model: type[Model], pk: Any, column: str, old: Any, again: Callable[[Any], Any]) -> None:
    try:
        fresh = again(old)
    except Unsealable:
        found.lost.append(f"{model._meta.label} {pk} {column}")
        return
    if fresh != old:
        found.done += model._default_manager.filter(pk=pk, **{column: old}).update(**{column: fresh})


def _reseal_factor(data: dict[str, Any]) -> dict[str, Any]:
    return data | {name: reseal(data[name]) for name in FACTOR_SECRETS if data.get(name)}
