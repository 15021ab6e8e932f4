"""What the box says on its own screen: the card while nothing is shown, the words over a film. Pure.

Chinese first, English below it, both from the catalogues of `words`.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from estation_box.clock.moment import Moment
from estation_box.playout import bulletin_cards, cards, drawing, naming_cards, phone_card
from estation_box.playout.show import Show
from estation_box.playout.ticker import Page
from estation_box.provisioning.choosing import View
from estation_box.provisioning.stops import StopView
from estation_box.words import Said, both, say
from estation_wire.counts import Verdict, WeekResult
from estation_wire.values import Trust

SHIFT_SECONDS: Final = 600  # a picture that stands for an hour is what burns in; this is well below
WARNING_SECONDS: Final = 120  # the warning that stands before every automatic start
LATER_HINT: Final = both("press: an hour later")
PUT_OFF: Final = both("put off by an hour; press again for tomorrow")
_WEEKDAYS: Final = (
    say("Monday"), say("Tuesday"), say("Wednesday"), say("Thursday"), say("Friday"), say("Saturday"), say("Sunday"),
)  # fmt: skip
_MONTHS: Final = (
    say("January"), say("February"), say("March"), say("April"), say("May"), say("June"), say("July"), say("August"),
    say("September"), say("October"), say("November"), say("December"),
)  # fmt: skip


class StickLine(NamedTuple):
    """A stick that is being read: what is done, how long it takes, the share (0 to 1), whether it may be pulled."""

    words: str
    detail: str
    fraction: float
    ready: bool


class Facts(Struct, frozen=True, kw_only=True):
    """Everything that the screen may speak of now."""

    moment: Moment
    zone: tzinfo | None = None
    name: str = ""
    stranger: str = ""
    naming: View | None = None
    stop: StopView | None = None
    stopped: str = ""
    next_at: datetime | None = None
    offer: bool = False
    closed: str = ""
    announced: Show | None = None
    start_at: datetime | None = None
    countdown_seconds: int = WARNING_SECONDS
    week: WeekResult | None = None
    owed_seconds: float = 0.0
    put_off: bool = False
    offered: datetime | None = None
    bulletin: tuple[str, str] = ("", "")
    bulletin_card: bool = False
    bulletin_dated: str = ""
    bulletin_link: str = ""
    page: Page | None = None
    page_link: str = ""
    stick: StickLine | None = None
    notice: str = ""
    trouble: str = ""
    identify: bool = False
    silent: bool = False
    phone: str | None = None
    rested: bool = False


def seen(facts: Facts) -> Facts:
    """The facts as far as they can be seen: two that are equal here look the same. Time goes by minutes, or seconds."""
    at = facts.moment.at.replace(second=0, microsecond=0)
    if facts.announced is not None and facts.start_at is not None:
        at = facts.start_at - timedelta(seconds=_left(facts, facts.start_at))
    offered = facts.offered.replace(second=0, microsecond=0) if facts.offered else None
    return replace(facts, moment=facts.moment._replace(at=at, up=0.0), offered=offered)


def _left(facts: Facts, start_at: datetime) -> int:
    """Whole seconds until the start; a second that has begun is still there."""
    return max(math.ceil((start_at - facts.moment.at).total_seconds()), 0)


def cover(facts: Facts) -> str:
    """The full-screen card, shown whenever no session is on the screen; it wanders, so that nothing burns in."""
    if facts.rested:
        return cards.dark()
    return drawing.shifted(_card(facts), int(facts.moment.at.timestamp() // SHIFT_SECONDS))


def _card(facts: Facts) -> str:
    if facts.bulletin_card:
        title, text = facts.bulletin
        dated, link = facts.bulletin_dated, facts.bulletin_link
        return bulletin_cards.full(title=title, text=text, dated=dated, link=link, name=facts.name, clock=_clock(facts))
    clock = _clock(facts)
    if facts.announced is not None and facts.start_at is not None:
        left = _left(facts, facts.start_at)
        first = facts.announced.clips[0].title if facts.announced.clips else facts.announced.series
        return cards.countdown_card(
            title=first,
            series=facts.announced.series,
            seconds=left,
            of=facts.countdown_seconds,
            name=facts.name,
            clock=clock,
            hint=LATER_HINT,
            foot=_foot(facts),
        )
    if facts.naming is not None and (facts.naming.says_more or not facts.stranger):
        return naming_cards.card(facts.naming, clock)
    return _quiet(facts, clock) if facts.name else _nameless(facts, clock)


def _nameless(facts: Facts, clock: str) -> str:
    """The card of a box that is no station, or another's card."""
    if facts.stranger:
        ask, lines = say("Put in a provisioning stick"), say("This card was made for another box", name=facts.stranger)
    else:
        ask, lines = say("Put in the provisioning stick"), say("This box has no name yet")
    return cards.station_card(headline=ask.zh, detail=ask.en, lines=lines, clock=clock, foot=_foot(facts))


