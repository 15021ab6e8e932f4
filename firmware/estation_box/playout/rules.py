"""How a session runs, as a table: from its countdown to the signal's rest. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from estation_box.playout.player_words import State

PREPARE_BEFORE: Final = timedelta(seconds=5)  # a preload takes 0.2 s, 2 s from a card that stalls
CHECKPOINT_SECONDS: Final = 30.0  # what a power cut may cost; more often would wear the card
STALLED_SECONDS: Final = 4.0  # SD cards stall for 1-3 s under writes; noticed after 1 s, acted on after 4 s
ANSWER_WITHIN: Final = 5.0  # seconds after which a request counts as never answered
REPAIRS: Final = ("the same clip again", "the next clip", "another player")  # each once, until the picture is well
WELL_AFTER_SECONDS: Final = 60.0  # of a picture that moves: then the next trouble is another one


class Phase(StrEnum):
    """What playout is at."""

    RESTING = "resting"
    COUNTDOWN = "countdown"
    PREPARED = "prepared"
    PLAYING = "playing"
    REPAIRING = "repairing"


class Event(StrEnum):
    """What can happen to a session."""

    ANNOUNCED = "a start is near"
    PREPARE = "the start is a few seconds off"
    DUE = "the start is now"
    PLAYER_GONE = "the player is gone"
    PLAYER_BACK = "a player is there"
    LIST_ENDED = "the list is over"
    STOPPED = "the session is stopped"
    WITHDRAWN = "the planned start is no more"


_NEXT: Final[Mapping[tuple[Phase, Event], Phase]] = {
    (Phase.RESTING, Event.ANNOUNCED): Phase.COUNTDOWN,
    (Phase.RESTING, Event.DUE): Phase.PLAYING,
    (Phase.COUNTDOWN, Event.PREPARE): Phase.PREPARED,
    (Phase.COUNTDOWN, Event.DUE): Phase.PLAYING,
    (Phase.COUNTDOWN, Event.WITHDRAWN): Phase.RESTING,
    (Phase.PREPARED, Event.DUE): Phase.PLAYING,
    (Phase.PREPARED, Event.PLAYER_GONE): Phase.COUNTDOWN,
    (Phase.PREPARED, Event.WITHDRAWN): Phase.RESTING,
    (Phase.PLAYING, Event.PLAYER_GONE): Phase.REPAIRING,
    (Phase.PLAYING, Event.LIST_ENDED): Phase.RESTING,
    (Phase.PLAYING, Event.STOPPED): Phase.RESTING,
    (Phase.REPAIRING, Event.PLAYER_BACK): Phase.PLAYING,
    (Phase.REPAIRING, Event.LIST_ENDED): Phase.RESTING,
    (Phase.REPAIRING, Event.STOPPED): Phase.RESTING,
}


def follow(phase: Phase, event: Event) -> Phase | None:
    """The phase after ``event``; None where the event means nothing in this phase."""
    return _NEXT.get((phase, event))


def moves(state: State) -> bool:
    """Whether the clip of ``state`` has moved since it was loaded, and still does; a fresh one has not moved yet."""
    return state.still_for == 0.0 and any(entry.shown > 0 for entry in state.entries if entry.id == state.current)
