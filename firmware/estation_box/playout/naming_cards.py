"""The cards of a box that has no name yet, or has just got one. Pure."""

from __future__ import annotations

from typing import Final

from estation_box.playout import cards
from estation_box.provisioning.choosing import Candidate, Scene, View
from estation_box.provisioning.stops import StopView
from estation_box.words import both, say

MAX_DONE: Final = 2  # of those that other boxes took, the last; the rest is a number
TRY_AGAIN: Final = both("try another stick, or have the office make it again")


def card(view: View, clock: str) -> str:
    """The full-screen card for what is asked or told."""
    if view.scene is Scene.REFUSED:
        return cards.fault(title=view.refused[0], words=f"{view.refused[1]}. {TRY_AGAIN}", clock=clock)
    if view.scene is Scene.NAMED and view.named is not None:
        code, named = view.named.code, say("it has its name")
        words = f"{both('check code')}: {code[:3]} {code[3:]}" if code else ""
        return cards.done(
            title=view.named.name, words=(f"{named.zh} ✓ · {named.en}", words, view.named.station), clock=clock
        )
    if view.candidate is not None:
        return _choice(view, view.candidate, clock)
    pressed = view.scene is Scene.WORKS
    return cards.welcome(pressed=pressed, words=_WORKS if pressed else _WELCOME, clock=clock)


def stop_card(view: StopView, name: str, clock: str) -> str:
    """The card that asks a mobile station's people where they are."""
    return cards.station_card(
        name=name,
        headline=view.stop.name,
        detail=" ".join(say("Is this today's village?")),
        lines=(
            both("hold: yes, this one"),
            both("press: the next one"),
            f"{view.number} / {view.count}",
        ),
        clock=clock,
    )


_WELCOME: Final = (*say("Welcome: press the button"), both("then put the stick in"))
_WORKS: Final = (f"{say('The button works').zh} ✓", say("The button works").en, both("now put the stick in"))


def _choice(view: View, candidate: Candidate, clock: str) -> str:
    if view.scene is Scene.READING:
        lines: tuple[str, ...] = (both("one moment"),)
    else:
        done = tuple(f"✓ {each.done} {each.name}" for each in view.done[:MAX_DONE])
        left = len(view.done) - len(done)
        lines = (
            both("hold: yes, this one"),
            both("press: the next one"),
            *done[: 1 if left > 0 else MAX_DONE],
            *((f"✓ {both('{count} more done', count=len(view.done) - 1)}",) if left > 0 else ()),
        )
    detail = f"{view.number} / {view.count} · {candidate.station}"
    return cards.station_card(headline=candidate.name, detail=detail, lines=lines, clock=clock)
