"""kill -9 of every part at random moments of real sessions: the picture goes on, each record is stored exactly once."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from estation_box.playout.player_words import Phase
from estation_wire import codec
from estation_wire.records import SessionEnded, SessionStarted
from tests.scenario.loop import Loop
from tests.support.postgres import Postgres

pytestmark = pytest.mark.screen
PARTS = ("core", "player", "sync", "collector", "broker", "database")
PICTURE_BACK_SECONDS = 2.0
SEED = 20261124


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with Postgres() as postgres, Loop(tmp_path, postgres) as running:
        yield running


def play_on(loop: Loop) -> None:
    """A session is on the screen when this returns."""
    last = loop.watcher.seen[-1].state
    if last.phase is not Phase.PLAYING:
        loop.play()
    loop.watcher.moves_after(time.monotonic(), 20)


def kill_all_parts(loop: Loop, each: int, seed: int) -> dict[str, list[float]]:
    """Kill every part ``each`` times in a random order; seconds until the picture moved again, by part."""
    chance = random.Random(seed)
    order = [part for part in PARTS for _ in range(each)]
    chance.shuffle(order)
    back: dict[str, list[float]] = {part: [] for part in PARTS}
    for part in order:
        if part in {"core", "player"}:
            loop.wait_for_patience(f"estation-{part}.service")
        play_on(loop)
        time.sleep(chance.uniform(0.0, 1.0))
        at = time.monotonic()
        loop.kill(part)
        back[part].append(loop.watcher.moves_after(at, 15))
    return back


def judge(loop: Loop) -> None:
    """Every record of the box is in the database exactly once, in order, byte for byte; every session has its end."""
    loop.wait_delivered(120)
    journal, stored = loop.journal(), loop.stored()
    assert [seq for seq, _ in stored] == list(range(1, len(journal) + 1))
    assert [body for _, body in stored] == journal
    records = [codec.decode_record(raw) for raw in journal]
    started = [(r.session, r.part) for r in records if isinstance(r, SessionStarted)]
    ended = [(r.session, r.part) for r in records if isinstance(r, SessionEnded)]
    assert started == ended
    assert len(set(started)) == len(started) > 0


@pytest.mark.timeout(300)
def test_nothing_is_lost_or_doubled_whatever_is_killed(loop):
    """Thirty kills later the hall has seen its films, and the centre has every session once."""
    back = kill_all_parts(loop, 5, SEED)
    print({part: [round(seconds, 2) for seconds in times] for part, times in back.items()})
    judge(loop)
    assert max(back["player"]) <= PICTURE_BACK_SECONDS
    for part in ("core", "sync", "collector", "broker", "database"):
        assert max(back[part]) <= PICTURE_BACK_SECONDS, part


@pytest.mark.soak
def test_soak_of_two_hundred_kills_a_part(loop):
    """The same for hours, with other moments."""
    back = kill_all_parts(loop, 200, SEED + 1)
    judge(loop)
    assert max(back["player"]) <= PICTURE_BACK_SECONDS
