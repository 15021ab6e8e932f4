"""What a simulated year shows, as one page with pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from tests.simulation.drawing import FAINT, GRID, Picture
from tests.simulation.oracle import Cause
from tests.simulation.years import MADE_UP, MET, NOT_DUE, BoxYear

OURS, CRON = "#1f7a5c", "#c9822b"
COLOURS: Final = {
    MET: "#cfe8dc", MADE_UP: "#1f7a5c", NOT_DUE: "#eceff1", Cause.DARK: "#37414b", Cause.GUESS: "#8e6bbf",
    Cause.TV_OFF: "#3b7dd8", Cause.FILMS: "#e0b93b", Cause.PUT_OFF: "#e07b39", Cause.CLOSED_HOURS: "#b8a99a",
    Cause.TOO_OFTEN: "#d65f9e", Cause.IN_USE: "#5fb3b3", Cause.BROKEN: "#e00000",
}  # fmt: skip
CHINESE: Final = {
    MET: "按时达标", MADE_UP: "补播达标", NOT_DUE: "本周不计", Cause.DARK: "停电", Cause.GUESS: "时钟不准",
    Cause.TV_OFF: "电视关", Cause.FILMS: "缺片", Cause.PUT_OFF: "被推迟", Cause.CLOSED_HOURS: "已过开放时间",
    Cause.TOO_OFTEN: "补播次数用尽", Cause.IN_USE: "自办占用", Cause.BROKEN: "违背承诺",
}  # fmt: skip
DAYS: Final = ("Mon 一", "Tue 二", "Wed 三", "Thu 四", "Fri 五", "Sat 六", "Sun 日")
GOOD: Final = (MET, MADE_UP)
LEFT, WIDTH = 56, 900


class Sums(Struct, frozen=True):
    """The figures of a population, for bench, page and test alike."""

    box_weeks: int
    due: int
    met: int
    made_up: int
    broken: int
    missed: dict[str, int]
    cron: int
    faults: tuple[str, ...]
    starts: int
    spans: int
    kept: int
    dark: float
    unknowing: int
    out_of_hours: int

    @property
    def promise(self) -> float:
        """Percent of the weeks met among those in which the promise's condition held."""
        return 100.0 * self.met / max(self.met + self.broken, 1)

    @property
    def after_a_miss(self) -> float:
        """The same, of the weeks alone whose planned session had been missed."""
        return 100.0 * self.made_up / max(self.made_up + self.broken, 1)

    @property
    def days(self) -> float:
        """Percent of the spans of seven power-on days that held a session, of boxes that do not know the time."""
        return 100.0 * self.kept / self.spans if self.spans else 100.0


def sums(years: Sequence[BoxYear]) -> Sums:
    became = Counter(week for year in years for week in year.weeks)
    missed = {cause.value: became[cause] for cause in Cause if became[cause]}
    total = sum(became.values())
    return Sums(
        box_weeks=total,
        due=total - became[NOT_DUE],
        met=became[MET] + became[MADE_UP],
        made_up=became[MADE_UP],
        broken=became[Cause.BROKEN],
        missed=missed,
        cron=sum(sum(year.cron) for year in years),
        faults=tuple(fault for year in years for fault in year.faults),
        starts=sum(year.starts for year in years),
        spans=sum(year.spans for year in years),
        kept=sum(year.kept for year in years),
        dark=sum(year.dark for year in years) / max(len(years), 1),
        unknowing=sum(year.unknowing for year in years),
        out_of_hours=sum(year.out_of_hours for year in years),
    )


def by_week(years: Sequence[BoxYear]) -> Picture:
    """The share of weeks met through the year, ours and the cron entry's."""
    picture = Picture(WIDTH, 290)
    picture.title("Weekly minimum met, by week of the year", "每周最低播放达标率")
    picture.legend(
        LEFT, 50, [(OURS, "E-Station: missed sessions are made up"), (CRON, "a weekly cron entry, same weather")]
    )
    weeks = len(years[0].weeks)
    top, height, wide = 66, 180, WIDTH - LEFT - 70
    for percent in range(0, 101, 25):
        y = top + height - height * percent / 100
        picture.line(LEFT, y, LEFT + wide, y)
        picture.text(LEFT - 6, y + 4, f"{percent} %", size=11, anchor="end", fill=FAINT)
    for colour, share in ((OURS, _ours), (CRON, _cron)):
        points = []
        for week in range(weeks):
            due = [year for year in years if year.weeks[week] != NOT_DUE]
            x = LEFT + wide * (week + 0.5) / weeks
            if due and len(due) > len(years) / 20:
                points.append((x, top + height * (1 - sum(share(year, week) for year in due) / len(due))))
            elif points:
                picture.curve(points, colour)
                points = []
            else:
                continue
        if points:
            picture.curve(points, colour)
        total = [(year, week) for year in years for week in range(weeks) if year.weeks[week] != NOT_DUE]
        mean = sum(share(year, week) for year, week in total) / max(len(total), 1)
        y = top + height * (1 - mean) + 4
        picture.text(LEFT + wide + 8, y, f"{100 * mean:.1f} %", size=14, bold=True, fill=colour)
    _weeks_axis(picture, weeks, top + height, wide)
    return picture


