"""The library as the centre has it: taken in whole, and asked for the documents and the voices of a place."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import datetime
from typing import Final, TypeVar

from django.db import transaction

from estation_central.publication.believing import Library
from estation_central.publication.models import Published, Speaker
from estation_wire.delegations import merged, named, roles_of
from estation_wire.errors import WireError
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, Catalogue, Programme, decode_document
from estation_wire.voices import Voice

D = TypeVar("D", Catalogue, Programme)
_NAMES: Final[dict[type, str]] = {Catalogue: CATALOGUE_NAME, Programme: PROGRAMME_NAME}


def take(library: Library, now: datetime) -> None:
    """Put it in the place of the one before."""
    with transaction.atomic():
        Published.objects.all().delete()
        Speaker.objects.all().delete()
        Published.objects.bulk_create(
            [Published(name=name, content=content, taken=now) for name, content in library.documents.items()]
        )
        Speaker.objects.bulk_create(
            [Speaker(role=each.role, threshold=each.threshold, keys=each.keys) for each in library.voices]
        )


def voices(roles: Iterable[str] | None = None) -> tuple[Voice, ...]:
    """Who may speak, of ``roles`` alone where they are given; by name."""
    rows = Speaker.objects.all() if roles is None else Speaker.objects.filter(role__in=list(roles))
    return tuple(Voice(role=each.role, threshold=each.threshold, keys=each.keys) for each in rows.order_by("role"))


def document(type_: type[D], region: str) -> D | None:
    """The publisher's document with what its delegates for ``region`` add, exactly as a box there has it.

    None where there is none yet, or it was made by a newer studio than this centre.
    """
    mine, others = _contents(_NAMES[type_], region)
    try:
        own = decode_document(type_, mine)
    except WireError:
        return None
    parts: list[tuple[str, D]] = []
    for role, raw in others:
        with contextlib.suppress(WireError):  # what a delegate wrote wrongly is its own loss alone
            parts.append((role, decode_document(type_, raw)))
    return merged(own, parts)


def _contents(name: str, region: str) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The publisher's document (empty: there is none), and those of the roles that speak to a place."""
    by_name = {named(role, name): role for role in roles_of(region)}
    rows = Published.objects.filter(name__in=[name, *by_name]).values_list("name", "content")
    found = {each: bytes(content) for each, content in rows}
    return found.get(name, b""), [(role, found[each]) for each, role in by_name.items() if each in found]


def regions() -> list[str]:
    """The counties and townships that have a delegate of their own."""
    return [role for role in Speaker.objects.values_list("role", flat=True) if role.isdigit()]
