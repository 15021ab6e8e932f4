"""The library over a real web server, with every fault of lines, mirrors and school networks."""

from __future__ import annotations

import os
import random
import ssl
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from estation_box.drivers.http import HttpSource, Server
from estation_box.library import said, said_network
from estation_box.library.interfaces import MissingError, RefusedError, UnwritableError
from estation_box.library.network_interfaces import LaterError, NotNowError, PortalError
from estation_wire import stick as layout
from studio.publishing import REPOSITORY
from studio.rotation import rotate
from tests.support.certificates import Authority
from tests.support.http_server import Fault, WebServer
from tests.support.library import Made, make_stick
from tests.support.sync_box import FIRMWARE, ROOT, Box
from tests.support.trusting import copied, fetched, refreshed, rules

RSS_LIMIT_BYTES = 90 * 1000 * 1000
VIDEO_BYTES = 3 * 1024 * 1024 + 123
TIMESTAMP = f"{layout.METADATA}/timestamp.json"


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_stick(tmp_path_factory.mktemp("publisher"), videos=1, station=None, size=VIDEO_BYTES)


@pytest.fixture
def made(publisher: Made, tmp_path: Path) -> Made:
    return copied(publisher, tmp_path / "made")


@pytest.fixture
def box(publisher: Made, tmp_path: Path) -> Box:
    return Box(tmp_path / "box", publisher.root)


@pytest.fixture
def web(made: Made):
    with WebServer(made.studio / REPOSITORY) as server:
        yield server


class Clock:
    """Time that runs as fast as a test needs it: waits are written down, and over at once."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self.waits: list[float] = []
        self.slept = 0.0

    def now(self) -> float:
        return time.monotonic() * self.speed + self.slept

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.slept += seconds


def source(web: WebServer, clock: Clock | None = None, **words) -> HttpSource:
    clock = clock or Clock()
    return HttpSource(Server(web.url, **words), random.Random(1), now=clock.now, wait=clock.wait)


def content(made: Made) -> str:
    return next(iter(made.published.contents.values()))


def test_the_library_comes_by_network(made: Made, box: Box, web: WebServer):
    """Documents and videos come from a plain web server over the published folder, verified like a stick's."""
    with source(web) as http:
        took, videos = fetched(box, http)
    assert (took, videos.taken) == (True, 1)
    assert box.held() == set(made.published.contents.values())
    assert rules(box) == {"weekly"}


def test_nothing_new_costs_two_small_requests(box: Box, web: WebServer):
    """A box that has everything asks for the next root and the timestamp, and reads less than a kilobyte."""
    with source(web) as http:
        fetched(box, http)
    web.asked.clear()
    web.sent = 0
    with source(web) as http:
        took, videos = fetched(box, http)
    assert (took, videos.taken) == (False, 0)
    assert [path for path, _ in web.asked] == ["/metadata/2.root.json", "/metadata/timestamp.json"]
    assert web.sent <= 1000


def test_twelve_changes_of_keys_come_by_network(made: Made, box: Box, web: WebServer):
    """A box that was dark for twelve changes of the root keys follows them over the network."""
    for _ in range(12):
        rotate(made.studio, "root", now=datetime(2026, 11, 24, tzinfo=UTC))
    with source(web) as http:
        assert refreshed(box, http) is True


@pytest.mark.parametrize("how", ["by FIN", "by RST"])
def test_ten_cuts_cost_next_to_nothing(made: Made, box: Box, web: WebServer, how: str):
    """Ten times the line is cut within one film: it goes on at the very byte, and the film is whole."""
    cuts = [Fault("cut", f"content/{content(made)}", 250_000, reset=how == "by RST") for _ in range(11)]
    with source(web) as http:
        refreshed(box, http)
        web.faults += cuts
        web.sent = 0
        _, videos = fetched(box, http)
    assert not web.faults
    assert (videos.taken, box.held()) == (1, {content(made)})
    # a reset throws away what the kernel had not handed on yet; the server counts it as sent
    assert web.sent <= VIDEO_BYTES * (1.5 if how == "by RST" else 1.01) + 2000


def test_killed_four_times_the_film_is_whole_and_hardly_anything_comes_twice(made: Made, tmp_path: Path):
    """Power is cut four times while one film comes by network: each time it goes on behind the last good block."""
    cache, film = tmp_path / "cache", content(made)
    environment = {**os.environ, "PYTHONPATH": f"{FIRMWARE}:{ROOT}"}
    with WebServer(made.studio / REPOSITORY, rate=6_000_000) as web:
        command = [sys.executable, "-m", "tests.support.fetch_one", web.url, str(cache), film, str(VIDEO_BYTES)]
        for kill_at in (400_000, 1_400_000, 2_300_000, 3_300_000, None):
            process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
            while process.poll() is None and (kill_at is None or web.sent < kill_at):
                time.sleep(0.005)
            if kill_at is not None:
                process.kill()
                assert not (cache / film).exists()
            out, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        assert int(out) * 1024 < RSS_LIMIT_BYTES
        assert web.sent <= VIDEO_BYTES + 4 * 1_700_000
    assert (cache / film).read_bytes() == (made.studio / REPOSITORY / "content" / film).read_bytes()


