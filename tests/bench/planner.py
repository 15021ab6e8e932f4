"""`planner`: a fortnight's table of a large programme, and the question «what now?» asked of it.

200 rules, 4,400 bulletins and 1,440 videos, as a prefecture may publish them. Each try of the table is a process of its
own that has imported everything before, over a fresh copy of a database that holds the documents and no plan: read and
decoded, expanded, settled and written, as sync does it every night. «What now?» is asked of a new `Programme` each
time, reading of the table included; its peer expands the rules again instead.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from estation_box.drivers.library_writer import LibraryWriter
from estation_wire.audience import Audience, Topic
from estation_wire.bulletins import BULLETINS_NAME, Bulletin, Bulletins
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, Catalogue, Closure, Item, Playlist, Programme, Rule
from tests.bench.result import Result, command, percentile

RULES, BULLETINS, VIDEOS = 200, 4400, 1440
TRIES = 5
NOW = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)
ZONE = "Asia/Urumqi"
SIZE = 40_000_000

_PREPARE = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from types import SimpleNamespace
from estation_box.clock.moment import Moment
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.library.service import Parts, Sync
from estation_box.library.shelf import SteadyShelf
from estation_box.programme.ledger import Ledger
from estation_box.programme.service import Surroundings
from estation_box.programme.service import Programme as Head
from estation_wire.profile import Centre, Profile, Site
from estation_wire.values import Trust
NOW = datetime.fromisoformat(sys.argv[2])
store = LibraryWriter(Path(sys.argv[1]) / "library.db")
profile = Profile(
    v=1, station="hall-0007", region="653121", site=Site(id="site-7", kind="village", name="村"), name="文化室",
    timezone="Asia/Urumqi", centre=Centre(host="localhost", authority="-"), epoch=1, not_after=NOW + timedelta(days=60),
)
registrar = SimpleNamespace(profile=lambda: profile, languages=lambda: profile.languages)
trust = SimpleNamespace(signed_time=lambda: NOW - timedelta(days=1))
parts = Parts(
    trust=trust, documents=store, stock=store, table=store, cache=None, registrar=registrar, listener=None, gallery=None
)
sync = Sync(parts, NOW - timedelta(days=2))
"""

_TABLE = """
start = perf_counter()
synced = sync.daily("timer", NOW)
print(perf_counter() - start)
assert synced.changed and not synced.refused, synced
assert len(store.slots(NOW, NOW + timedelta(days=14), yielding=True)) > 1000
"""

_WHAT_NOW = """
sync.daily("timer", NOW)
shelf = SteadyShelf(store, store)
def ask(number):
    head = Head(shelf, Ledger())
    head.provisioned(profile)
    moment = Moment(at=NOW + timedelta(minutes=number), boot="b" * 32, up=60.0 * number, trust=Trust.NETWORK)
    start = perf_counter()
    plan = head.decide(moment, Surroundings())
    took = perf_counter() - start
    assert plan.start is not None, plan
    return took
def ask_peer(number):
    start = perf_counter()
    sync.daily("timer", NOW + timedelta(minutes=number))
    return perf_counter() - start + ask(number)
ask(0), ask_peer(0)
print(median(ask(number) for number in range(1, 51)), median(ask_peer(number) for number in range(1, 6)))
"""

_PEER = """
import icalendar, recurring_ical_events
from zoneinfo import ZoneInfo
programme = store.programme()
recurring_ical_events.of(icalendar.Calendar.from_ical("BEGIN:VCALENDAR\\r\\nEND:VCALENDAR")).between(NOW, NOW)
start = perf_counter()
count = 0
for rule in programme.rules:
    text = "BEGIN:VCALENDAR\\r\\nVERSION:2.0\\r\\n" + rule.event + "\\r\\nEND:VCALENDAR\\r\\n"
    count += len(recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(NOW, NOW + timedelta(days=14)))
print(perf_counter() - start)
assert count > 1000
"""


