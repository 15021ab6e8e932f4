"""Which version of a film a place gets: in sign language, with a spoken description, with captions. Pure.

A film names its other versions (`Item.versions`), which are files of their own; rules and people name the film alone.
What people need is met first by another version, then by a track of the same file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from estation_wire.languages import heard_by, read_by
from estation_wire.library import Item
from estation_wire.profile import Access

SHORTER: Final = 0.5  # counting seconds: a version that lacks more would cost a site its minimum


def stand_ins(items: Iterable[Item]) -> frozenset[str]:
    """The content ids that are another film's version: nobody is offered them as films of their own."""
    return frozenset(content for item in items for content in item.versions)


def best(item: Item, others: Sequence[Item], access: Sequence[Access], languages: Sequence[str]) -> Item:
    """The version of ``item`` for people who need this and understand these languages; itself where none is better."""
    there = [each for each in others if each.counting >= item.counting - SHORTER]
    return max((item, *there), key=lambda each: _met(each, access, languages))


def _met(item: Item, access: Sequence[Access], languages: Sequence[str]) -> tuple[int, bool]:
    """How many of the needs are met; and whether its signs are those that people here know."""
    return sum(meets(item, need, languages) for need in access), item.signed in languages


def meets(item: Item, need: Access, languages: Sequence[str]) -> bool:
    """Whether an item has what people need, in a language that they understand."""
    if need == "signs":
        return item.signed is not None
    kind, suits = ("subtitles", read_by) if need == "captions" else ("audio", heard_by)
    useful = [each for each in item.tracks if each.kind == kind and each.use == need]
    return any(suits(wanted, each.language) for wanted in languages for each in useful)


def wanted(
    films: Mapping[str, Item], versions: Mapping[str, Item], access: Sequence[Access], languages: Sequence[str]
) -> dict[str, str]:
    """For each film that has a better version for these people: which. ``versions``: those of the catalogue."""
    better = {}
    for content, item in films.items():
        chosen = best(item, [versions[each] for each in item.versions if each in versions], access, languages)
        if chosen.id != content:
            better[content] = chosen.id
    return better
