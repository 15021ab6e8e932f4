"""Sync as the real process: killed at any moment, with a wrong clock, and what it weighs."""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from estation_box.clock.service import Saved
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.drivers.two_copies import TwoCopies
from estation_box.library import said
from estation_box.library.card_interfaces import Place
from estation_wire.blocks import BLOCK_BYTES
from tests.support.card import Card
from tests.support.field_library import VIDEOS, lengthen
from tests.support.library import NOW, Made, make_stick
from tests.support.sync_box import FIRMWARE, ON_TIME, Box, receipt_of
from tests.support.visit_fixtures import VIDEO_BYTES

KILLS = 5
RSS_LIMIT_BYTES = 90 * 1000 * 1000


def test_killed_at_any_moment_sync_leaves_nothing_wrong_and_the_next_run_completes(made: Made, tmp_path: Path):
    """Power is cut five times while the stick is read; nothing corrupt is ever held, and then all is there."""
    chance = random.Random(20261123)
    box = Box(tmp_path / "box", made.root)
    whole = set(made.published.contents.values())
    another = shutil.copytree(made.stick, tmp_path / "another")
    started = time.monotonic()
    Box(tmp_path / "gauge", made.root).run(another)
    lasts = time.monotonic() - started
    for _ in range(KILLS):
        process = box.start(made.stick)
        time.sleep(chance.uniform(0.3, 1.1) * lasts)
        process.kill()
        process.communicate(timeout=10)
        assert box.held() <= whole
        assert box.profile is None or box.profile.station == "hall-0007"
    box.run(made.stick)
    assert box.held() == whole
    assert box.profile.station == "hall-0007"
    assert all(line.ok for line in receipt_of(made.stick).lines)
    left = {path.name for path in (box.state / "cache").iterdir()}
    assert left == whole
    assert not (box.state / "tuf.new").exists()


def test_a_box_without_a_clock_battery_is_provisioned_in_1970(made: Made, tmp_path: Path):
    """The real process, its clock in 1970, takes name, library and videos."""
    box = Box(tmp_path / "box", made.root)
    box.run(made.stick, prefix=("faketime", "-f", "@1970-01-02 00:00:00"))
    assert box.profile.station == "hall-0007"
    assert len(box.held()) == 4


@pytest.mark.parametrize("stick_is_in", [False, True])
def test_a_film_that_broke_off_is_mended_by_the_stick_that_is_in_or_the_next_one(made: Made, tmp_path, stick_is_in):
    """Nobody knew of the wrong bit before core doubted the film: it is found at once, and mended."""
    box = Box(tmp_path / "box", made.root)
    box.run(made.stick)
    film = max(box.held(), key=lambda content: (box.state / "cache" / content).stat().st_size)
    path = box.state / "cache" / film
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 4]))
    source = {"source": "stick", "root": str(made.stick)} if stick_is_in else {"source": "timer", "root": ""}
    (box.runtime / "sync-request").write_text(json.dumps({**source, "doubted": [film]}))
    said_ = box.run(None)
    assert ("1 taken" in said_) == stick_is_in
    if not stick_is_in:
        with LibraryWriter(box.state / "library.db") as books:
            assert books.bad(film)
        box.run(made.stick)
    assert path.read_bytes() == good


@pytest.mark.parametrize("what", ["large video", "whole library"])
def test_sync_stays_small(tmp_path: Path, what: str):
    """Reading a stick takes less than 90 MB of memory, however large its videos or long its catalogue."""
    size = 64 * 1024 * 1024 if what == "large video" else 0
    made = make_stick(tmp_path, videos=1, size=size)
    if what == "whole library":
        lengthen(made, VIDEOS)
    box = Box(tmp_path / "box", made.root)
    process = box.start(made.stick, module="tests.support.weigh_sync")
    out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    assert int(out) * 1024 < RSS_LIMIT_BYTES
    assert len(box.held()) == 1


def test_sync_stays_small_while_it_scrubs(tmp_path: Path):
    """A night's reading of large films takes less than 90 MB of memory, and says what it found."""
    box = Box(tmp_path / "box", make_stick(tmp_path, videos=1).root)
    card = Card(tmp_path / "box", [64 * BLOCK_BYTES] * 2)
    card.ingest()
    card.flip(card.ids[0], 0)
    with card.books() as books:
        books.scrub_on(Place(card.ids[0], 0))
    process = box.start(None, *ON_TIME, module="tests.support.weigh_sync")
    out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    assert said.FILMS_ROTTEN.about(count=1).zh in error.decode()
    assert int(out) * 1024 < RSS_LIMIT_BYTES


