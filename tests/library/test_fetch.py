"""The network as a whole process: the library and the certificate come by it, and a stick always comes first."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from estation_box.apps.fetch import TRIES, Remembered, when
from estation_box.clock.memory import Kept
from estation_box.clock.rules import Reading
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.drivers.two_copies import TwoCopies
from estation_box.library import said_network
from estation_box.library.network import Tries
from estation_box.settings import Folders
from estation_box.simulated.system_clock import SimulatedSystemClock
from estation_wire.enrolment import Invitation
from estation_wire.hours import WEEKDAYS, Window
from estation_wire.network import Network
from estation_wire.values import Trust
from studio.publishing import REPOSITORY, publish
from tests.support.http_server import PORTAL, Fault, WebServer
from tests.support.library import NOW, Made, make_stick, make_video, write_source
from tests.support.net_box import Ear, NetBox
from tests.support.office_server import TOKEN, OfficeServer
from tests.support.sync_box import Box
from tests.support.trusting import copied

RSS_LIMIT_BYTES = 90 * 1000 * 1000


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A studio with one film; profiles are made by each test."""
    return make_stick(tmp_path_factory.mktemp("publisher"), videos=1, station=None)


@pytest.fixture
def made(publisher: Made, tmp_path: Path) -> Made:
    made = copied(publisher, tmp_path / "made")
    return made._replace(source=shutil.copytree(publisher.source, tmp_path / "made/source"))


@pytest.fixture
def web(made: Made) -> Iterator[WebServer]:
    with WebServer(made.studio / REPOSITORY) as server:
        yield server


def newer(made: Made) -> None:
    """The publisher adds a second film and shows it."""
    make_video(made.source / "video-1.mp4", pattern=2)
    write_source(made.source, videos=2, start=datetime(2026, 11, 23, 16, 0))  # noqa: DTZ001 - wall time
    publish(made.studio, made.source, now=NOW + timedelta(minutes=1))


def test_the_newer_library_comes_by_network_with_its_film(made: Made, web: WebServer, tmp_path: Path):
    """A provisioned box finds the week's new film on the server: verified, kept, planned; core hears it, the TV not."""
    box = NetBox(tmp_path / "box", made, Network(library=web.url)).provision(made)
    newer(made)
    (box.state / "key.pem").unlink()
    with Ear(box) as lines:
        box.fetch()
    assert [line["tell"] for line in lines] == ["synced"]
    word = lines[0]
    assert (word["source"], word["taken"], word["refused"], word["changed"]) == ("network", 1, 0, True)
    assert len(box.held()) == 2
    with LibraryWriter(box.state / "library.db") as books:
        slots = books.slots(NOW - timedelta(days=1), NOW + timedelta(days=14))
    assert any(len(slot.contents) == 2 for slot in slots)
    assert not (box.state / "key.pem").exists(), "no key is made, and none is needed"


def test_what_a_stick_brought_newer_stays(made: Made, web: WebServer, tmp_path: Path):
    """A server that lags behind takes nothing back, and says so in the office's words."""
    box = NetBox(tmp_path / "box", made, Network(library=web.url))
    shutil.copytree(made.studio / REPOSITORY, tmp_path / "mirror")
    newer(made)
    box.provision(made)
    before = box.held()
    with WebServer(tmp_path / "mirror") as mirror, Ear(box) as lines:
        moved = msgspec.structs.replace(box.profile, network=Network(library=mirror.url))
        (box.state / "profile.json").write_bytes(msgspec.json.encode(moved))
        box.fetch(ordered=True)
    assert box.held() == before
    assert lines[0]["catalogue"] == 2
    assert lines[0]["reasons"] == ["服务器上的节目库比本机的旧，未采用"]
    assert not (box.runtime / "fetch-request").exists()


@pytest.mark.parametrize(
    "case",
    [
        ({"metered": True}, NOW, 0),
        ({"windows": "night"}, NOW, 0),
        ({"windows": "night"}, datetime(2026, 11, 23, 19, 30, tzinfo=UTC), 1),  # half past one in the night there
    ],
    ids=["by the byte", "by day", "past midnight"],
)
def test_films_come_when_they_may(made: Made, web: WebServer, tmp_path: Path, case: tuple[dict, datetime, int]):
    """On a costly line and by day the documents come alone; in the night, over midnight, the films too."""
    network, now, films = case
    if "windows" in network:
        days = WEEKDAYS
        evening, morning = Window(days=days, begin="22:00", end="24:00"), Window(days=days, begin="00:00", end="06:00")
        network = {"windows": (evening, morning)}
    box = NetBox(tmp_path / "box", made, Network(library=web.url, **network)).provision(made)
    newer(made)
    with Ear(box) as lines:
        box.fetch("--now", now.isoformat())
    assert (lines[0]["catalogue"], lines[0]["taken"]) == (2, films)
    assert lines[0]["refused"] == 0
    assert any(path.startswith("/content") for path, _ in web.asked) is bool(films)


