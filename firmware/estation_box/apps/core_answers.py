"""What core answers to the `estation` command: how it is, why, and what a hand would do."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from estation_box.apps.core_parts import Rooms
from estation_box.clock.moment import Moment
from estation_box.guarding.light import Shine
from estation_box.library.sync_words import Ask
from estation_box.programme.courtesy import Press
from estation_box.remote.keys import Key
from estation_wire.messages import Health
from estation_wire.planner import SENTENCES

MAX_REASONS: Final = 100  # slots that `estation why` tells: a line of the socket has 64 kB


class Head(Protocol):
    """Core, as far as it is asked."""

    def health(self, moment: Moment) -> Health:
        """How the box is."""
        ...

    @property
    def light(self) -> Shine | None:
        """What the status light says."""
        ...

    def press(self, press: Press, moment: Moment) -> StrEnum | None:
        """Somebody pressed the button."""
        ...

    def key(self, key: Key, moment: Moment) -> StrEnum | None:
        """Somebody pressed a key of a remote."""
        ...

    def set_clock(self, instant: datetime, moment: Moment) -> str:
        """Set the clock by hand; why not, where that cannot be."""
        ...


def answer(head: Head, rooms: Rooms, ask: Ask, moment: Moment) -> dict[str, Any]:
    """The answer to one question, as JSON can hold it."""
    phase = rooms.playout.phase
    if ask.question == "why":
        return {"phase": phase, **reasons(rooms, moment)}
    if ask.question == "press":
        act = head.press(Press(ask.word), moment) if ask.word in set(Press) else None
        return {"done": act or "nothing: such a press means nothing now"}
    if ask.question == "key":
        act = head.key(Key(ask.word), moment) if ask.word in set(Key) else None
        return {"done": act or "nothing, or the menu moved"}
    if ask.question == "set-clock":
        return {"refused": _set_clock(head, ask.word, moment)}
    return {"phase": phase, "light": head.light, "health": head.health(moment)}


def reasons(rooms: Rooms, moment: Moment) -> dict[str, Any]:
    """What comes next and every slot of the coming fortnight, each with its reason in both languages."""
    plan = rooms.starts.plan(moment)
    start = plan.start
    slots = [
        {
            "start": each.slot.start,
            "rule": each.slot.rule,
            "why": each.why,
            "detail": each.detail,
            "zh": SENTENCES[each.why][0],
            "en": SENTENCES[each.why][1],
        }
        for each in rooms.programme.judged(moment)[:MAX_REASONS]
    ]
    return {
        "why": plan.why._asdict(),
        "next": {"at": start.at, "origin": start.origin, "rule": start.rule} if start else None,
        "owed": plan.owed,
        "week": rooms.programme.result(moment),
        "clock": {"at": moment.at, "trust": moment.trust},
        "slots": slots,
    }


def _set_clock(head: Head, word: str, moment: Moment) -> str:
    try:
        instant = datetime.fromisoformat(word)
    except ValueError:
        return f"{word!r} is no instant with its zone, such as 2026-11-25T10:30:00+08:00"
    return head.set_clock(instant, moment)
