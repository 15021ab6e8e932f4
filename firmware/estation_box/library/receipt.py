"""The receipt that the box leaves on the stick: JSON for the centre, a page with ticks for people.

One real document::

    {"v":1,"station":"hall-0007","at":"2026-11-23T10:42:00Z","epoch":1,"catalogue":3,"programme":2,"held":12,
     "lines":[{"ok":true,"zh":"节目齐全：12 个","en":"All 12 programmes are on the box"}]}

The page needs nothing from outside, runs no script, and escapes every word that came from outside.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import datetime
from string import Template
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from estation_box.library.said import Line
from estation_box.words import Said, say
from estation_wire.values import Count, Instant, Major, Reason, Title, refuse_far

RECEIPT_LIMIT_BYTES: Final = 64 * 1024


class Told(Struct, frozen=True, kw_only=True):
    """One line, in both languages."""

    ok: bool
    zh: Reason
    en: Reason


class Receipt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a stick. ``at`` is the box's clock; ``epoch`` the profile's, 0 where none is applied."""

    v: Major
    station: Title
    at: Instant
    epoch: Count = 0
    catalogue: Count = 0
    programme: Count = 0
    held: Count = 0
    lines: Annotated[tuple[Told, ...], Meta(max_length=100)] = ()

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean: a stranger may have written this receipt."""
        refuse_far(self.at)


def told(lines: Iterable[Line]) -> tuple[Told, ...]:
    """The lines as they stand in a receipt."""
    return tuple(Told(ok=line.ok, zh=line.said.zh, en=line.said.en) for line in lines)


def page(receipt: Receipt, zone: ZoneInfo) -> str:
    """The receipt as one HTML page in UTF-8, the station's local time on it."""
    good = all(line.ok for line in receipt.lines)
    return _PAGE.substitute(
        station=html.escape(receipt.station),
        tone="good" if good else "bad",
        head=_both(_GOOD if good else _BAD),
        at=html.escape(_time(receipt.at, zone)),
        rows="\n".join(_row(line) for line in receipt.lines),
        catalogue=receipt.catalogue,
        programme=receipt.programme,
        held=receipt.held,
        epoch=receipt.epoch or "–",
    )


def _time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"


def _row(line: Told) -> str:
    tone, tick = ("good", "✓") if line.ok else ("bad", "✗")
    words = _both(Said(html.escape(line.zh), html.escape(line.en)))
    return f'<li class="{tone}"><b>{tick}</b><div>{words}</div></li>'


def _both(said: Said) -> str:
    return f'<p>{said.zh}</p><p lang="en">{said.en}</p>'


_GOOD: Final = say("All is well; you may pull the stick")
_BAD: Final = say("Something is wrong; see the lines with a cross")
_PAGE: Final = Template("""<!DOCTYPE html>
<html lang="zh-Hans">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$station · E-Station</title>
<style>
body { font: 17px/1.45 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 0 }
body { background: #f4f1ea; color: #1d2530 }
main { max-width: 40rem; margin: 0 auto; padding: 1.5rem 1rem }
header { border-radius: .8rem; padding: 1rem 1.2rem; color: #fff }
header.good { background: #1c6b48 } header.bad { background: #9b2c1f }
h1 { font-size: 1.1rem; font-weight: 500; margin: 0 0 .4rem; overflow-wrap: anywhere }
header p { margin: 0; font-size: 1.5rem; font-weight: 700 } header p[lang] { font-size: 1rem; font-weight: 400 }
ul { list-style: none; margin: 1rem 0; padding: 0 }
li { display: flex; gap: .9rem; background: #fff; border-radius: .6rem; margin: .5rem 0; padding: .7rem 1rem }
li b { font-size: 1.5rem; line-height: 1.2 } li.good b { color: #1c6b48 } li.bad b { color: #9b2c1f }
li div { min-width: 0; overflow-wrap: anywhere } li p { margin: 0 } p[lang] { color: #55606c; font-size: .92rem }
header p[lang] { color: #fff }
dl { display: grid; grid-template-columns: auto 1fr; gap: .3rem 1rem; color: #55606c; font-size: .92rem }
dd { margin: 0; color: #1d2530 }
</style>
</head>
<body><main>
<header class="$tone"><h1>科普e站 E-Station · $station</h1>$head</header>
<ul>
$rows
</ul>
<dl>
<dt>本机时间 · box's clock</dt><dd>$at</dd>
<dt>节目库 · library</dt><dd>$catalogue</dd>
<dt>节目安排 · programme</dt><dd>$programme</dd>
<dt>已存节目 · on the box</dt><dd>$held</dd>
<dt>档案期次 · profile</dt><dd>$epoch</dd>
</dl>
</main></body>
</html>
""")