def _ours(year: BoxYear, week: int) -> bool:
    return year.weeks[week] in GOOD


def _cron(year: BoxYear, week: int) -> bool:
    return year.cron[week]


def _weeks_axis(picture: Picture, weeks: int, y: float, wide: float) -> None:
    for week in range(0, weeks, 4):
        picture.text(
            LEFT + wide * (week + 0.5) / weeks, y + 16, f"W{week + 1:02}", size=11, anchor="middle", fill=FAINT
        )


def why_missed(years: Sequence[BoxYear]) -> Picture:
    """The weeks that were not met, by their causes."""
    picture = Picture(WIDTH, 300)
    picture.title("Where it was missed, and why: halls of each week", "未达标的原因（村/周）")
    weeks = len(years[0].weeks)
    counted = [Counter(year.weeks[week] for year in years) for week in range(weeks)]
    totals = Counter(week for year in years for week in year.weeks)
    causes = sorted((cause for cause in Cause if totals[cause]), key=lambda cause: -totals[cause])
    top, height, wide = 84, 172, WIDTH - LEFT - 70
    for place, cause in enumerate(causes):
        picture.legend(
            LEFT + 268 * (place % 3), 48 + 16 * (place // 3),
            [(COLOURS[cause], f"{cause.value} {CHINESE[cause]} {totals[cause]:,}")],
        )  # fmt: skip
    highest = max((sum(each[cause] for cause in causes) for each in counted), default=0) or 1
    for part in (0, 0.5, 1):
        y = top + height * (1 - part)
        picture.line(LEFT, y, LEFT + wide, y)
        picture.text(LEFT - 6, y + 4, f"{highest * part:.0f}", size=11, anchor="end", fill=FAINT)
    for week, each in enumerate(counted):
        y = top + height
        for cause in causes:
            tall = height * each[cause] / highest
            y -= tall
            picture.rect(LEFT + wide * week / weeks + 1, y, wide / weeks - 2, tall, COLOURS[cause])
    _weeks_axis(picture, weeks, top + height, wide)
    return picture


def every_hall(years: Sequence[BoxYear]) -> Picture:
    """Each hall a row, each week a column."""
    kinds = [*COLOURS]
    order = sorted(years, key=lambda year: (year.guessing, sum(_ours(year, w) for w in range(len(year.weeks)))))
    rows = [bytes(kinds.index(week) for week in year.weeks) for year in order]
    picture = Picture(WIDTH, 620)
    picture.title("Every hall and every week", "每村每周")
    seen = {week for year in years for week in year.weeks}
    for place, kind in enumerate([kind for kind in kinds if kind in seen]):
        words = f"{kind} {CHINESE[kind]}"
        picture.legend(LEFT + 205 * (place % 4), 48 + 16 * (place // 4), [(COLOURS[kind], words)])
    top, height, wide = 96, 490, WIDTH - LEFT - 16
    picture.pixels((LEFT, top), wide, height, rows, [COLOURS[kind] for kind in kinds])
    guessing = sum(year.guessing for year in years)
    y = top + height * (len(years) - guessing) / len(years)
    picture.text(LEFT - 6, top + 12, "weakest", size=11, anchor="end", fill=FAINT)
    if guessing:
        picture.line(LEFT, y, LEFT + wide, y, "#8e6bbf")
        picture.text(LEFT - 6, y + 13, "no clock", size=11, anchor="end", fill="#8e6bbf")
    _weeks_axis(picture, len(years[0].weeks), top + height, wide)
    return picture


def make_ups(years: Sequence[BoxYear]) -> Picture:
    """When missed sessions were made up."""
    counted: Counter[tuple[int, int]] = Counter()
    for year in years:
        counted.update(year.make_ups)
    picture = Picture(WIDTH, 280)
    picture.title(f"When {sum(counted.values()):,} make-ups began, local time (clock known)", "补播时间分布")
    highest = max(counted.values(), default=1)
    top, wide, tall = 48, (WIDTH - LEFT - 16) / 24, 28
    for day, name in enumerate(DAYS):
        picture.text(LEFT - 6, top + day * tall + 18, name, size=11, anchor="end", fill=FAINT)
        for hour in range(24):
            share = counted[day, hour] / highest
            x, y = LEFT + hour * wide, top + day * tall
            picture.rect(x + 1, y + 1, wide - 2, tall - 2, _shade(share) if share else "#f5f7f8")
            if counted[day, hour]:
                fill = "#fff" if share > 0.5 else "#25303b"
                picture.text(x + wide / 2, y + 18, str(counted[day, hour]), size=10, anchor="middle", fill=fill)
    for hour in range(24):
        picture.text(
            LEFT + (hour + 0.5) * wide, top + 7 * tall + 16, f"{hour:02}", size=11, anchor="middle", fill=FAINT
        )
    return picture


def _shade(share: float) -> str:
    share = share**0.6
    light, dark = (0xE4, 0xF2, 0xEB), (0x1F, 0x7A, 0x5C)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(light, dark, strict=True))


def by_habit(years: Sequence[BoxYear]) -> Picture:
    """Ours against cron, by what the power is like."""
    groups: dict[str, list[BoxYear]] = {}
    for year in years:
        groups.setdefault("no clock, no network" if year.guessing else year.habit, []).append(year)
    shares = {name: (_share(group, _ours), _share(group, _cron), len(group)) for name, group in groups.items()}
    names = sorted(shares, key=lambda name: -shares[name][0])
    picture = Picture(WIDTH, 76 + 46 * len(names))
    picture.title("Weeks met, by what the power is like", "按供电情况的达标率")
    picture.legend(236, 50, [(OURS, "E-Station"), (CRON, "weekly cron entry")])
    for place, name in enumerate(names):
        ours, cron, halls = shares[name]
        y, wide = 64 + 46 * place, WIDTH - 320
        picture.text(226, y + 15, name, anchor="end")
        picture.text(226, y + 30, f"{halls} halls", size=10, anchor="end", fill=FAINT)
        picture.rect(236, y, wide, 34, GRID)
        picture.rect(236, y + 2, wide * ours, 16, OURS)
        picture.rect(236, y + 19, wide * cron, 12, CRON)
        picture.text(236 + wide + 8, y + 15, f"{100 * ours:.1f} %", bold=True, fill=OURS)
        picture.text(236 + wide + 8, y + 30, f"{100 * cron:.1f} %", fill=CRON)
    return picture


def _share(years: Sequence[BoxYear], good: Callable[[BoxYear, int], bool]) -> float:
    due = [(year, week) for year in years for week in range(len(year.weeks)) if year.weeks[week] != NOT_DUE]
    return sum(good(year, week) for year, week in due) / max(len(due), 1)


def figures(total: Sums) -> list[tuple[str, str]]:
    """What is said in words."""
    return [
        ("box-weeks", f"{total.box_weeks:,}, {total.due:,} of them due; {100 * total.dark:.1f} % of all hours dark"),
        (
            "weeks met",
            f"{total.met:,}, {100 * total.met / total.due:.1f} % of those due; {total.made_up:,} by making up",
        ),
        ("a weekly cron entry", f"{total.cron:,}, {100 * total.cron / total.due:.1f} %"),
        ("met where the promise's condition held", f"{total.promise:.2f} %; broken: {total.broken}"),
        ("starts by itself", f"{total.starts:,}; faults (hours, lessons, too often, no warning): {len(total.faults)}"),
        ("starts on a guessed clock", f"{total.unknowing:,}; really outside the opening hours: {total.out_of_hours:,}"),
        ("no clock: spans of seven power-on days", f"{total.spans:,}; with a session: {total.days:.2f} %"),
    ]


def write(years: Sequence[BoxYear], out: Path, heading: str) -> Path:
    """The page and its pictures; the page's path."""
    out.mkdir(parents=True, exist_ok=True)
    pictures = {
        "by-week": by_week(years), "why-missed": why_missed(years), "by-habit": by_habit(years),
        "every-hall": every_hall(years), "make-ups": make_ups(years),
        "overview": by_week(years).below(why_missed(years)),
    }  # fmt: skip
    for name, picture in pictures.items():
        (out / f"{name}.svg").write_text(picture.svg(), encoding="utf-8")
    total = sums(years)
    rows = "".join(f"<tr><th>{name}<td>{words}" for name, words in figures(total))
    faults = "".join(f"<li>{fault}" for fault in total.faults[:50])
    shown = "".join(f'<figure><img src="{name}.svg" alt="{name}"></figure>' for name in pictures if name != "overview")
    page = out / "index.html"
    page.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{heading}</title><style>'
        "body{font:15px/1.5 'Noto Sans','Noto Sans CJK SC',sans-serif;max-width:940px;margin:2em auto;color:#25303b}"
        "th{text-align:left;padding-right:2em;font-weight:600}figure{margin:1.5em 0}img{width:100%}</style>"
        f"<h1>{heading}</h1><table>{rows}</table>{f'<ul>{faults}</ul>' if faults else ''}{shown}</html>\n",
        encoding="utf-8",
    )
    return page
