"""Films by network through ten cuts of the line and kills at any moment: whole in the end, and hardly a byte twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from estation_wire.blocks import BLOCK_BYTES
from studio.publishing import REPOSITORY
from tests.support.http_server import WebServer
from tests.support.library import Made, make_stick
from tests.support.sync_box import FIRMWARE, ROOT

FILM_BYTES = 6 * 1024 * 1024 + 123
CUTS, KILLS = 10, 6
RATE_BYTES_PER_SECOND = 8_000_000


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_stick(tmp_path_factory.mktemp("publisher"), videos=1, station=None, size=FILM_BYTES)


def fetch(web: WebServer, cache: Path, film: str, killed: Callable[[], bool]) -> bool:
    """One start of the process, killed once it is time; whether it came to its end."""
    command = [sys.executable, "-m", "tests.support.fetch_one", web.url, str(cache), film, str(FILM_BYTES)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": f"{FIRMWARE}:{ROOT}"}, stdout=subprocess.PIPE)
    while process.poll() is None:
        if killed():
            process.kill()
            break
        time.sleep(0.002)
    process.communicate(timeout=60)
    return process.returncode == 0


def whole(publisher: Made, cache: Path, film: str) -> bool:
    return (cache / film).read_bytes() == (publisher.studio / REPOSITORY / "content" / film).read_bytes()


def test_ten_cuts_and_six_kills_in_one_film(publisher: Made, tmp_path: Path):
    """The film is whole; a kill costs at most the block that was being read and what was under way."""
    (film,) = publisher.published.contents.values()
    cache = tmp_path / "cache"
    chance = random.Random(20261125)
    with WebServer(publisher.studio / REPOSITORY, rate=RATE_BYTES_PER_SECOND) as web:
        web.cut_at = sorted(chance.sample(range(200_000, FILM_BYTES), CUTS))
        kills = sorted(chance.sample(range(400_000, FILM_BYTES), KILLS))
        for at in kills:
            assert not fetch(web, cache, film, lambda at=at: web.sent >= at)
            assert not (cache / film).exists()
        assert fetch(web, cache, film, lambda: False)
        assert not web.cut_at, "not all cuts were met"
        assert web.sent <= FILM_BYTES + KILLS * (BLOCK_BYTES + 800_000)
    assert whole(publisher, cache, film)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_five_hundred_kills_at_any_moment(publisher: Made, tmp_path: Path):
    """Whenever power fails while a film comes: nothing that is not whole bears its name, and the next start goes on."""
    (film,) = publisher.published.contents.values()
    chance = random.Random(4)
    with WebServer(publisher.studio / REPOSITORY, rate=RATE_BYTES_PER_SECOND) as web:
        for number in range(500):
            cache = tmp_path / f"cache-{number // 3}"  # two kills in a row meet what the first has left
            until = time.monotonic() + chance.uniform(0, 1.5)
            fetch(web, cache, film, lambda until=until: time.monotonic() >= until)
            assert not (cache / film).exists() or whole(publisher, cache, film)
        assert fetch(web, cache, film, lambda: False)
    assert whole(publisher, cache, film)
