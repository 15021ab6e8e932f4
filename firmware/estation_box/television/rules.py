"""When the TV is switched on, taken, and given back as it was found. A table and some functions. Pure.

A `firm` site's TV is woken 20 s before a start and taken; a `polite` one is asked for nothing by a start of the box's
own. What somebody on the spot starts, and an emergency bulletin, take the TV everywhere. Playing never waits for a TV.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from estation_wire.values import Tv

WAKE_BEFORE_SECONDS: Final = 20.0  # a slow set shows a picture 15 s after it was woken
ANSWER_SECONDS: Final = 3.0  # what one word on the wire may take; then it is gone on without it
FRESH_SECONDS: Final = 150.0  # what was told longer ago is not known any more: two askings went unanswered
ASK_SECONDS: Final = 60.0
ASK_WAKING_SECONDS: Final = 2.0
AGAIN_SECONDS: Final = 10.0  # a claim that was not heard; one that cannot go out shall not be tried all the time
LINGER_SECONDS: Final = 30.0  # a keeper who starts the next film at once shall not see the TV go off in between


class Power(StrEnum):
    """What the TV says of itself."""

    ON = "on"
    COMING = "coming on"
    OFF = "off"
    GOING = "going off"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Whose picture the TV shows when it is on."""

    OURS = "ours"
    OTHER = "another's"
    UNKNOWN = "unknown"


class Known(Struct, frozen=True, kw_only=True):
    """What the TV has told, and when it last spoke of its power."""

    power: Power = Power.UNKNOWN
    power_at: float = 0.0
    source: Source = Source.UNKNOWN
    silent: bool = False

    def at(self, up: float) -> Known:
        """What of it is still known at ``up``."""
        return self if up - self.power_at <= FRESH_SECONDS else Known()

    @property
    def off(self) -> bool:
        """Known to be off, or going."""
        return self.power in {Power.OFF, Power.GOING}


class Claim(StrEnum):
    """Who wants the TV."""

    AUTOMATIC = "a start of the box's own"
    BY_HAND = "somebody on the spot"
    EMERGENCY = "an emergency bulletin"


class Order(StrEnum):
    """What may be asked of a TV."""

    WAKE = "switch on"
    TAKE = "show our picture"
    RELEASE = "our picture is over"
    STANDBY = "switch off"
    ASK = "how are you"


class Phase(StrEnum):
    """What the box does with the TV."""

    LEFT = "the TV is the room's"
    ASKING = "the TV is asked how it is"
    WAKING = "the TV was asked to come on"
    HELD = "our picture is on it"
    LINGERING = "our picture is over"


class Event(StrEnum):
    """What can happen."""

    CLAIMED = "a start is near"
    ANSWERED = "the TV said how it is, or had its time"
    CAME_ON = "the TV says that it shows our picture"
    WAITED = "the TV had its time"
    RELEASED = "nothing is shown any more"
    LINGERED = "nobody wanted more"


_NEXT: Final[Mapping[tuple[Phase, Event], Phase]] = {
    (Phase.LEFT, Event.CLAIMED): Phase.ASKING,
    (Phase.ASKING, Event.ANSWERED): Phase.WAKING,
    (Phase.ASKING, Event.RELEASED): Phase.LEFT,
    (Phase.WAKING, Event.CAME_ON): Phase.HELD,
    (Phase.WAKING, Event.WAITED): Phase.HELD,
    (Phase.WAKING, Event.RELEASED): Phase.LINGERING,
    (Phase.HELD, Event.RELEASED): Phase.LINGERING,
    (Phase.LINGERING, Event.CLAIMED): Phase.HELD,
    (Phase.LINGERING, Event.LINGERED): Phase.LEFT,
}


class Holding(Struct, frozen=True, kw_only=True):
    """What the box has done to the TV.

    ``found``: how it was before; ``asked``: whether we asked it for anything; ``touched``: somebody used its remote, or
    ours, since; ``refused``: it was woken in vain; ``taken``: when it was last asked to show our picture.
    """

    phase: Phase = Phase.LEFT
    since: float = 0.0
    found: Known = Known()
    asked: bool = False
    touched: bool = False
    refused: bool = False
    taken: float = 0.0


def follow(phase: Phase, event: Event) -> Phase | None:
    """The phase after ``event``; None where the event means nothing in this phase."""
    return _NEXT.get((phase, event))


def may_take(claim: Claim, *, firm: bool) -> bool:
    """Whether the TV may be woken and taken for this: a polite site's by nothing that begins by itself."""
    return firm or claim is not Claim.AUTOMATIC


