"""Small shows and moments for playout's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from estation_box.clock.moment import Moment
from estation_box.playout.player_words import EntryState, Phase, State
from estation_box.playout.show import Clip, Show
from estation_wire.values import Origin, Trust

START = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
SESSION = "5" * 32


def moment(seconds: float = 0.0, *, boot: str = "b" * 32, trust: Trust = Trust.NETWORK) -> Moment:
    return Moment(at=START + timedelta(seconds=seconds), up=100.0 + seconds, boot=boot, trust=trust)


def clip(name: str = "a", **changes: object) -> Clip:
    fields = {
        "content": name * 64,
        "path": f"/cache/{name}",
        "kind": "video",
        "title": f"film {name}",
        "has": 10.0,
        "counting": True,
    }
    return Clip(**{**fields, **changes})


def show(*clips: Clip, **changes: object) -> Show:
    fields = {"session": SESSION, "origin": Origin.PLANNED, "clips": clips or (clip("a"), clip("b"), clip("c"))}
    return Show(**{**fields, **changes})


def state(*entries: EntryState, player: str = "p1", phase: Phase = Phase.PLAYING, **changes: object) -> State:
    fields = {"player": player, "phase": phase, "at": 0.0, "session": SESSION, "entries": entries}
    return State(**{**fields, **changes})