def _quiet(facts: Facts, clock: str) -> str:
    """The card of a station that has its name and shows nothing."""
    if facts.stop is not None:
        return naming_cards.stop_card(facts.stop, facts.name, clock)
    if facts.phone is not None:
        return phone_card.card(facts.phone, name=facts.name, clock=clock)
    headline, detail = _next(facts)
    share = facts.week.best_seconds / facts.owed_seconds if facts.week and facts.owed_seconds else None
    if facts.week is not None and facts.week.verdict is Verdict.MET:
        share = 1.0
    lines, shown = _lines(facts), None if facts.closed else share
    return cards.station_card(
        name=facts.name, headline=headline, detail=detail, lines=lines, clock=clock, share=shown, foot=_foot(facts)
    )


def _foot(facts: Facts) -> int:
    """Where the card's words end: above the banner, where one stands."""
    return cards.ABOVE_BANNER if banner(facts) else cards.BOTTOM


def banner(facts: Facts) -> str:
    """Words over whatever is on the screen; empty where there is nothing to say."""
    title = facts.bulletin[0] if not facts.bulletin_card else ""
    if facts.trouble or title:
        return cards.banner(facts.trouble or title, tone="fault")
    if facts.page is not None and not facts.bulletin_card:
        return bulletin_cards.lower_third(*facts.page[:4], urgent=facts.page.urgent, link=facts.page_link)
    if facts.identify:
        return cards.banner(f"{facts.name or drawing.BRAND} · {both('this is the box that you asked for')}")
    if facts.stick is not None:
        stick = facts.stick
        return cards.progress(stick.words, stick.fraction, detail=stick.detail, ready=stick.ready)
    return cards.banner(_notice(facts))


def quiet(facts: Facts) -> bool:
    """Whether the card has nothing to say but what it says all day."""
    asked = facts.naming is not None or facts.stop is not None or facts.announced is not None or facts.offer
    asked = asked or facts.phone is not None
    return bool(facts.name) and not (asked or facts.bulletin_card or facts.stranger or banner(facts))


def _notice(facts: Facts) -> str:
    if facts.silent:
        return both("the TV is silent: turn it up")
    if facts.put_off:
        return PUT_OFF
    if facts.offered is not None:
        local = facts.offered.astimezone(facts.zone)
        return both("the stick's time; press if it is right", time=f"{local:%Y-%m-%d %H:%M} {_zone(local)}")
    return facts.notice


def _next(facts: Facts) -> tuple[str, str]:
    if facts.closed:
        return say("Closed this week")
    if facts.offer:
        return say("Press the button: it plays")
    if facts.moment.trust is Trust.GUESS:
        return _by_days(facts)
    if facts.next_at is None:
        return say("Nothing is planned")
    start = facts.next_at.astimezone(facts.zone)
    time = f"{start:%H:%M}"
    if start.date() == facts.moment.at.astimezone(facts.zone).date():
        return say("Next session: today {time} {zone}", time=time, zone=_zone(start))
    day = {"weekday": _WEEKDAYS[start.weekday()], "day": start.day, "month": _MONTHS[start.month - 1]}
    return say("Next session: {weekday} {day} {month} {time} {zone}", **day, time=time, zone=_zone(start))


def _by_days(facts: Facts) -> tuple[str, str]:
    """What comes next while the time is not known: in minutes, since no hour can be named."""
    if facts.next_at is None:
        return say("The time is not known yet")
    minutes = max(math.ceil((facts.next_at - facts.moment.at).total_seconds() / 60), 1)
    return say("The time is not known: it plays in {minutes} min", minutes=minutes)


def _lines(facts: Facts) -> tuple[str, ...]:
    here = both("hold the button to change it", place=facts.stopped) if facts.stopped else ""
    return (*_week_lines(facts), *((here,) if here else ()))


def _week_lines(facts: Facts) -> tuple[str, ...]:
    week = facts.week
    if week is None:
        return ()
    if facts.closed:
        return (facts.closed,)
    seconds, owed = int(week.best_seconds), math.ceil(facts.owed_seconds)  # never rounded up
    if week.verdict is Verdict.MET:
        return say("This week: done, {seconds} s of {owed} s", seconds=seconds, owed=owed, length=_length(seconds))
    left = _length(max(owed - seconds, 0))
    return say("This week: {seconds} s of {owed} s", seconds=seconds, owed=owed, left=left)


def _length(seconds: int) -> Said:
    return say("{count} s", count=seconds) if seconds < 120 else say("{count} min", count=seconds // 60)


def _clock(facts: Facts) -> str:
    """The time of day with its zone: two zones stand side by side in Xinjiang, so it is always shown.

    A guessed time is shown as such, with its day: whoever stands before it can see that it is wrong.
    """
    local = facts.moment.at.astimezone(facts.zone)
    if facts.moment.trust is Trust.GUESS:
        return f"? {local:%Y-%m-%d %H:%M} {_zone(local)}"
    return f"{local:%H:%M} {_zone(local)}"


def dated(issued: datetime, not_after: datetime | None, zone: tzinfo | None) -> str:
    """When a bulletin was issued, and until when it holds, with the zone."""
    local = issued.astimezone(zone)
    until = f" – {not_after.astimezone(zone):%m-%d %H:%M}" if not_after is not None else ""
    return f"{local:%m-%d %H:%M}{until} {_zone(local)}"


def _zone(local: datetime) -> str:
    offset = local.utcoffset()
    hours = offset.total_seconds() / 3600 if offset is not None else 0.0
    return f"UTC{hours:+g}"
