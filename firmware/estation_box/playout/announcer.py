"""What the box says on its own screen: the card while nothing is shown, the words over a film. Pure.

Chinese first, English below it, until the station's own language catalogues come.
"""

from __future__ import annotations

import math
from datetime import datetime, tzinfo
from typing import Final

from msgspec import Struct

from estation_box.clock.moment import Moment
from estation_box.playout import cards
from estation_box.playout.show import Show
from estation_wire.counts import Verdict, WeekResult
from estation_wire.planner import Plan
from estation_wire.values import Trust

WARNING_SECONDS: Final = 120  # the warning that stands before every automatic start
_WEEKDAYS: Final = "一二三四五六日"


class Facts(Struct, frozen=True, kw_only=True):
    """Everything that the screen may speak of now."""

    moment: Moment
    zone: tzinfo | None = None
    name: str = ""
    plan: Plan
    announced: Show | None = None
    start_at: datetime | None = None
    countdown_seconds: int = WARNING_SECONDS
    week: WeekResult | None = None
    owed_seconds: float = 0.0
    stick: tuple[str, float] | None = None
    notice: str = ""
    trouble: str = ""
    identify: bool = False


def cover(facts: Facts) -> str:
    """The full-screen card, shown whenever no session is on the screen."""
    clock = _clock(facts)
    if facts.announced is not None and facts.start_at is not None:
        left = max(math.ceil((facts.start_at - facts.moment.at).total_seconds()), 0)
        first = facts.announced.clips[0].title if facts.announced.clips else facts.announced.series
        return cards.countdown_card(
            title=first,
            series=facts.announced.series,
            seconds=left,
            of=facts.countdown_seconds,
            name=facts.name,
            clock=clock,
        )
    if not facts.name:
        return cards.station_card(
            headline="请插入 U 盘",
            detail="Put in the provisioning stick",
            lines=("这台科普e站还没有名字", "This box has no name yet"),
            clock=clock,
        )
    headline, detail = _next(facts)
    return cards.station_card(name=facts.name, headline=headline, detail=detail, lines=_lines(facts), clock=clock)


def banner(facts: Facts) -> str:
    """Words over whatever is on the screen; empty where there is nothing to say."""
    if facts.trouble:
        return cards.banner(facts.trouble, tone="fault")
    if facts.identify:
        return cards.banner(f"{facts.name or '科普e站'} · 这就是这台机器 · this is the box that you asked for")
    if facts.stick is not None:
        words, fraction = facts.stick
        return cards.progress(words, fraction)
    return cards.banner(facts.notice)


def _next(facts: Facts) -> tuple[str, str]:
    slot = facts.plan.slot
    if facts.moment.trust is Trust.GUESS:
        return "正在等待准确时间", "Waiting for the right time: the clock is a guess"
    if slot is None:
        return "近期没有安排节目", "Nothing is planned"
    start = slot.start.astimezone(facts.zone)
    if start.date() == facts.moment.at.astimezone(facts.zone).date():
        return f"下一场：今天 {start:%H:%M}", f"Next session: today {start:%H:%M} {_zone(start)}"
    day = f"{start.month}月{start.day}日 星期{_WEEKDAYS[start.weekday()]}"
    return (
        f"下一场：{day} {start:%H:%M}",
        f"Next session: {start:%A} {start.day} {start:%B} {start:%H:%M} {_zone(start)}",
    )


def _lines(facts: Facts) -> tuple[str, ...]:
    week = facts.week
    if week is None:
        return ()
    seconds, owed = int(week.best_seconds), math.ceil(facts.owed_seconds)  # never rounded up
    if week.verdict is Verdict.MET:
        return (f"本周已完成 ✓ {_length(seconds)}", f"This week: done, {seconds} s of {owed} s")
    return (f"本周还差 {_length(max(owed - seconds, 0))}", f"This week: {seconds} s of {owed} s")


def _length(seconds: int) -> str:
    return f"{seconds} 秒" if seconds < 120 else f"{seconds // 60} 分钟"


def _clock(facts: Facts) -> str:
    """The time of day with its zone: two zones stand side by side in Xinjiang, so it is always shown."""
    if facts.moment.trust is Trust.GUESS:
        return ""
    local = facts.moment.at.astimezone(facts.zone)
    return f"{local:%H:%M} {_zone(local)}"


def _zone(local: datetime) -> str:
    offset = local.utcoffset()
    hours = offset.total_seconds() / 3600 if offset is not None else 0.0
    return f"UTC{hours:+g}"
