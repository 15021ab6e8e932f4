"""The trial of a carrier board, step by step: what can be measured is measured, for the rest a person is asked.

A step is tried however the one before it went, so that one broken wire does not hide another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from typing import Final, NamedTuple, Protocol

from estation_box.guarding import trial_said as said
from estation_box.words import Said
from estation_wire.infrared import NEC
from estation_wire.infrared_seen import order, understood
from estation_wire.supervisor_words import PHASES

PRESS_WITHIN_SECONDS: Final = 10.0  # time to put the screwdriver down and find the button
ANSWER_WITHIN_SECONDS: Final = 5.0  # it answers a HELLO at once, and tells its state every 2 s
SPARED_SECONDS: Final = 900  # core is stopped and beats no more: so long the supervisor shall not cut
ECHO_WITHIN_SECONDS: Final = 3.0  # a code takes 0.1 s
ECHO_CODE: Final = 0xA55A_1234  # NEC, but its end is no command with its complement: nothing obeys it
LOWEST_MILLIVOLTS: Final = 4750  # what the Pi must get, as in `hw/power.toml`
BUILT_AFTER: Final = 2026  # a clock that says an earlier year was never set


class BoardError(Exception):
    """A part of the board cannot be used; the text says which and why."""


class NoChipError(BoardError):
    """The clock chip is not on its bus."""


class Supervisor(NamedTuple):
    """What the supervisor said. ``heard``: bytes; the rest is None where the frame that tells it did not come.

    ``version`` of its program, ``starts`` since it was built, ``phase`` as in `supervisor_words`, millivolts.
    """

    heard: int
    version: int | None = None
    starts: int | None = None
    phase: int | None = None
    supply: int | None = None
    at_pi: int | None = None


class Board(Protocol):
    """The carrier board, or a box without one. Each method raises `BoardError` where its line cannot be used."""

    def fitted(self) -> bool:
        """Whether the kernel was told of a carrier board (its overlay is loaded)."""
        ...

    def clock(self) -> datetime | None:
        """What the clock chip says, in UTC; None where it stood still or was never set. Raises `NoChipError`."""
        ...

    def supervisor(self, within_seconds: float, spared_seconds: int) -> Supervisor:
        """Greet the supervisor and ask it not to cut for so long; what it answers. Returns as soon as all is there."""
        ...

    def pressed(self, within_seconds: float) -> bool:
        """Whether somebody presses the button in that time; returns at once when it happens."""
        ...

    def light(self, *, on: bool) -> None:
        """The status light."""
        ...

    def relay(self, *, on: bool) -> None:
        """The relay of the TV's mains."""
        ...

    def echo(self, order: bytes, within_seconds: float) -> tuple[int, ...] | None:
        """Have a code sent (the payload of IR_SEND): the pulses that the receiver saw, none where it saw nothing.

        None where no supervisor says that it sent anything.
        """
        ...


class Person(Protocol):
    """Whoever stands before the board."""

    def hint(self, text: Said) -> None:
        """Tell what to do now."""
        ...

    def confirms(self, question: Said) -> bool:
        """Ask, and wait for yes or no; no where nobody can answer."""
        ...


class Outcome(Enum):
    """How a step went."""

    WELL = "ok"
    WRONG = "FAULT"
    NOT_TRIED = "--"


class Finding(NamedTuple):
    """What one step found."""

    outcome: Outcome
    text: Said


def _clock(board: Board, _: Person) -> Finding:
    try:
        instant = board.clock()
    except NoChipError:
        return Finding(Outcome.WRONG, said.NO_CLOCK)
    if instant is None or instant.year < BUILT_AFTER:
        return Finding(Outcome.WRONG, said.CLOCK_UNSET)
    return Finding(Outcome.WELL, said.CLOCK.about(instant=f"{instant:%Y-%m-%d %H:%M:%S}"))


def _supervisor(board: Board, _: Person) -> Finding:
    told = board.supervisor(ANSWER_WITHIN_SECONDS, SPARED_SECONDS)
    if not told.heard:
        return Finding(Outcome.NOT_TRIED, said.SILENT)
    if told.version is None or told.phase is None or told.supply is None or told.at_pi is None:
        return Finding(Outcome.WRONG, said.GARBLED.about(count=str(told.heard)))
    facts = {
        "version": str(told.version), "starts": str(told.starts), "phase": PHASES[told.phase % len(PHASES)],
        "supply": f"{told.supply / 1000:.2f}", "at_pi": f"{told.at_pi / 1000:.2f}",
    }  # fmt: skip
    if min(told.supply, told.at_pi) < LOWEST_MILLIVOLTS:
        return Finding(Outcome.WRONG, said.LOW.about(**facts))
    return Finding(Outcome.WELL, said.HELLO.about(**facts))


def _button(board: Board, person: Person) -> Finding:
    person.hint(said.PRESS_NOW)
    pressed = board.pressed(PRESS_WITHIN_SECONDS)
    return Finding(Outcome.WELL, said.PRESSED) if pressed else Finding(Outcome.WRONG, said.NOT_PRESSED)


def _light(board: Board, person: Person) -> Finding:
    board.light(on=True)
    try:
        shines = person.confirms(said.LIGHT_ON)
    finally:
        board.light(on=False)
    dark = shines and person.confirms(said.LIGHT_OFF)
    return Finding(Outcome.WELL, said.LIGHT) if shines and dark else Finding(Outcome.WRONG, said.NO_LIGHT)


def _relay(board: Board, person: Person) -> Finding:
    if not person.confirms(said.RELAY_MAY):
        return Finding(Outcome.NOT_TRIED, said.RELAY_LEFT)
    board.relay(on=True)
    try:
        clicked = person.confirms(said.RELAY_ON)
    finally:
        board.relay(on=False)
    fell = clicked and person.confirms(said.RELAY_OFF)
    return Finding(Outcome.WELL, said.RELAY) if clicked and fell else Finding(Outcome.WRONG, said.NO_RELAY)


def _infrared(board: Board, _: Person) -> Finding:
    seen = board.echo(order(NEC, ECHO_CODE), ECHO_WITHIN_SECONDS)
    if seen is None:
        return Finding(Outcome.NOT_TRIED, said.INFRARED_LEFT)
    if not seen:
        return Finding(Outcome.WRONG, said.NO_INFRARED)
    if understood(list(seen)) != (NEC, ECHO_CODE):
        return Finding(Outcome.WRONG, said.OTHER_INFRARED.about(count=str(len(seen))))
    return Finding(Outcome.WELL, said.INFRARED)


STEPS: Final[tuple[Callable[[Board, Person], Finding], ...]] = (_clock, _supervisor, _button, _light, _relay, _infrared)


def trial(board: Board, person: Person) -> Iterator[Finding]:
    """Each step's finding as soon as it is there; one sentence where no board is fitted."""
    if not board.fitted():
        yield Finding(Outcome.NOT_TRIED, said.NO_BOARD)
        return
    for step in STEPS:
        try:
            yield step(board, person)
        except BoardError as error:
            why = str(error)  # whole: it names the line and what holds it
            yield Finding(Outcome.WRONG, Said(said.CANNOT.zh.format(why=why), said.CANNOT.en.format(why=why)))