def test_the_hour_is_taken_from_who_knows_it(made: Made, tmp_path: Path):
    """A clock that the network keeps is believed, else core's word of this boot; what nobody knows is a guess."""
    box, boot, clock = Box(tmp_path / "box", made.root), "e" * 32, SimulatedSystemClock(NOW, NOW - timedelta(days=9))
    folders = Folders(state=box.state, runtime=box.runtime, configuration=box.configuration)
    assert (when(folders, clock, boot).known, when(folders, clock, boot).dates) == (False, False)
    for trust, known, right in ((Trust.GUESS, False, False), (Trust.STICK, True, False), (Trust.NETWORK, True, True)):
        reading = Reading(NOW, clock.up(), trust, floor=NOW, proven=NOW)
        TwoCopies(box.runtime / "clock").write(msgspec.json.encode(Kept(boot, reading)))
        if right:
            clock.step_wall(9 * 86_400)  # core sets a clock right that was astray
        at = when(folders, clock, boot)
        assert (at.known, at.dates) == (known, right)
        assert abs(at.now - NOW) < timedelta(seconds=1)
        assert not when(folders, clock, "f" * 32).known, "another boot's word is nothing"
    clock.is_synchronised = True
    at = when(folders, clock, "f" * 32)
    assert (at.known, at.dates, at.floor) == (True, True, at.now)


def test_a_servers_wish_is_kept_over_starts(made: Made, web: WebServer, tmp_path: Path):
    """«Come again in two hours» holds for the timer's next start and for the centre's order; nothing is asked."""
    box = NetBox(tmp_path / "box", made, Network(library=web.url)).provision(made)
    web.faults += [Fault("status", "", 503, "7200")] * 3
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    with Ear(box) as lines:
        box.fetch()
        assert box.tries.library.asked >= before + 7200
        assert box.tries.library.failures == 1
        asked = len(web.asked)
        box.fetch()
        box.fetch(ordered=True)
    assert len(web.asked) == asked
    assert [line["reasons"] for line in lines] == [[said_network.BUSY.zh], [said_network.WAITING.zh]]


def test_a_failing_server_is_asked_less_and_less_but_an_order_is_obeyed(made: Made, web: WebServer, tmp_path: Path):
    """After failures the hourly starts pass by; the centre's order tries at once, and success forgets the failures."""
    box = NetBox(tmp_path / "box", made, Network(library=web.url)).provision(made)
    up = time.clock_gettime(time.CLOCK_BOOTTIME)
    waiting = Remembered(library=Tries(failures=3, patient=up + 9000, asked=up - 1))
    (box.runtime / TRIES).write_bytes(msgspec.json.encode(waiting))
    box.fetch()
    assert web.asked == []
    box.fetch(ordered=True)
    assert web.asked
    assert box.tries.library == Tries()
    (box.runtime / TRIES).write_bytes(b"\xff nonsense")
    box.fetch()


def test_a_portal_is_said_and_never_stored(made: Made, web: WebServer, tmp_path: Path):
    """The hotel's log-in page becomes one plain sentence, whatever it answers for."""
    box = NetBox(tmp_path / "box", made, Network(library=web.url)).provision(made)
    newer(made)
    before = sorted(path.name for path in (box.state / "cache").iterdir())
    web.faults += [Fault("portal", "")] * 50
    with Ear(box) as lines:
        said = box.fetch(ordered=True)
    assert lines[0]["reasons"] == [said_network.PORTAL.zh]
    assert said_network.PORTAL.zh in said
    assert sorted(path.name for path in (box.state / "cache").iterdir()) == before
    assert not any(PORTAL in path.read_bytes() for path in box.state.rglob("*") if path.is_file())


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[NetBox, WebServer]]:
    """A box that lacks a film of 3 MB, on a line that needs ten seconds for it, with a window until six."""
    padded = make_stick(tmp_path / "big", videos=1, station=None, size=3 * 1024 * 1024)
    windows = (Window(days=WEEKDAYS, begin="00:00", end="06:00"),)
    with WebServer(padded.studio / REPOSITORY) as server:
        network = Network(library=server.url, bytes_per_second=300_000, windows=windows)
        box = NetBox(tmp_path / "box", padded, network).provision(padded)
        with LibraryWriter(box.state / "library.db") as books:
            books.forget(tuple(books.holdings()))
        shutil.rmtree(box.state / "cache")
        yield box, server


