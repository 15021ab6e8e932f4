"""What the menu has to offer: the films that are held, by topic. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from estation_box.words import say
from estation_wire.audience import Topic
from estation_wire.library import Item, words

MAX_FILMS: Final = 200  # of one topic; who wants the others asks for the programme
TOPIC_WORDS: Final = {
    Topic.HEALTH: say("Health"),
    Topic.EPIDEMIC_PREVENTION: say("Epidemics"),
    Topic.FOOD_SAFETY: say("Food safety"),
    Topic.EMERGENCY: say("Emergencies"),
    Topic.LOW_CARBON: say("Low carbon"),
    Topic.MENTAL: say("Well-being"),
    Topic.ENVIRONMENT: say("Environment"),
    Topic.RURAL: say("Farming"),
    Topic.SUPERSTITION: say("No superstition"),
    Topic.GENERAL: say("Science"),
}
"""Each topic's name in both languages, short enough for a tile; its picture says it to whoever reads neither."""


class Film(Struct, frozen=True, kw_only=True):
    """One film as the menu shows it. ``languages``: those spoken in it; ``signed``: its picture speaks signs."""

    content: str
    title: str
    series: str
    seconds: float
    languages: tuple[str, ...] = ()
    signed: bool = False
    picture: str = ""
    """The content id of its small picture, where it has one."""


class Shelf(Struct, frozen=True, kw_only=True):
    """The films of one topic, in the catalogue's order."""

    topic: Topic
    films: tuple[Film, ...]


def offered(
    items: Iterable[Item],
    languages: tuple[str, ...],
    signed: frozenset[str] = frozenset(),
    pictures: frozenset[str] = frozenset(),
) -> tuple[Shelf, ...]:
    """The topics of which something is held, in the order of the closed list; titles in the station's languages.

    ``signed``: other versions in sign language; a film that has one is offered as signed itself. ``pictures``: those
    on the card; a film whose picture is not there has its topic's sign.
    """
    films: dict[Topic, list[Film]] = {}
    for item in items:
        shelf = films.setdefault(item.topic, [])
        if len(shelf) < MAX_FILMS:
            spoken = tuple(dict.fromkeys(track.language for track in item.tracks if track.kind == "audio"))
            shelf.append(
                Film(
                    content=item.id,
                    title=words(item.titles, languages),
                    series=item.series or "",
                    seconds=item.seconds,
                    languages=spoken,
                    signed=item.signed is not None or not signed.isdisjoint(item.versions),
                    picture=item.poster.id if item.poster is not None and item.poster.id in pictures else "",
                )
            )
    return tuple(Shelf(topic=topic, films=tuple(films[topic])) for topic in Topic if topic in films)


def minutes_of(films: Iterable[Film], seconds: float, turn: int) -> tuple[str, ...]:
    """Films that last for about ``seconds``, beginning another day with another one."""
    every = list(films)
    chosen: list[str] = []
    for film in every[turn % len(every) :] + every[: turn % len(every)] if every else []:
        if seconds <= 0:
            break
        chosen.append(film.content)
        seconds -= film.seconds
    return tuple(chosen)