def step(
    holding: Holding, claim: Claim | None, known: Known, up: float, *, firm: bool
) -> tuple[Holding, tuple[Order, ...]]:
    """The next state at ``up``, and what is asked of the TV; ``claim``: who wants it now, None for nobody."""
    event = _event(holding, claim, known, up)
    after = follow(holding.phase, event) if event is not None else None
    if after is None:
        return (replace(holding, taken=up), (Order.TAKE,)) if _unheard(holding, known, up) else (holding, ())
    moved = replace(holding, phase=after, since=up)
    if after is Phase.ASKING:
        return replace(moved, found=Known(), asked=False, touched=False), (Order.ASK,)
    if event is Event.ANSWERED and known.power_at >= holding.since:
        moved = replace(moved, found=known)  # what it said before may be a minute old: somebody has switched it since
    if event in {Event.ANSWERED, Event.CLAIMED} and claim is not None:
        return _claimed(moved, claim, known, firm=firm)
    if event is Event.LINGERED:
        return Holding(since=up, refused=holding.refused), _given_back(holding, known)
    if event is Event.WAITED:
        moved = replace(moved, refused=holding.asked and known.off)
    return moved, ()


def _event(holding: Holding, claim: Claim | None, known: Known, up: float) -> Event | None:
    passed = up - holding.since
    if holding.phase in {Phase.LEFT, Phase.LINGERING}:
        if claim is not None:
            return Event.CLAIMED
        return Event.LINGERED if passed >= LINGER_SECONDS or holding.touched else None
    if claim is None:
        return Event.RELEASED
    if holding.phase is Phase.ASKING:
        return Event.ANSWERED if known.power_at >= holding.since or passed >= ANSWER_SECONDS else None
    if known.power is Power.ON and known.source is Source.OURS:
        return Event.CAME_ON
    return Event.WAITED if passed >= WAKE_BEFORE_SECONDS else None


def _claimed(holding: Holding, claim: Claim, known: Known, *, firm: bool) -> tuple[Holding, tuple[Order, ...]]:
    """Wake and take it, where that may be and it does not show our picture already."""
    if not may_take(claim, firm=firm) or (known.power is Power.ON and known.source is Source.OURS):
        return holding, ()
    return replace(holding, asked=True, taken=holding.since), (Order.WAKE, Order.TAKE)


def _unheard(holding: Holding, known: Known, up: float) -> bool:
    """Whether it is on by now and has not heard our claim: a slow one says «standby» for seconds after it."""
    waits = holding.phase in {Phase.WAKING, Phase.HELD} and holding.asked and not holding.touched
    here = known.power is Power.ON and known.source is Source.UNKNOWN
    return waits and here and up - holding.taken >= AGAIN_SECONDS


def _given_back(holding: Holding, known: Known) -> tuple[Order, ...]:
    """Off where it was off, another's picture where that was shown; nothing where anybody else has had a hand in it."""
    if not holding.asked or holding.touched or known.source is Source.OTHER or known.off:
        return ()
    if holding.found.power is Power.OFF:
        return (Order.STANDBY,)
    if holding.found.power is Power.ON and holding.found.source is Source.OTHER:
        return (Order.RELEASE,)
    return ()


def touched(holding: Holding) -> Holding:
    """Somebody is there and uses a remote or the button: the TV is theirs."""
    return holding if holding.phase is Phase.LEFT else replace(holding, touched=True)


def powered(holding: Holding, known: Known, power: Power, up: float) -> tuple[Holding, Known]:
    """The TV told of its power. One that goes off and on again while we hold it was switched by somebody."""
    if holding.phase in {Phase.HELD, Phase.LINGERING} and known.off and power in {Power.ON, Power.COMING}:
        holding = touched(holding)
    if power is Power.ON:
        holding = replace(holding, refused=False)
    source = known.source if power not in {Power.OFF, Power.GOING} else Source.UNKNOWN
    return holding, replace(known, power=power, power_at=up, source=source)


def sourced(holding: Holding, known: Known, source: Source) -> tuple[Holding, Known]:
    """The TV told whose picture it shows. Taken from us while we hold it: somebody chose."""
    if holding.phase in {Phase.HELD, Phase.LINGERING} and source is Source.OTHER and known.source is Source.OURS:
        holding = touched(holding)
    return holding, replace(known, source=source)


def evidence(holding: Holding, known: Known) -> Tv:
    """Whether people see our picture. A TV that is being woken is not called off before it had its time."""
    if known.power is Power.ON and known.source is Source.OURS:
        return Tv.ON
    seen_off = known.off or (known.power is Power.ON and known.source is Source.OTHER)
    coming = holding.phase is Phase.ASKING or (holding.phase is Phase.WAKING and holding.asked)
    return Tv.OFF if seen_off and not coming else Tv.UNKNOWN


def expected(holding: Holding, known: Known, *, firm: bool) -> Tv:
    """What the TV will be when a session begins by itself: off only where it cannot or may not be switched on."""
    seen = evidence(holding, known)
    return Tv.UNKNOWN if seen is Tv.OFF and firm and not holding.refused else seen


def in_use(known: Known) -> bool:
    """Whether somebody watches another source."""
    return known.power is Power.ON and known.source is Source.OTHER


def ask_every(holding: Holding) -> float:
    """Seconds between two questions to the TV."""
    return ASK_WAKING_SECONDS if holding.phase is Phase.WAKING else ASK_SECONDS