def test_a_stick_comes_first(slow: tuple[NetBox, WebServer]):
    """A stick is put in while a film comes slowly by network: that gives way within moments, and goes on later."""
    box, _ = slow
    process = box.begin("--now", at_local("02:00"))
    deadline = time.monotonic() + 20
    while not list((box.state / "cache").glob("*.part")) and time.monotonic() < deadline:
        time.sleep(0.02)
    (box.runtime / "stick-request").touch()
    begun = time.monotonic()
    process.communicate(timeout=20)
    assert (process.returncode, time.monotonic() - begun < 3) == (0, True)
    assert list((box.state / "cache").glob("*.part"))
    assert box.tries == Remembered(), "nobody's fault"


def test_at_the_end_of_the_night_a_film_waits_for_the_next(slow: tuple[NetBox, WebServer]):
    """At six the film stops half way, and the next night brings only what is lacking."""
    box, server = slow
    with Ear(box) as lines:
        box.fetch("--now", at_local("05:59:55"))
    assert (lines[0]["taken"], lines[0]["reasons"]) == (0, [said_network.NOT_NOW.zh])
    assert box.tries == Remembered(), "nobody's fault"
    network = msgspec.structs.replace(box.profile.network, bytes_per_second=0)
    (box.state / "profile.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(box.profile, network=network)))
    server.sent = 0
    box.fetch("--now", at_local("02:00"))
    assert len(box.held()) == 1
    assert server.sent < 2.5 * 1024 * 1024


def at_local(clock: str) -> str:
    """That wall time at the hall, on the next day."""
    return f"2026-11-24T{clock}+06:00"


def test_sync_that_finds_the_network_at_work_leaves_word(made: Made, tmp_path: Path):
    """The nightly sync asks for its turn instead of trying all night; its turn come, the word is gone."""
    import fcntl  # noqa: PLC0415

    box = NetBox(tmp_path / "box", made, Network())
    with (box.state / "sync.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert box.start(None).wait(30) == 75
        assert (box.runtime / "sync-waiting").exists()
        assert box.begin().wait(30) == 0
        assert box.begin(ordered=True).wait(30) == 75
        assert (box.runtime / "fetch-request").exists(), "the order waits for its turn"
    box.run(None)
    assert not (box.runtime / "sync-waiting").exists()


@pytest.mark.parametrize("network", [Network(), None], ids=["no address", "bare box"])
def test_without_an_address_an_order_is_answered(made: Made, tmp_path: Path, network: Network | None):
    """A site with sticks only says so to whoever ordered; the hourly start is silent."""
    box = NetBox(tmp_path / "box", made, network or Network())
    if network is not None:
        box.provision(made)
    with Ear(box) as lines:
        box.fetch()
        box.fetch(ordered=True)
    assert [line["reasons"] for line in lines] == [[said_network.NO_LIBRARY_ADDRESS.zh]]


def test_the_schools_proxy_is_the_only_way_out(made: Made, web: WebServer, tmp_path: Path):
    """Where the profile names a proxy, it is asked and nobody else."""
    network = Network(library="http://kepu.invalid", proxy=web.url)
    box = NetBox(tmp_path / "box", made, network).provision(made)
    newer(made)
    with Ear(box) as lines:
        box.fetch()
    assert lines[0]["taken"] == 1


def test_fetching_stays_small(tmp_path: Path):
    """A film of 64 MB and the certificate by network take less than 90 MB of memory."""
    made = make_stick(tmp_path, videos=1, station=None, size=64 * 1024 * 1024)
    with WebServer(made.studio / REPOSITORY) as web, OfficeServer(tmp_path) as office:
        invitation = Invitation(url=office.url, token=TOKEN)
        box = NetBox(tmp_path / "box", made, Network(library=web.url), invitation).provision(made, office.pem)
        with LibraryWriter(box.state / "library.db") as books:
            books.forget(tuple(books.holdings()))
        shutil.rmtree(box.state / "cache")
        process = box.start(None, "fetch", *("--now", NOW.isoformat()), module="tests.support.weigh_sync")
        out, error = process.communicate(timeout=60)
        assert process.returncode == 0, error
    assert len(box.held()) == 1
    assert (box.state / "certificate.pem").exists()
    assert int(out) * 1024 < RSS_LIMIT_BYTES
