"""What the library offers, a row for each item: whose it is, in which languages, since when, and gone when it went."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from estation_central.publication import stock
from estation_central.publication.believing import Library
from estation_wire.audience import Topic
from estation_wire.bulletins import Bulletin, Bulletins
from estation_wire.library import Catalogue, Item, Series, Track
from tests.support.centre import central

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
COUNTY, TOWN = "653101", "653101102"


def film(n: int, **words: Any) -> Item:
    titles = {"zh-Hans": f"水{n}", "en": f"water {n}"}
    rest = {"size": 9, "kind": "video", "titles": titles, "seconds": 60.0, "topic": Topic.HEALTH, "counts": True}
    return Item(id=f"{n:064x}", **rest | words)


def catalogue(*items: Item, **words: Any) -> bytes:
    return msgspec.json.encode(Catalogue(v=1, version=1, items=items, **words))


def test_each_item_is_offered_once_and_says_whose_it_is() -> None:
    """The publisher's first, then the county's, then the township's; what the publisher recalls, nobody offers."""
    documents = {
        "catalogue.json": catalogue(film(1), film(2), recalled=(film(4).id, film(2).id)),
        f"{TOWN}.catalogue.json": catalogue(film(3), film(5)),
        f"{COUNTY}.catalogue.json": catalogue(film(1), film(3), film(4)),
    }
    found = {each.content[-1]: each.role for each in stock.offers(documents)}
    assert found == {"1": "", "3": COUNTY, "5": TOWN}
    assert {each.content[-1] for each in stock.offers({f"{COUNTY}.catalogue.json": catalogue(film(7))})} == {"7"}


def test_an_item_says_its_series_and_the_languages_that_it_speaks() -> None:
    """A film by its sound tracks, what is silent by its words; a county's film may stand in the publisher's series."""
    tracks = (
        Track(kind="audio", number=2, language="ug-Arab"),
        Track(kind="audio", number=1, language="zh-Hans"),
        Track(kind="subtitles", number=1, language="en"),
    )
    series = (Series(id="window", titles={"zh-Hans": "科普之窗", "en": "Window"}),)
    documents = {
        "catalogue.json": catalogue(film(1, tracks=tracks, series="window"), film(2, series="gone"), series=series),
        f"{COUNTY}.catalogue.json": catalogue(film(3, series="window", texts={"kk-Arab": ("سۋ",)})),
    }
    spoken, silent, own = stock.offers(documents)
    assert (spoken.title, spoken.title_en, spoken.series, spoken.series_en) == ("水1", "water 1", "科普之窗", "Window")
    assert (spoken.languages, silent.languages, own.languages) == ("ug-Arab zh-Hans", "en zh-Hans", "kk-Arab")
    assert (silent.series, own.series_en) == ("gone", "Window")


def test_what_cannot_be_read_is_left_out() -> None:
    """A county's broken or newer document costs the others nothing."""
    newer = msgspec.json.encode(Bulletins(v=2, version=1, bulletins=()))
    told = Bulletin(id="flood", priority="emergency", titles={"en": "Flood"}, issued=NOW)
    good = msgspec.json.encode(Bulletins(v=1, version=1, bulletins=(told,)))
    assert stock.offers({"catalogue.json": b"{", f"{COUNTY}.catalogue.json": b"\xff"}) == []
    found = stock.notices({"bulletins.json": good, f"{COUNTY}.bulletins.json": good, "653102.bulletins.json": newer})
    assert {name: each.priority for name, each in found.items()} == {"flood": "emergency", f"{COUNTY}:flood": "urgent"}


def test_what_the_library_lets_go_keeps_its_title(django: Path) -> None:
    """An item is here since the first catalogue that named it; gone, it is kept, and back again it is as it was."""
    from estation_central.publication import library
    from estation_central.publication.models import Offered

    def take(day: int, *items: Item) -> dict[str, tuple[Any, ...]]:
        library.take(Library({"catalogue.json": catalogue(*items)}, ()), NOW + timedelta(days=day))
        rows = Offered.objects.filter(content__startswith="0" * 60).values_list("content", "title", "since", "gone")
        return {row[0][-1]: row[1:] for row in rows}

    first = {"1": ("水1", NOW, None), "2": ("水2", NOW, None)}
    assert take(0, film(1), film(2)) == first
    assert take(1, film(1, titles={"zh-Hans": "茶"})) == {
        "1": ("茶", NOW, None),
        "2": ("水2", NOW, NOW + timedelta(days=1)),
    }
    take(2)
    assert take(3, film(1), film(2)) == first


def test_a_centre_of_before_has_the_rows_of_the_library_that_it_took(tmp_path: Path) -> None:
    """After the update nobody has to take the library in once more."""
    assert central(tmp_path, "django", "migrate", "publication", "0001_initial").returncode == 0
    told = Bulletin(id="flood", priority="urgent", titles={"en": "Flood"}, issued=NOW)
    documents = {
        "catalogue.json": catalogue(film(1)),
        f"{COUNTY}.bulletins.json": msgspec.json.encode(Bulletins(v=1, version=1, bulletins=(told,))),
    }
    with sqlite3.connect(tmp_path / "centre.sqlite3") as link:
        rows = [(name, raw, "2026-11-24 08:00:00") for name, raw in documents.items()]
        link.executemany("INSERT INTO published_document (name, content, taken) VALUES (?, ?, ?)", rows)
        link.commit()
        assert central(tmp_path, "migrate").returncode == 0
        assert link.execute("SELECT title, since FROM catalogue_item").fetchall() == [("水1", "2026-11-24 08:00:00")]
        assert link.execute("SELECT name FROM published_bulletin").fetchall() == [(f"{COUNTY}:flood",)]
