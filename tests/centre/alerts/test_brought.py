"""A hall without a network: what its box says of itself comes home under its signature, and is told like any other."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from estation_central.settings import CentreSettings
from estation_wire import codec
from estation_wire import stick as layout
from estation_wire.messages import Health
from estation_wire.values import Trust, Tv
from tests.centre.test_by_stick import Office
from tests.support.central_here import pointed_at
from tests.support.centre import BOOT, JOURNAL, NOW, REGION, STATION, record

HEALTH = Health(v=1, at=NOW, trust=Trust.STICK, boot=BOOT, up=90.0, undelivered=3, tv=Tv.UNKNOWN)


@pytest.fixture
def office(django: Path, tmp_path: Path, state: Path, store: Any, database: str) -> Iterator[Office]:
    """An office with the tables of the alerts, and a hall in its registry."""
    from estation_central.registry.adding import add

    with pointed_at(CentreSettings(state=state, database=database)):
        add(STATION, REGION, "Hall", "village-0007", {}, now=NOW)
        yield Office(tmp_path, state, store)


def brings(office: Office, first: int, last: int, days: int, journal: str = JOURNAL, **said: Any) -> None:
    """A stick with one report, whose box says this of itself, is read so many days from now."""
    health = msgspec.structs.replace(HEALTH, **said) if said else None
    records = tuple(record(seq) for seq in range(first, last + 1))
    head, body = layout.report_head(STATION, journal, first, records, NOW, health=health)
    signature = office.seal.sign(layout.signed_message(layout.REPORT_KIND, head))
    path = office.stick / layout.reports(STATION) / f"{journal}-{first}.report"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(layout.seal(head, signature, body))
    (verdict,) = office.take(days)
    assert not verdict.refused, verdict


def found(days: int) -> list[tuple[str, str]]:
    from estation_central.alerts import rules, watching

    now = NOW + timedelta(days=days)
    seen = watching.look(now)
    published = {40: now - timedelta(days=40)}
    told = rules.findings(seen.stations, (), published, now)
    return [(each.kind.value, each.detail) for each in told]


def test_card_clock_and_library_of_a_hall_without_a_network(office: Office) -> None:
    """A worn card, an old library, a clock before ours: told by stick alone; mended, and all is well again."""
    ahead = NOW + timedelta(days=3, minutes=30)
    brings(office, 1, 5, 3, card_worn_percent=91, catalogue=12, at=ahead)
    assert found(4) == [("card-worn", "91"), ("clock-wrong", "30"), ("library-stale", "12 < 40")]
    brings(office, 6, 9, 9, card_worn_percent=2, catalogue=40, at=NOW + timedelta(days=8))
    assert found(10) == []


def test_a_box_that_does_not_know_the_time_says_so(office: Office) -> None:
    """Its battery is dead: the line tells what to bring, and no number of minutes since 1970."""
    from django.utils import translation

    from estation_central.alerts.rules import Kind
    from estation_central.alerts.wording import Line

    brings(office, 1, 5, 3, at=NOW - timedelta(days=900), trust=Trust.GUESS)
    assert found(4) == [("clock-wrong", "")]
    with translation.override("en"):
        assert "does not know the time" in Line(kind=Kind.CLOCK_WRONG, subject=STATION, title="Hall", detail="").said


def test_an_older_word_does_not_take_the_place_of_a_newer_one(office: Office) -> None:
    """The stick of before is read once more, a box of before says nothing of itself: the newest word stays."""
    brings(office, 1, 5, 3, card_worn_percent=85)
    brings(office, 6, 9, 5, card_worn_percent=91)
    brings(office, 1, 5, 6, card_worn_percent=85)
    brings(office, 10, 12, 7)
    assert found(8) == [("card-worn", "91")]
    new_card = "b" * 32
    brings(office, 1, 2, 9, journal=new_card, card_worn_percent=1, at=NOW + timedelta(days=8))
    assert found(10) == []


def test_what_comes_by_network_afterwards_is_newer(office: Office) -> None:
    """A line was laid, and the box itself says how it is: the stick of last month says nothing more."""
    from estation_central.stations.models import Latest

    brings(office, 1, 5, 3, card_worn_percent=91)
    said = msgspec.structs.replace(HEALTH, at=NOW + timedelta(days=4), card_worn_percent=3)
    words = {"station": STATION, "leaf": "health", "region": REGION, "payload": codec.encode(said).decode()}
    Latest.objects.create(**words, heard=NOW + timedelta(days=4))
    assert found(5) == []
    brings(office, 6, 9, 9, card_worn_percent=92, at=NOW + timedelta(days=8))
    assert found(9) == [("card-worn", "92")]


def test_what_a_box_says_of_itself_is_believed_for_its_signature_alone(office: Office) -> None:
    """Who writes a worn card into the first line of somebody else's report has written nothing."""
    brings(office, 1, 5, 3, card_worn_percent=2)
    path = office.report(6, 9)
    raw = path.read_bytes()
    forged = msgspec.json.decode(raw.partition(b"\n")[0])
    forged["health"] = msgspec.to_builtins(msgspec.structs.replace(HEALTH, card_worn_percent=99))
    path.write_bytes(msgspec.json.encode(forged) + b"\n" + raw.partition(b"\n")[2])
    (verdict,) = office.take(4)
    assert verdict.refused
    assert found(5) == []
