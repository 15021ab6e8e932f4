"""The library as the centre has it: taken in whole, and asked for the documents and the voices of a place."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import datetime
from typing import Final, TypeVar

import msgspec
from django.db import transaction
from msgspec.structs import asdict

from estation_central.publication import stock
from estation_central.publication.believing import Library
from estation_central.publication.models import Offered, Published, Speaker, Told
from estation_wire.bulletins import Bulletin
from estation_wire.decoding import decoder
from estation_wire.delegations import merged, named, roles_of
from estation_wire.errors import WireError
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, Catalogue, Programme, decode_document
from estation_wire.voices import Voice

D = TypeVar("D", Catalogue, Programme)
AT_ONCE: Final = 500  # rows of one statement
_AGAIN: Final = [*stock.Offer.__struct_fields__[1:], "gone"]  # what a newer catalogue says anew; not since when
_NAMES: Final[dict[type, str]] = {Catalogue: CATALOGUE_NAME, Programme: PROGRAMME_NAME}


def take(library: Library, now: datetime) -> None:
    """Put it in the place of the one before. What it offers no more is kept as gone: it was shown, and has a title."""
    offers, notices = stock.offers(library.documents), stock.notices(library.documents)
    with transaction.atomic():
        Published.objects.all().delete()
        Speaker.objects.all().delete()
        Published.objects.bulk_create(
            [Published(name=name, content=content, taken=now) for name, content in library.documents.items()]
        )
        Speaker.objects.bulk_create(
            [Speaker(role=each.role, threshold=each.threshold, keys=each.keys) for each in library.voices]
        )
        Offered.objects.filter(gone=None).update(gone=now)
        Offered.objects.bulk_create(
            [Offered(**asdict(each), since=now, gone=None) for each in offers],
            batch_size=AT_ONCE,
            update_conflicts=True,
            unique_fields=["content"],
            update_fields=_AGAIN,
        )
        Told.objects.all().delete()
        bodies = ((name, msgspec.json.encode(each).decode()) for name, each in notices.items())
        Told.objects.bulk_create([Told(name=name, body=body) for name, body in bodies], batch_size=AT_ONCE)


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


def bulletin(name: str, now: datetime) -> Bulletin | None:
    """A bulletin of the signed library, by the name under which boxes show it; None before it is issued."""
    body = Told.objects.filter(pk=name).values_list("body", flat=True).first()
    found = None if body is None else decoder(Bulletin).decode(body)
    return found if found is not None and found.issued <= now else None


def regions() -> list[str]:
    """The counties and townships that have a delegate of their own."""
    return [role for role in Speaker.objects.values_list("role", flat=True) if role.isdigit()]
