"""The whole loop for real, without a person: broker, collector, database, and a box with its units under the stand-in.

Every part can be killed and started again; the box's player is watched from outside through its own socket.
"""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from estation_box.drivers.unix_socket import Heard, Line, Link
from estation_box.guarding import ladder
from estation_box.playout.player_words import Phase, State, decode_telling
from estation_box.simulated.init import Init
from estation_wire import codec, stick
from estation_wire.records import Head
from scripts.demo.box import UNITS, Box, write_profile
from scripts.demo.centre import STATION, Centre
from scripts.demo.processes import Children
from studio import profiles as signing
from studio.publishing import init, publish
from studio.stick import write_stick
from tests.support.library import make_video, write_source
from tests.support.postgres import Postgres
from tests.support.xvfb import Xvfb

CLIP_SECONDS = 6.0
CLIPS = 3


class Seen(NamedTuple):
    """One state of the player, as it came."""

    at: float
    state: State


class Watcher:
    """Reads what the player tells, across its deaths."""

    def __init__(self, path: Path) -> None:
        self.seen: list[Seen] = []
        self._changed = threading.Condition()
        self._link = Link(path, self._heard)

    def close(self) -> None:
        self._link.close()

    def wait(self, what: str, wanted: Callable[[list[Seen]], Any], timeout: float) -> Any:
        """Wait until ``wanted(seen)`` is true; its value."""
        ends = time.monotonic() + timeout
        with self._changed:
            while not (found := wanted(self.seen)):
                left = ends - time.monotonic()
                assert left > 0, f"not in {timeout:g} s: {what}; last {self.seen[-1:]}"
                self._changed.wait(left)
        return found

    def moves_after(self, at: float, timeout: float) -> float:
        """Seconds from ``at`` until a picture moves on the screen."""

        def moving(seen: list[Seen]) -> float | None:
            return next((moved for moved in moves(seen) if moved > at), None)

        return self.wait("a moving picture", moving, timeout) - at

    def longest_still(self, at: float, over: float, timeout: float) -> float:
        """The longest time without a picture that moves, from ``at`` until the first move after ``over``."""
        ends = over + self.moves_after(over, timeout)
        moments = [at, *(moved for moved in moves(self.seen) if at < moved <= ends)]
        return max(after - before for before, after in itertools.pairwise(moments))

    def _heard(self, heard: Heard) -> None:
        if isinstance(heard, Line):
            telling = decode_telling(heard.line)
            if isinstance(telling, State):
                with self._changed:
                    self.seen.append(Seen(time.monotonic(), telling))
                    self._changed.notify_all()


def moves(seen: list[Seen]) -> Iterator[float]:
    """The moments at which a picture was seen to have moved since the word before."""
    for before, after in itertools.pairwise(seen):
        same = before.state.player == after.state.player and before.state.session == after.state.session
        if same and 0.0 <= position(before.state) < position(after.state):
            yield after.at


def position(state: State) -> float:
    """How far the list of a state is, in seconds over all its entries; -1 where nothing plays."""
    if state.phase is not Phase.PLAYING:
        return -1.0
    return sum(entry.shown for entry in state.entries)


