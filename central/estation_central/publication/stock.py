"""What a library offers, a row for each item and for each bulletin, under the names by which boxes tell of them. Pure.

A document is asked for under its name: ``catalogue.json`` is the publisher's, ``653101.catalogue.json`` a county's.
What cannot be read is left out: of a delegate it is its own loss, and of the publisher a newer studio's, to be read
after the next update.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from estation_wire.bulletins import BULLETINS_NAME, Bulletin, Bulletins
from estation_wire.delegations import as_of, merged, named
from estation_wire.errors import WireError
from estation_wire.library import CATALOGUE_NAME, Catalogue, Item, decode_document, words
from estation_wire.values import CONTRACT_MAJOR

D = TypeVar("D", Catalogue, Bulletins)
CHINESE: Final = ("zh-Hans",)
ENGLISH: Final = ("en",)
MOST_LANGUAGES: Final = 100  # characters: sixteen tags of six


class Offer(Struct, frozen=True, kw_only=True):
    """An item as people know it. ``role``: whose it is, empty for the publisher's; ``languages`` tags, by a space."""

    content: str
    title: str
    title_en: str
    series: str
    series_en: str
    topic: str
    languages: str
    seconds: float
    role: str


def offers(documents: Mapping[str, bytes]) -> list[Offer]:
    """Every item that any place is offered, once; what the publisher recalls is offered nowhere."""
    own, delegates = _read(Catalogue, CATALOGUE_NAME, documents)
    own = own or Catalogue(v=CONTRACT_MAJOR, version=0, items=())
    bare = msgspec.structs.replace(own, items=())  # its series and what it recalls hold for its delegates' items too
    wholes = [("", merged(own, [])), *((role, merged(bare, [(role, part)])) for role, part in delegates)]
    found: dict[str, Offer] = {}
    for role, whole in wholes:
        series = {each.id: each.titles for each in whole.series}
        for item in whole.items:
            if item.id not in found:
                found[item.id] = _offer(item, series.get(item.series or ""), role)
    return list(found.values())


def notices(documents: Mapping[str, bytes]) -> dict[str, Bulletin]:
    """Every bulletin of the library, by the name under which a box shows it: ``flood-1``, ``653101:flood-1``."""
    own, delegates = _read(Bulletins, BULLETINS_NAME, documents)
    told = [
        *(own.bulletins if own else ()),
        *(as_of(role, each) for role, part in delegates for each in part.bulletins),
    ]
    found: dict[str, Bulletin] = {}
    for each in told:
        found.setdefault(each.id, each)
    return found


def _read(type_: type[D], name: str, documents: Mapping[str, bytes]) -> tuple[D | None, list[tuple[str, D]]]:
    """The publisher's document, and those of its delegates by their roles, a county's before its townships'."""
    own = next(_readable(type_, [documents[name]]), None) if name in documents else None
    suffix = named("", name)
    roles = sorted(each.removesuffix(suffix) for each in documents if each.endswith(suffix))
    return own, [(role, part) for role in roles for part in _readable(type_, [documents[named(role, name)]])]


def _readable(type_: type[D], raws: Iterable[bytes]) -> Iterator[D]:
    for raw in raws:
        with contextlib.suppress(WireError):
            yield decode_document(type_, raw)


def _offer(item: Item, series: dict[str, str] | None, role: str) -> Offer:
    name = series or {"": item.series or ""}
    return Offer(
        content=item.id,
        title=words(item.titles, CHINESE),
        title_en=words(item.titles, ENGLISH),
        series=words(name, CHINESE),
        series_en=words(name, ENGLISH),
        topic=str(item.topic),
        languages=" ".join(_languages(item))[:MOST_LANGUAGES],
        seconds=item.seconds,
        role=role,
    )


def _languages(item: Item) -> Iterable[str]:
    """The languages that it speaks; of what does not speak, those that it is written in."""
    spoken = {track.language for track in item.tracks if track.kind == "audio"}
    return sorted(spoken or {*item.texts, *(track.language for track in item.tracks)} or item.titles)