@pytest.mark.parametrize("kind", ["wrong-range", "whole", "tag", "other-size", "cut"])
def test_a_server_that_answers_wrongly_does_no_harm(made: Made, box: Box, web: WebServer, kind: str):
    """A wrong range, the whole instead of the rest, another file's tag, another size: the film is right in the end."""
    name = f"content/{content(made)}"
    with source(web) as http:
        refreshed(box, http)
        web.faults += [Fault("cut", name, 12), Fault("cut", name, 1_500_000), Fault(kind, name, 5)]
        _, videos = fetched(box, http)
        if not videos.taken:  # another size: it is another file now, so that the copy rests until the next time
            assert videos.faults[0].said == said_network.WRONG_ANSWER
            assert kind == "other-size"
            _, videos = fetched(box, http)
    assert (videos.taken, box.held()) == (1, {content(made)})


def test_wrong_bytes_are_never_held(made: Made, box: Box, web: WebServer):
    """Where a mirror sends other bytes of the right length, nothing is held, and the next try is good."""
    with source(web) as http:
        refreshed(box, http)
        web.faults += [Fault("cut", f"content/{content(made)}", 12), Fault("noise", f"content/{content(made)}")]
        _, videos = fetched(box, http)
        assert (videos.taken, box.held()) == (0, set())
        assert fetched(box, http)[1].taken == 1


def test_a_server_without_ranges_serves_all_the_same(made: Made, box: Box, web: WebServer):
    """An old server that knows no ranges gives the whole film in one go."""
    web.faults += [Fault("whole", "content/")] * 5
    with source(web) as http:
        assert fetched(box, http)[1].taken == 1


@pytest.mark.parametrize("kind", ["text/html", "application/octet-stream", "video/mp4"])
@pytest.mark.parametrize("where", ["timestamp.json", "content/", "blocks/"])
def test_a_log_in_page_is_never_stored_as_a_film(made: Made, box: Box, web: WebServer, kind: str, where: str):
    """The school's log-in page is told in plain words and kept nowhere; after the log-in all is well."""
    with source(web) as http:
        if where != "timestamp.json":
            refreshed(box, http)
        web.faults += [Fault("portal", where, word=kind)] * 9
        took, videos = fetched(box, http)
        assert (videos.taken, box.held()) == (0, set())
        told = {took, *(line.said for line in videos.faults)}
        expected = {said_network.PORTAL}
        if where == "content/" and kind != "text/html":
            expected = {said.CONTENT_SHORT.about(title="Video 0")}
        assert expected <= told
        web.faults.clear()
        assert fetched(box, http)[1].taken == 1


@pytest.mark.parametrize("name", ["endless document", "endless film"])
def test_what_never_ends_is_cut_off(made: Made, box: Box, web: WebServer, name: str):
    """A server that sends for ever is read no further than the limit."""
    with source(web) as http:
        if name == "endless document":
            web.faults += [Fault("endless", "timestamp.json")]
            with pytest.raises(RefusedError):
                http.read(TIMESTAMP, 10_000)
        else:
            web.faults += [Fault("endless", "content/")] * 9
            with pytest.raises(LaterError):
                http.open(layout.content(content(made)))
    assert web.sent < 5_000_000


def test_one_byte_at_a_time_is_given_up(web: WebServer):
    """Somebody who sends a byte now and then does not hold the box: it gives up, and says so."""
    web.faults += [Fault("loris", "timestamp.json")] * 8
    with source(web, Clock(speed=400)) as http, pytest.raises(LaterError) as error:
        http.read(TIMESTAMP, 10_000)
    assert error.value.said == said_network.UNREACHABLE


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_given_the_time_that_it_asks_for(web: WebServer, status: int):
    """After Retry-After the box comes again, not sooner; one that asks for a week is tried within hours."""
    clock = Clock()
    with source(web, clock) as http:
        web.faults += [Fault("status", "timestamp.json", status, "30")]
        assert http.read(TIMESTAMP, 10_000)
        assert 30 <= clock.waits[0] <= 32
        web.faults += [Fault("status", "timestamp.json", status, "604800")]
        with pytest.raises(LaterError) as error:
            http.read(TIMESTAMP, 10_000)
    assert error.value.said == said_network.BUSY
    assert error.value.seconds <= 7 * 3600


def test_a_server_that_fails_always_is_left_after_some_tries(web: WebServer):
    """Eight failures in a row, with longer and longer waits: then it is core's to come again."""
    clock = Clock()
    web.faults += [Fault("status", "timestamp.json", 500)] * 20
    with source(web, clock) as http, pytest.raises(LaterError):
        http.read(TIMESTAMP, 10_000)
    assert 3 <= len(clock.waits) <= 7


