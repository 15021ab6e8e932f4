"""Whom the publisher lets speak for a part of the field, and how the box puts their documents together. Pure.

A delegate signs documents named for its role: ``653101.programme.json`` by the county, ``653101102.bulletins.json`` by
its township, ``653101-emergency.bulletins.json`` by the county's emergency desk, ``emergency.bulletins.json`` by the
publisher's. A box looks up its own place's roles only: so nobody speaks for another's place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import chain, islice
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from estation_wire.bulletins import BULLETINS_NAME, Bulletin, Bulletins
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, Catalogue, Playlist, Programme, Rule

EMERGENCY: Final = "emergency"
COUNTY_DIGITS: Final = 6  # GB/T 2260
TOWNSHIP_DIGITS: Final = 9  # the county's six, and three of GB/T 10114
NAME_CHARACTERS: Final = 64  # as the wire has it
DELEGATED: Final = (CATALOGUE_NAME, PROGRAMME_NAME, BULLETINS_NAME)
MOST_RECALLED: Final = 10_000  # as the wire has it
MOST: Final = {"items": 100_000, "series": 1000, "rules": 2000, "playlists": 500, "closed": 1000, "bulletins": 20_000}
"""What a document holds at most, as the wire has it: the publisher's own come first, what is too many is left out."""
D = TypeVar("D", Catalogue, Programme, Bulletins)


def roles_of(region: str) -> tuple[str, ...]:
    """The delegates that may speak to a place: ``region`` is its county's code, or its township's; "" is nowhere."""
    county, township = region[:COUNTY_DIGITS], region[:TOWNSHIP_DIGITS]
    roles = [EMERGENCY]
    if len(county) == COUNTY_DIGITS:
        roles += [county, f"{county}-{EMERGENCY}"]
    if len(township) == TOWNSHIP_DIGITS:
        roles.append(township)
    return tuple(roles)


def named(role: str, name: str) -> str:
    """What a delegate's document of this kind is called."""
    return f"{role}.{name}"


def of_role(role: str) -> tuple[str, ...]:
    """The kinds of documents that a role may sign: an emergency desk has bulletins only."""
    return (BULLETINS_NAME,) if role.endswith(EMERGENCY) else DELEGATED


def together(own: str, parts: Mapping[str, str]) -> str:
    """One digest for a document and its delegates' parts (digest by name): another one where any of them changes."""
    if not parts:
        return own
    return sha256(
        "\n".join([own, *(f"{name} {digest}" for name, digest in sorted(parts.items()))]).encode()
    ).hexdigest()


def merged(own: D, parts: Sequence[tuple[str, D]]) -> D:
    """The publisher's document with its delegates' (role, document) behind it; the publisher's own wins.

    What the publisher recalls is recalled for everybody. A delegate recalls what it offers itself, and nothing else.
    """
    if isinstance(own, Catalogue):
        whole: Any = _catalogue(own, [part for _, part in parts if isinstance(part, Catalogue)])
        return whole  # type: ignore[no-any-return]
    return _merged(own, parts)


def _catalogue(own: Catalogue, parts: Sequence[Catalogue]) -> Catalogue:
    banned = frozenset(own.recalled)
    offers = [_offered(part, banned) for part in parts]
    whole = _merged(_offered(own, banned), [("", each) for each in offers])
    offered = {item.id for item in whole.items}
    gone = dict.fromkeys(chain(own.recalled, *(part.recalled for part in parts)))
    recalled = tuple(islice((content for content in gone if content not in offered), MOST_RECALLED))
    return msgspec.structs.replace(whole, recalled=recalled)


def _offered(catalogue: Catalogue, banned: frozenset[str]) -> Catalogue:
    """The same without what it recalls itself, and what the publisher recalls."""
    gone = banned.union(catalogue.recalled)
    return msgspec.structs.replace(catalogue, items=tuple(item for item in catalogue.items if item.id not in gone))


def _merged(own: D, parts: Sequence[tuple[str, D]]) -> D:
    documents: list[Struct] = [own, *(_as_of(role, part) for role, part in parts)]
    fields = {name for name in own.__struct_fields__ if name in MOST}
    return msgspec.structs.replace(own, **{name: _joined(documents, name) for name in fields})


def _joined(documents: Iterable[Struct], field: str) -> tuple[Any, ...]:
    every = chain.from_iterable(getattr(document, field) for document in documents)
    if field == "closed":  # a week may be closed for several audiences
        return tuple(islice(every, MOST[field]))
    first: dict[str, Any] = {}
    for each in every:
        first.setdefault(each.id, each)
    return tuple(islice(first.values(), MOST[field]))


def _as_of(role: str, part: D) -> D:
    """A delegate's document with names that cannot be taken for the publisher's."""
    if isinstance(part, Programme):
        lists = frozenset(playlist.id for playlist in part.playlists)
        rules = tuple(_rule(role, rule, lists) for rule in part.rules)
        return msgspec.structs.replace(
            part, rules=rules, playlists=tuple(_playlist(role, each) for each in part.playlists)
        )
    if isinstance(part, Bulletins):
        return msgspec.structs.replace(part, bulletins=tuple(as_of(role, each) for each in part.bulletins))
    return part


def _prefixed(role: str, name: str) -> str:
    return f"{role}:{name}"[:NAME_CHARACTERS]


def _rule(role: str, rule: Rule, lists: frozenset[str]) -> Rule:
    """``lists``: the delegate's own playlists; another name is the publisher's."""
    playlist = _prefixed(role, rule.playlist) if rule.playlist in lists and rule.playlist else rule.playlist
    return msgspec.structs.replace(rule, id=_prefixed(role, rule.id), playlist=playlist)


def _playlist(role: str, playlist: Playlist) -> Playlist:
    return msgspec.structs.replace(playlist, id=_prefixed(role, playlist.id))


def as_of(role: str, bulletin: Bulletin) -> Bulletin:
    """A delegate's bulletin under a name of its own.

    Only an emergency desk may interrupt what is shown; of anybody else it is urgent.
    """
    interrupts = bulletin.priority == "emergency" and not role.endswith(EMERGENCY)
    priority = "urgent" if interrupts else bulletin.priority
    return msgspec.structs.replace(bulletin, id=_prefixed(role, bulletin.id), priority=priority)
