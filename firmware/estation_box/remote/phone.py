"""The box's page on somebody's phone: what it shows, and what a touch means. Pure.

It knows nobody: who holds the phone is not asked, not told to anybody and not kept.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Protocol

import msgspec
from msgspec import Meta, Struct

from estation_box.remote.offer import Film, minutes_of
from estation_box.remote.pages import MAX_COUNT, SHORT_SECONDS, Act, Deed, Known, Stage
from estation_wire.decoding import decoder

OPEN_SECONDS: Final = 600.0  # a lesson's beginning; who needs it longer presses again
TOLD_SECONDS: Final = 10.0  # how long the card says that no network reaches the box
Question = Literal["state", "films", "do"]
Touch = Literal["play", "five", "pause", "resume", "next", "stop", "later", "count"]


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """What a touch asks for. ``content``: the film to play; ``number``: how many people are there."""

    do: Touch
    content: Annotated[str, Meta(max_length=64)] = ""
    number: Annotated[int, Meta(ge=0, le=MAX_COUNT)] = 0


def decode_asked(body: bytes) -> Asked:
    """What a page has sent; raises `ValueError` for anything else."""
    try:
        return decoder(Asked).decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from None


class PhonePage(Protocol):
    """The page, which is not there until it is opened. Both are done within a second and never raise."""

    def open(self) -> str:
        """Let phones in, by a new address; it, or nothing where no network reaches the box."""
        ...

    def close(self) -> None:
        """Let nobody in any more; the address is worth nothing."""
        ...


_ACTS: Final[dict[tuple[Touch, Stage], Act]] = {
    ("pause", Stage.SESSION): Act.PAUSE,
    ("next", Stage.SESSION): Act.NEXT,
    ("stop", Stage.SESSION): Act.STOP,
    ("stop", Stage.PAUSED): Act.STOP,
    ("resume", Stage.PAUSED): Act.RESUME,
    ("later", Stage.COUNTDOWN): Act.LATER,
}


def deed(asked: Asked, stage: Stage, known: Known) -> Deed | None:
    """What the box does about a touch; None where it means nothing now: the page was a moment late."""
    held = [film for shelf in known.shelves for film in shelf.films]
    if asked.do == "count":
        return Deed(act=Act.COUNTED, number=asked.number)
    if stage is Stage.CARD and asked.do == "play":
        there = any(film.content == asked.content for film in held)
        return Deed(act=Act.PLAY, contents=(asked.content,)) if there else None
    if stage is Stage.CARD and asked.do == "five":
        contents = minutes_of(held, SHORT_SECONDS, known.turn)
        return Deed(act=Act.PLAY, contents=contents) if contents else None
    act = _ACTS.get((asked.do, stage))
    return Deed(act=act) if act is not None else None


def films(known: Known) -> dict[str, Any]:
    """Everything that can be chosen, by topic, as JSON can hold it."""
    return {
        "topics": [{"topic": shelf.topic, "films": [_film(film) for film in shelf.films]} for shelf in known.shelves]
    }


def _film(film: Film) -> dict[str, Any]:
    return {"content": film.content, "title": film.title, "seconds": round(film.seconds)}
