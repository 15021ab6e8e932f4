"""A made-up library and a bulletin to every station of a registry, in SQLite: pages of the real size."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from estation_central.publication import stock
from estation_wire.audience import Audience, Topic
from estation_wire.bulletin_letter import Letter
from estation_wire.bulletins import Bulletin
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, Catalogue, Item, Programme, Rule
from tests.support.prefecture import COUNTIES

ITEMS, RULES_OF_A_COUNTY = 1440, 5
ZONE = "Asia/Shanghai"
SENDINGS = """
INSERT INTO bulletin_sending (notice_id, station, command_id, ends)
SELECT 'flood-1', name, lower(substr(hex(randomblob(16)), 1, 32)), :ends FROM station"""
COMMANDS = """
INSERT INTO command (id, station, session, body, not_before, expires, outcome, reason)
SELECT command_id, station, '', '', :now, :later, CASE WHEN id % 10 < 8 THEN 'done' ELSE '' END, ''
FROM bulletin_sending"""
SHOWN = """
INSERT INTO bulletin_shown (station, bulletin, day, times)
SELECT name, '653101-emergency:flood-1', :day, 3 FROM station WHERE rowid % 3"""
NOTICE = """
INSERT INTO bulletin (name, shown_as, role, priority, title, issued, not_after, payload, made, letter, signed, sent,
  ending, end_letter, recalled)
VALUES ('flood-1', '653101-emergency:flood-1', '653101-emergency', 'emergency', '洪水', :now, :later, :payload, :now,
  'x', :now, :now, 'x', 'x', :now)"""


def library() -> tuple[Catalogue, Programme]:
    """Ten years of films, and for each county five rules of its own."""
    films = [
        Item(
            id=f"{n:064x}",
            size=20_000_000,
            kind="video",
            titles={"zh-Hans": f"科普第{n}集"},
            seconds=300.0,
            topic=Topic.HEALTH,
            counts=True,
        )
        for n in range(ITEMS)
    ]
    rules = [
        Rule(
            id=f"county-{county}-{n}",
            event=f"BEGIN:VEVENT\r\nDTSTART;TZID={ZONE}:20260105T{10 + n:02}0000\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT",
            timezone=ZONE,
            contents=tuple(film.id for film in films[n::50][:4]),
            audience=Audience(regions=(f"6531{county:02}",)),
        )
        for county in range(1, COUNTIES + 1)
        for n in range(RULES_OF_A_COUNTY)
    ]
    return Catalogue(v=1, version=7, items=tuple(films)), Programme(v=1, version=7, rules=tuple(rules))


def stocked(link: sqlite3.Connection, catalogue: Catalogue) -> None:
    """The catalogue's items as the centre lists them."""
    offers = stock.offers({CATALOGUE_NAME: msgspec.json.encode(catalogue)})
    columns = stock.Offer.__struct_fields__
    signs = ", ".join("?" * len(columns))
    link.executemany(
        f"INSERT INTO catalogue_item ({', '.join(columns)}, since) VALUES ({signs}, '2026-01-05 08:00:00')",
        [msgspec.structs.astuple(each) for each in offers],
    )


def fill(database: Path) -> None:
    """The library, who may speak, a bulletin that is being recalled everywhere, and one of the signed library."""
    now = datetime.now(UTC)
    said = Bulletin(
        id="flood-1", priority="emergency", titles={"zh-Hans": "洪水"}, texts={"zh-Hans": "请到高处。"}, issued=now
    )
    payload = msgspec.json.encode(Letter(v=1, role="653101-emergency", bulletin=said)).decode()
    told = {"now": f"{now:%Y-%m-%d %H:%M:%S}", "later": f"{now + timedelta(days=9):%Y-%m-%d %H:%M:%S}"}
    with sqlite3.connect(database) as link:
        for name, document in zip((CATALOGUE_NAME, PROGRAMME_NAME), library(), strict=True):
            rows = (name, msgspec.json.encode(document), told["now"])
            link.execute("INSERT INTO published_document (name, content, taken) VALUES (?, ?, ?)", rows)
        stocked(link, library()[0])
        said = msgspec.json.encode(msgspec.structs.replace(said, id="653101:storm-1")).decode()
        link.execute("INSERT INTO published_bulletin (name, body) VALUES ('653101:storm-1', ?)", [said])
        link.execute("INSERT INTO published_speaker (role, threshold, keys) VALUES ('653101-emergency', 2, '{}')")
        link.execute(NOTICE, {**told, "payload": payload})
        link.execute("INSERT INTO bulletin_place (notice_id, path, kind) VALUES ('flood-1', '', '')")
        for ends in (0, 1):
            link.execute(SENDINGS, {"ends": ends})
        link.execute(COMMANDS, told)
        link.execute(SHOWN, {"day": f"{now:%Y-%m-%d}"})
    link.close()