def test_a_night_finds_what_rots_and_the_next_stick_repairs_it(made: Made, tmp_path: Path):
    """The daily start finds a wrong bit and says so; the film is not offered; the next stick makes it whole."""
    box = Box(tmp_path / "box", made.root)
    box.run(made.stick)
    whole = set(made.published.contents.values())
    first = min(whole)
    with (box.state / "cache" / first).open("r+b") as file:
        file.write(b"\1")
    with LibraryWriter(box.state / "library.db") as books:
        books.scrub_on(Place(first, 0))
    assert said.FILMS_ROTTEN.about(count=1).zh in box.run(None, *ON_TIME)
    assert box.held() == whole - {first}
    box.run(made.stick)
    assert box.held() == whole


def test_core_hears_how_far_it_is_and_what_became_of_it(made: Made, tmp_path: Path):
    """Progress and the end come as lines on core's socket."""
    box = Box(tmp_path / "box", made.root)
    lines: list[dict] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(box.runtime / "core.sock"))
        listener.listen()
        listener.settimeout(30)

        def hear() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as words:
                lines.extend(json.loads(line) for line in words)

        thread = threading.Thread(target=hear)
        thread.start()
        box.run(made.stick)
        thread.join(timeout=30)
    assert [line["tell"] for line in lines[:1]] == ["progress"]
    assert lines[-1]["tell"] == "synced"
    assert (lines[-1]["taken"], lines[-1]["provisioned"]) == (4, True)
    assert any(line.get("words") == "正在装载 1/2 节目3" for line in lines)


def test_without_a_request_sync_only_plans(made: Made, tmp_path: Path):
    """The daily start without a stick expands the rules and removes what an interrupted copy left for nothing."""
    box = Box(tmp_path / "box", made.root)
    box.run(made.stick, "--now", "2026-11-23T08:00:00+00:00")
    stray = box.state / "cache" / f"{'a' * 64}.part"
    stray.write_bytes(b"x")
    box.run(None, "--now", "2026-11-30T08:00:00+00:00")
    assert not stray.exists()


@pytest.mark.parametrize(
    "request_text", ['{"source":"network","root":"https://x"}', "nonsense", '{"source":"stick","root":"/nowhere"}']
)
def test_a_request_that_cannot_be_done_is_said(made: Made, tmp_path: Path, request_text: str):
    """A request for the network, for a stick that is gone, or one that makes no sense, ends well and is removed."""
    box = Box(tmp_path / "box", made.root)
    (box.runtime / "sync-request").write_text(request_text)
    assert "taken" in box.run(None)
    assert not (box.runtime / "sync-request").exists()


def test_two_syncs_do_not_work_at_once(made: Made, tmp_path: Path):
    """While one sync works the other leaves its request for later."""
    box = Box(tmp_path / "box", made.root)
    with (box.state / "sync.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = box.start(made.stick)
        process.communicate(timeout=30)
    assert process.returncode == 75
    assert (box.runtime / "sync-request").exists()


def test_a_card_that_refuses_is_said(made: Made, tmp_path: Path):
    """Where the box's own card is broken, sync says so and ends with a plain word."""
    box = Box(tmp_path / "box", made.root)
    (box.state / "library.db").mkdir()
    process = box.start(made.stick)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert b"card" in error


def test_core_imports_nothing_heavy_with_the_shelf():
    """What core needs of the library brings neither TUF nor icalendar nor cryptography into its memory."""
    code = (
        "import sys, estation_box.drivers.library_store, estation_box.drivers.profile_store\n"
        "heavy = {'tuf', 'icalendar', 'dateutil', 'cryptography', 'urllib3'} & set(sys.modules)\n"
        "sys.exit(1 if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(FIRMWARE)}, timeout=30, check=False
    )
    assert done.returncode == 0


def test_the_videos_of_these_tests_have_more_than_one_block():
    """Blocks are the unit of every check; one block would prove too little."""
    assert VIDEO_BYTES > 3 * 1024 * 1024


def test_the_saved_time_says_what_has_expired(made: Made, tmp_path: Path):
    """What core saved of the time judges the library's expiry, not the clock that woke in 1970."""
    box = Box(tmp_path / "box", made.root)
    TwoCopies(box.state / "clock").write(msgspec.json.encode(Saved(floor=NOW + timedelta(days=400))))
    assert said.EXPIRED.zh in box.run(made.stick)
    assert box.held() == set()