def run() -> list[Result]:
    """Milliseconds of the table, and of one question, each against the peer's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _fill(folder)
        tables = [_measured(folder, _TABLE)[0] for _ in range(TRIES)]
        peers = [_measured(folder, _PEER)[0] for _ in range(TRIES)]
        now, peer_now = _measured(folder, _WHAT_NOW)
    table, peer = percentile(tables, 0.5), percentile(peers, 0.5)
    return [
        Result(
            id="planner", value=round(table * 1000, 1), unit="ms p50", peer_value=round(peer * 1000, 1),
            ratio=round(peer / table, 2), bar="at most 300 ms", ok=table <= 0.3, command=command("planner"),
            peer="recurring-ical-events, expanding the same rules alone",
        ),
        Result(
            id="planner-what-now", value=round(now * 1000, 3), unit="ms p50", peer_value=round(peer_now * 1000, 1),
            ratio=round(peer_now / now, 1), bar="at most 1 ms", ok=now <= 0.001, command=command("planner"),
            peer="the same, expanding all the rules again",
        ),
    ]  # fmt: skip


def _measured(folder: Path, what: str) -> list[float]:
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    (copy / "cache").symlink_to(folder / "cache")
    for path in folder.glob("library.db*"):
        shutil.copy(path, copy / path.name)
    told = subprocess.run(
        [sys.executable, "-c", _PREPARE + what, str(copy), NOW.isoformat()],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return list(map(float, told.stdout.split()))


def _fill(folder: Path) -> None:
    """A box that was given everything, and has planned nothing yet."""
    with LibraryWriter(folder / "library.db") as store:
        store.load(
            digests=dict.fromkeys((CATALOGUE_NAME, PROGRAMME_NAME, BULLETINS_NAME), "0" * 64),
            catalogue=Catalogue(v=1, version=1, items=tuple(_item(number) for number in range(VIDEOS))),
            programme=_programme(),
            provisioners=None,
            bulletins=Bulletins(v=1, version=1, bulletins=tuple(_bulletin(number) for number in range(BULLETINS))),
        )
        (folder / "cache").mkdir()
        for number in range(VIDEOS):
            with (folder / "cache" / _id(number)).open("wb") as film:
                film.truncate(SIZE)  # it takes no room: only its size is looked at
            store.have(_id(number), SIZE, b"0" * 32)


def _id(number: int) -> str:
    return f"{number:064x}"


def _item(number: int) -> Item:
    titles = {"zh-Hans": f"科普节目{number}", "en": f"Programme {number}", "ug-Arab": f"پروگرامما {number}"}
    seconds = 200.0 + number % 300
    return Item(id=_id(number), size=SIZE, kind="video", titles=titles, seconds=seconds, topic=Topic.RURAL, counts=True)


def _programme() -> Programme:
    playlists = tuple(
        Playlist(id=f"list-{number}", contents=tuple(_id((number * 72 + at) % VIDEOS) for at in range(72)))
        for number in range(20)
    )
    closed = tuple(Closure(week=f"2027-W{week:02}", reason="节假日") for week in (5, 6, 7))
    rules = tuple(_rule(number) for number in range(RULES))
    return Programme(v=1, version=1, rules=rules, playlists=playlists, closed=closed)


def _rule(number: int) -> Rule:
    """Half of them weekly, three of ten daily, two of ten monthly; every fourth with exceptions, every eighth moved."""
    start = datetime(2025, 11, 26) + timedelta(days=number % 360, hours=8 + number % 13, minutes=5 * (number % 12))  # noqa: DTZ001
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[start.weekday()]
    kind = number % 10
    rrule = "FREQ=DAILY"
    step = timedelta(days=1)
    if kind < 5:
        rrule, step = f"FREQ=WEEKLY;BYDAY={weekday}", timedelta(weeks=1)
    elif kind < 7:
        rrule, step = f"FREQ=MONTHLY;BYDAY={(start.day - 1) // 7 % 4 + 1}{weekday}", timedelta(weeks=4)
    lines = ["BEGIN:VEVENT", *_head(number), f"DTSTART;TZID={ZONE}:{start:%Y%m%dT%H%M%S}", f"RRULE:{rrule}"]
    if number % 4 == 0:
        days = ",".join(f"{start + step * times:%Y%m%dT%H%M%S}" for times in (3, 9, 27))
        lines.append(f"EXDATE;TZID={ZONE}:{days}")
    lines.append("END:VEVENT")
    if number % 8 == 0:
        old = start + step * 5
        lines += ["BEGIN:VEVENT", *_head(number), f"RECURRENCE-ID;TZID={ZONE}:{old:%Y%m%dT%H%M%S}"]
        lines += [f"DTSTART;TZID={ZONE}:{old + timedelta(hours=1):%Y%m%dT%H%M%S}", "END:VEVENT"]
    return Rule(
        id=f"rule-{number}", event="\r\n".join(lines), timezone=ZONE, playlist=f"list-{number % 20}", take=3,
        rotate="daily", priority=number % 10, audience=Audience(regions=("653100",), kinds=("village",)),
    )  # fmt: skip


def _head(number: int) -> list[str]:
    return [f"UID:rule-{number}", "DTSTAMP:20251101T000000Z"]


def _bulletin(number: int) -> Bulletin:
    """Half of them for this county, four of five still standing, one in a hundred an emergency."""
    issued = NOW - timedelta(hours=number % 300)
    words = "请大家注意防寒保暖，出行注意安全。" * 4
    return Bulletin(
        id=f"notice-{number}",
        priority="emergency" if number % 100 == 0 else "normal",
        titles={"zh-Hans": f"通知{number}", "en": f"Notice {number}"},
        issued=issued,
        not_after=NOW + timedelta(days=number % 10 - 2),
        texts={"zh-Hans": words, "en": "Please dress warmly and take care on the roads. " * 4},
        audience=Audience(regions=("653121" if number % 2 else "653122",)),
    )