class Loop:
    """Everything, started and provisioned.

    ``postgres``: the database server, else SQLite. ``make`` makes the clip of a number at a path; ``watching`` is
    called ten times a second while the stick is taken in. ``environment``: more of it for the box's units.
    """

    def __init__(
        self,
        folder: Path,
        postgres: Postgres | None = None,
        make: Callable[[Path, int], object] | None = None,
        watching: Callable[[Loop], object] = lambda _loop: None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._make = make or _small_clip
        self._watching = watching
        self._environment = environment or {}
        self._struck: dict[str, list[float]] = {}
        self.folder = folder
        self.postgres = postgres
        self._stack = ExitStack()
        self.children = self._stack.enter_context(Children(folder / "logs", {"PYTHONUNBUFFERED": "1"}))
        url = postgres.url(postgres.new_database()) if postgres else ""
        self.centre = Centre(self.children, folder / "centre", url)
        self.box = Box(self.children, folder / "box")
        self.held = folder / "stick-in-hand"
        self.url = url

    def __enter__(self) -> Self:
        self.centre.prepare()
        self.centre.start_broker()
        self.centre.start_collector()
        root, self.contents = self._make_stick()
        self.box.prepare(root, virtual=True)
        screen = self._stack.enter_context(Xvfb(self.folder / "screen"))
        self.display = screen.display
        log = self._stack.enter_context((self.folder / "logs" / "box.log").open("a", buffering=1))
        self.init = Init(UNITS, self.box.root, {**os.environ, **self._environment, "DISPLAY": screen.display}, log)
        self._stack.enter_context(self.init)
        self.watcher = Watcher(self.box.root / "run/estation/player.sock")
        self._stack.callback(self.watcher.close)
        self._provision()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _make_stick(self) -> tuple[Path, tuple[str, ...]]:
        studio, source = self.folder / "studio", self.folder / "source"
        for made in (source, self.held):
            made.mkdir()
        now = datetime.now(UTC)
        root = init(studio, now=now)
        for number in range(CLIPS):
            self._make(source / f"video-{number}.mp4", number)
        write_source(source, videos=CLIPS, start=datetime(2030, 1, 1))  # noqa: DTZ001 - local wall time
        published = publish(studio, source, now=now)
        self.delegated(studio, now)
        profile = self.folder / "profile.toml"
        write_profile(profile, self.centre)
        write_stick(studio, self.held, profiles=[signing.sign_file(studio, profile, now=now)])
        return root, tuple(published.contents.values())

    def delegated(self, studio: Path, now: datetime) -> None:
        """Let others speak, too, before the stick is written; here nobody does."""

    def _provision(self) -> None:
        self.box.put_in(self.held)
        receipt = self.box.slot / stick.returned(STATION) / "receipt.html"
        ends = time.monotonic() + 120
        while not receipt.exists():
            assert time.monotonic() < ends, "the stick was not taken in"
            self._watching(self)
            time.sleep(0.1)
        self.box.pull(self.held)
        self.centre.command("sign-requests", str(self.held))
        self.box.put_in(self.held)
        self.box.wait_certificate()

    # what happens to it

    def play(self, clips: int = 8) -> None:
        """Have the centre ask for a session of so many clips."""
        several = itertools.islice(itertools.cycle(self.contents), clips)
        contents = [word for content in several for word in ("--content", content)]
        self.centre.command("send", STATION, "play", *contents)

    def wait_for_patience(self, unit: str) -> None:
        """Wait until ``unit`` may be struck again: systemd counts starts, and rare faults are no crash loop."""
        struck = self._struck.setdefault(unit, [])
        while len([at for at in struck if time.monotonic() - at < ladder.PLAYER.per + 5]) >= ladder.PLAYER.tries - 2:
            time.sleep(1)
        struck.append(time.monotonic())

    def kill(self, part: str) -> None:
        """Kill -9, and start again what PID 1 would not."""
        if part in {"player", "core", "sync"}:
            unit = f"estation-{part}.service"
            if part == "sync":
                self.box.pull(self.held)
                time.sleep(0.5)
                self.box.put_in(self.held)
            os.kill(wait_for(lambda: self.init.pid(unit), 15, f"{unit} runs"), signal.SIGKILL)
        elif part == "database":
            assert self.postgres is not None
            self.postgres.kill()
            time.sleep(0.3)
            self.postgres.start()
        else:
            self.children.process(part).kill()
            self.children.process(part).wait(10)
            {"broker": self.centre.start_broker, "collector": self.centre.start_collector}[part]()

    # what is asked of it

    def journal(self) -> list[bytes]:
        """The box's records, in order, as the very bytes."""
        path = self.box.state / "journal.db"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            return [bytes(raw) for (raw,) in database.execute("SELECT raw FROM records ORDER BY seq")]

    def stored(self) -> list[tuple[int, bytes]]:
        """The centre's records by number, however often each is there: number and the very bytes."""
        query = "SELECT seq, raw FROM journal_record ORDER BY seq"
        if self.postgres is None:
            with sqlite3.connect(self.centre.state / "centre.sqlite3") as database:
                return [(seq, _bytes(body)) for seq, body in database.execute(query)]
        import psycopg  # noqa: PLC0415

        with psycopg.connect(self.url) as connection:
            return [(seq, _bytes(body)) for seq, body in connection.execute(query).fetchall()]

    def wait_delivered(self, timeout: float) -> None:
        """Wait until the centre holds everything that the journal holds, and nothing is on the screen."""
        wait_for(
            lambda: self.watcher.seen[-1].state.phase is Phase.CARD and len(self.stored()) >= len(self.journal()),
            timeout,
            "all is delivered",
        )


def _small_clip(path: Path, number: int) -> None:
    make_video(path, seconds=CLIP_SECONDS, size="320x180", pattern=number + 1)


def wait_for(ready: Callable[[], Any], timeout: float, what: str) -> Any:
    """Wait until ``ready()`` is true; its value."""
    ends = time.monotonic() + timeout
    while not (found := ready()):
        assert time.monotonic() < ends, f"not in {timeout:g} s: {what}"
        time.sleep(0.05)
    return found


def heads(records: list[bytes]) -> list[Head]:
    """The heads of records."""
    return [codec.decode_head(raw) for raw in records]


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body)