def test_a_server_that_is_away(made: Made, box: Box, tmp_path: Path):
    """Without a server the box says that it cannot reach it, and keeps what it has."""
    with WebServer(tmp_path) as gone:
        pass
    with source(gone) as http:
        assert refreshed(box, http) == said_network.UNREACHABLE
    with WebServer(tmp_path) as empty, source(empty) as http:
        assert refreshed(box, http) == said_network.NOT_THERE


def test_the_rate_cap_is_held_on_the_wire(made: Made, box: Box, web: WebServer):
    """A film of 3 MiB under a cap of 1 MiB a second takes three seconds, within five percent."""
    clock = Clock()
    with source(web, clock, bytes_per_second=1024 * 1024) as http:
        refreshed(box, http)
        begin = clock.now()
        assert fetched(box, http)[1].taken == 1
        assert 0.95 * 3 - 0.3 <= clock.now() - begin <= 1.05 * 3 + 0.5


def test_outside_the_hours_no_video_is_fetched(made: Made, box: Box, web: WebServer):
    """By day, and on a line that costs by the byte, the documents come and no film; at the window's end it stops."""
    with source(web, no_videos=said_network.METERED) as http:
        took, videos = fetched(box, http)
    assert (took, videos.taken, videos.faults[0].said) == (True, 0, said_network.METERED)
    assert not any(path.startswith(("/content", "/blocks")) for path, _ in web.asked)
    with source(web, bytes_per_second=1024 * 1024, seconds=1.5) as http:
        _, videos = fetched(box, http)
        assert (videos.taken, videos.faults[0].said) == (0, said_network.NOT_NOW)
        with pytest.raises(NotNowError):
            http.open(layout.content(content(made)))
    assert (box.state / "cache" / f"{content(made)}.part").stat().st_size >= 1024 * 1024
    web.sent = 0
    with source(web) as http:
        assert fetched(box, http)[1].taken == 1
    assert web.sent < VIDEO_BYTES - 1024 * 1024 + 5000


def test_the_schools_proxy_is_used(made: Made, box: Box, web: WebServer):
    """Where the site names a proxy, it is asked and nobody else."""
    clock = Clock()
    server = Server("http://kepu.invalid", proxy=web.url)
    with HttpSource(server, random.Random(1), now=clock.now, wait=clock.wait) as http:
        assert fetched(box, http)[1].taken == 1


def test_redirects_are_few_and_never_from_https_to_http(made: Made, box: Box, web: WebServer):
    """A redirect on the same server is followed; one to another plain server is somebody's log-in page; a ring ends."""
    with source(web) as http:
        web.faults += [Fault("redirect", "timestamp.json", word="/metadata/timestamp.json?x=1")]
        assert http.read(TIMESTAMP, 10_000)
        web.faults += [Fault("redirect", "timestamp.json", word="http://portal.invalid/login")]
        with pytest.raises(PortalError):
            http.read(TIMESTAMP, 10_000)
        web.faults += [Fault("redirect", "timestamp.json", word="/metadata/timestamp.json")] * 9
        with pytest.raises(LaterError):
            http.read(TIMESTAMP, 10_000)


def test_a_server_is_read_only_and_has_no_papers(web: WebServer):
    """Nothing is written to a server, nothing is listed, and no profile is looked for on it."""
    with source(web) as http:
        assert http.names(layout.PROFILES, 5) == ()
        with pytest.raises(UnwritableError):
            http.write("ESTATION/returned/x", b"")
        for name in ("ESTATION/profiles/hall.json", "/etc/passwd", f"{layout.METADATA}/none.json"):
            with pytest.raises(MissingError):
                http.read(name, 10)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def secure(authority: Authority, folder: Path, name: str, **dates: datetime) -> WebServer:
    pair = authority.server(name, file=f"server-{len(list(authority.folder.iterdir()))}", **dates)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    return WebServer(folder, context=context)


def test_a_box_without_a_clock_reads_over_https(made: Made, box: Box, authority: Authority):
    """While the clock is a guess the certificate's dates are no obstacle; once the time is known they count."""
    folder = made.studio / REPOSITORY
    gone = datetime(2021, 1, 1, tzinfo=UTC)
    with secure(authority, folder, "localhost", ends=gone) as web:
        with source(web, authority=authority.pem, check_dates=False) as http:
            assert fetched(box, http)[1].taken == 1
        with source(web, authority=authority.pem) as http:
            assert refreshed(box, http) == said_network.NOT_SECURE


@pytest.mark.parametrize("wrong", ["name", "authority"])
def test_another_server_is_not_ours(made: Made, box: Box, authority: Authority, tmp_path: Path, wrong: str):
    """A certificate for another name or of another authority is refused, whatever the clock."""
    other = Authority(tmp_path / "other")
    name = "elsewhere.invalid" if wrong == "name" else "localhost"
    with secure(authority, made.studio / REPOSITORY, name) as web:
        trusted = authority.pem if wrong == "name" else other.pem
        with source(web, authority=trusted, check_dates=False) as http:
            assert refreshed(box, http) == said_network.NOT_SECURE
    assert web.sent == 0
