"""What customers write about: products, their families, and the tree of subjects."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.audit import record
from agents.sections import versions
from agents.skills.languages import fold
from knowledge.models import Product, ProductFamily, Subject

PRODUCT_FIELDS = ("name", "sku", "aliases", "description", "serial_pattern", "is_active")


class Refused(Exception):  # noqa: N818
    """A change that is not allowed; the text says why, for people."""


@dataclass(frozen=True)
class Branch:
    """A subject in its place: how deep it lies, and the names above it."""

    subject: Subject
    depth: int
    path: str


@transaction.atomic
def save_product(product: Product | None, *, by: Any, family: str = "", **fields: Any) -> Product:
    """Add or change a product; ``family`` is the name of a family, made when there is none of that name."""
    versions.lock("catalogue")
    row = Product.objects.select_for_update().get(pk=product.pk) if product else Product()
    if Product.objects.filter(name__iexact=fields["name"]).exclude(pk=row.pk).exists():
        raise Refused(_("There is a product of that name already."))
    before = {name: getattr(row, name) for name in PRODUCT_FIELDS} if product else {}
    for name, value in fields.items():
        setattr(row, name, value)
    row.aliases = tidy_aliases(row.aliases, row.name)
    row.family = _family(family)
    row.save()
    after = {name: getattr(row, name) for name in PRODUCT_FIELDS}
    verb, text = ("product.changed", _("changed the product")) if product else ("product.added", _("added the product"))
    record(verb, by=by, subject=row, text=text, changes=versions.diff(before, after))
    return row


def _family(name: str) -> ProductFamily | None:
    name = name.strip()
    if not name:
        return None
    return ProductFamily.objects.filter(name__iexact=name).first() or ProductFamily.objects.create(name=name)


def tidy_aliases(aliases: Iterable[str], name: str) -> list[str]:
    """The other names once each, in their order, without the product's own."""
    seen = {fold(name)}
    kept = []
    for alias in (" ".join(alias.split()) for alias in aliases):
        if alias and fold(alias) not in seen:
            seen.add(fold(alias))
            kept.append(alias)
    return kept


def list_branches() -> list[Branch]:
    """The subjects as a tree, depth first, by name: one query."""
    children: dict[int | None, list[Subject]] = {}
    for subject in Subject.objects.order_by("name", "pk"):
        children.setdefault(subject.parent_id, []).append(subject)
    found: list[Branch] = []
    waiting = [(subject, 0, "") for subject in reversed(children.get(None, []))]
    while waiting:
        subject, depth, above = waiting.pop()
        path = f"{above} › {subject.name}" if above else subject.name
        found.append(Branch(subject, depth, path))
        waiting += [(child, depth + 1, path) for child in reversed(children.get(subject.pk, []))]
    return found


def below(subject: Subject) -> set[int]:
    """The ids of a subject and of everything under it."""
    parents = dict(Subject.objects.values_list("pk", "parent_id"))
    found = {subject.pk}
    while more := {pk for pk, parent in parents.items() if parent in found} - found:
        found |= more
    return found


@transaction.atomic
def save_subject(
    subject: Subject | None, *, by: Any, name: str, parent: Subject | None = None, description: str = ""
) -> Subject:
    """Add, rename or move a subject. Raises Refused for a second of that name there, and for a circle."""
    versions.lock("catalogue")
    row = Subject.objects.select_for_update().get(pk=subject.pk) if subject else Subject()
    if subject and parent and parent.pk in below(row):
        raise Refused(_("A subject cannot lie under itself."))
    if Subject.objects.filter(parent=parent, name__iexact=name).exclude(pk=row.pk).exists():
        raise Refused(_("There is a subject of that name in this place already."))
    before = {"name": row.name, "parent": str(row.parent or ""), "description": row.description} if subject else {}
    row.name, row.parent, row.description = name, parent, description
    row.save()
    after = {"name": name, "parent": str(parent or ""), "description": description}
    verb, text = ("subject.changed", _("changed the subject")) if subject else ("subject.added", _("added the subject"))
    record(verb, by=by, subject=row, text=text, changes=versions.diff(before, after))
    return row


@transaction.atomic
def delete_subject(subject: Subject, *, by: Any) -> None:
    """Delete a subject that nothing uses. Raises Refused with what does."""
    versions.lock("catalogue")
    row = Subject.objects.select_for_update().get(pk=subject.pk)
    if reason := why_kept(row):
        raise Refused(reason)
    record("subject.deleted", by=by, subject=row, text=_("deleted the subject"))
    row.delete()


def why_kept(subject: Subject) -> str:
    """Why a subject cannot be deleted, empty when it can; asks every row of any app that points to it."""
    uses = []
    for relation in Subject._meta.related_objects:
        rows = relation.related_model._base_manager.filter(**{relation.field.name: subject})
        if count := rows.count():
            meta = relation.related_model._meta
            uses.append(f"{count} {meta.verbose_name if count == 1 else meta.verbose_name_plural}")
    if not uses:
        return ""
    return _("It stays, because of %(uses)s.") % {"uses": ", ".join(uses)}
