"""Versions of a film: what `version_of` in ``library.toml`` says, as the catalogue has it. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from estation_wire.library import Item
from estation_wire.versions import SHORTER
from studio.source import Source


def with_versions(source: Source, items: dict[str, Item]) -> tuple[dict[str, Item], list[str]]:
    """The items, each film with its versions; and what to tell of versions that no box will show in its film's stead.

    A version whose film could not be published is a film of its own.
    """
    found, told = dict(items), []
    for one in source.items:
        film = found.get(one.version_of or "")
        version = items.get(one.id)
        if film is None or version is None or one.version_of is None:
            continue
        if version.counting < film.counting - SHORTER:
            lacks = film.counting - version.counting
            told.append(
                f"{one.id}: it counts {lacks:.0f} s less than {one.version_of}, and would cost a site its minimum:"
                " no box shows it in its stead"
            )
        found[one.version_of] = replace(film, versions=(*film.versions, version.id))
    return found, told
