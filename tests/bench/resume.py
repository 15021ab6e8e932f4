"""``resume``: a film of 200 MB by network with 10 cuts and 6 kill -9, ours against aria2c and a loop of curl.

A real web server counts the bytes of bodies that it sent, block list and probes included. Cuts and kills fall at the
same bytes for all three. Ours verifies each block; aria2c the whole at its end; curl nothing, and we look ourselves.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from estation_wire.blocks import content_id
from studio.files import block_list_of
from tests.bench.result import Result, command
from tests.support.http_server import WebServer

SIZE: Final = 200_000_000
RATE: Final = 25_000_000  # bytes a second: a line that is neither a village's nor a loop in memory
CUTS, KILLS = 10, 6
TRIES: Final = 60
BAR: Final = 1.03
RSS_BAR_KIB: Final = 90_000_000 // 1024
ROOT: Final = Path(__file__).parents[2]


class Film(NamedTuple):
    """What is fetched: its content id, and the SHA-256 of all of it."""

    content: str
    sha256: str


def film(folder: Path) -> Film:
    """A library with one film of noise, as it lies on a web server."""
    noise, path = random.Random(20261125), folder / "film"
    with path.open("wb") as file:
        for _ in range(SIZE // 1_000_000):
            file.write(noise.randbytes(1_000_000))
    raw = block_list_of(path)
    content = content_id(raw)
    for part in ("content", "blocks"):
        (folder / part).mkdir()
    path.rename(folder / "content" / content)
    (folder / "blocks" / content).write_bytes(raw)
    with (folder / "content" / content).open("rb") as file:
        return Film(content, hashlib.file_digest(file, "sha256").hexdigest())


def fetched(served: Path, make: Callable[[str], list[str]]) -> tuple[int, str]:
    """Bytes that the server sent until the command succeeded, and what it said last."""
    chance = random.Random(4)
    points = sorted(chance.sample(range(SIZE // 20, SIZE * 19 // 20), CUTS + KILLS))
    kills = sorted(chance.sample(points, KILLS))
    with WebServer(served, rate=RATE) as web:
        web.cut_at = [point for point in points if point not in kills]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'firmware'}:{ROOT / 'central'}:{ROOT}"}
        for _ in range(TRIES):
            process = subprocess.Popen(
                make(web.url), env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            while process.poll() is None:
                if kills and web.sent >= kills[0]:
                    kills.pop(0)
                    process.kill()
                time.sleep(0.005)
            out, _ = process.communicate()
            if process.returncode == 0:
                return web.sent, out
    msg = f"{make('URL')[0]} did not finish in {TRIES} tries"
    raise RuntimeError(msg)


def run() -> list[Result]:
    """Bytes sent per byte of the film, against aria2c and against curl; and the memory that ours took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        served = folder / "served"
        served.mkdir()
        one = film(served)
        ours, memory = fetched(served, lambda url: _ours(url, folder, one))
        aria, _ = fetched(served, lambda url: _aria2c(url, folder, one))
        curl, _ = fetched(served, lambda url: _curl(url, folder, one))
        for path in (folder / "cache" / one.content, folder / "aria", folder / "curl"):
            with path.open("rb") as file:
                right = hashlib.file_digest(file, "sha256").hexdigest() == one.sha256
            if not right and path.name != "curl":
                msg = f"{path.name} has another film"
                raise RuntimeError(msg)
    share = ours / SIZE
    rows = [
        Result(
            id=f"resume{suffix}", value=round(share, 4), unit="x of the film", peer=peer,
            peer_value=round(theirs / SIZE, 4),
            ratio=round(theirs / ours, 3), bar=bar, ok=share <= BAR and (suffix == "-curl" or ours < theirs),
            command=command("resume"),
        )
        for suffix, peer, theirs, bar in (
            ("", "aria2c -c", aria, f"at most {BAR}x, less than aria2c"),
            ("-curl", "curl -C - in a loop (verifies nothing)", curl, f"at most {BAR}x"),
        )
    ]  # fmt: skip
    kib = int(memory)
    rows.append(
        Result(
            id="resume-memory", value=round(kib / 1024, 1), unit="MiB at most", bar="below 90 MB", ok=kib < RSS_BAR_KIB,
            command=command("resume"),
        )
    )  # fmt: skip
    return rows


def _ours(url: str, folder: Path, one: Film) -> list[str]:
    return [sys.executable, "-m", "tests.support.fetch_one", url, str(folder / "cache"), one.content, str(SIZE)]


def _aria2c(url: str, folder: Path, one: Film) -> list[str]:
    if shutil.which("aria2c") is None:
        with contextlib.suppress(subprocess.CalledProcessError):
            subprocess.run(["apt-get", "install", "-y", "aria2"], check=True, capture_output=True, timeout=300)
    words = ["aria2c", "-q", "-c", "-x1", f"--checksum=sha-256={one.sha256}", "-d", str(folder), "-o", "aria"]
    return [*words, f"{url}/content/{one.content}"]


def _curl(url: str, folder: Path, one: Film) -> list[str]:
    return ["curl", "-sS", "-C", "-", "-o", str(folder / "curl"), f"{url}/content/{one.content}"]
