"""`stick-maker`: a stick for 50 stations, every byte written and read back, against rsync and ``sha256sum -c``.

The peer copies the same folder by ``rsync -a``, syncs, forgets what is in memory (as root by dropping the caches,
else file by file) and checks the sums that lie there. Both write to the same file system; the better of two tries.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from studio import profiles
from studio.publishing import init, publish
from studio.stick import write_stick
from tests.bench.result import Result, command
from tests.support.library import NOW, make_authority, make_profile, make_video, padded, wall, write_source

FILMS: Final = 10
FILM_BYTES: Final = 50 * 1024 * 1024
STATIONS: Final = 50
TRIES: Final = 2


def run() -> list[Result]:
    """Seconds for half a gigabyte and 50 profiles."""
    with tempfile.TemporaryDirectory(dir="build") as name:
        folder = Path(name)
        studio = _studio(folder)
        ours, theirs = [], []
        for _ in range(TRIES):
            ours.append(_ours(studio, folder / "stick"))
            theirs.append(_theirs(folder / "stick", folder / "peer"))
            shutil.rmtree(folder / "stick")
            shutil.rmtree(folder / "peer")
    value, peer = min(ours), min(theirs)
    return [
        Result(
            id="stick-maker", value=round(value, 2), unit="s", peer="rsync, drop caches, sha256sum -c",
            peer_value=round(peer, 2), ratio=round(peer / value, 2), bar="at most 1.1x the peer's time",
            ok=value <= 1.1 * peer, command=command("stick-maker"),
        )
    ]  # fmt: skip


def _studio(folder: Path) -> Path:
    studio, source = folder / "studio", folder / "source"
    source.mkdir()
    init(studio, now=NOW)
    chance = random.Random(1)
    for number in range(FILMS):
        film = padded(make_video(source / f"video-{number}.mp4", pattern=number), 4096)
        with film.open("r+b") as file:
            file.seek(0, os.SEEK_END)
            file.write((FILM_BYTES + 8).to_bytes(4, "big") + b"free" + chance.randbytes(FILM_BYTES))
    write_source(source, videos=FILMS, start=wall(NOW))
    published = publish(studio, source, now=NOW)
    assert len(published.contents) == FILMS, published.refused
    authority = make_authority().pem
    for number in range(STATIONS):
        profiles.sign(studio, make_profile(authority, f"hall-{number:04}"))
    return studio


def _ours(studio: Path, stick: Path) -> float:
    stick.mkdir()
    forget(studio)
    start = time.perf_counter()
    write_stick(studio, stick, profiles=sorted((studio / profiles.FOLDER).glob("*.json")))
    return time.perf_counter() - start


def _theirs(stick: Path, peer: Path) -> float:
    """The same bytes: what lies on our stick, with its sums beside it."""
    listed = subprocess.run(
        "find . -type f -print0 | xargs -0 sha256sum", shell=True, cwd=stick, capture_output=True, check=True
    )
    sums = peer.with_name("sums")
    sums.write_bytes(listed.stdout)
    forget(stick)
    start = time.perf_counter()
    subprocess.run(["rsync", "-a", f"{stick}/", f"{peer}/"], check=True, timeout=300)
    subprocess.run(["sync", "-f", str(peer)], check=True, timeout=300)
    forget(peer)
    subprocess.run(["sha256sum", "--quiet", "-c", str(sums.resolve())], cwd=peer, check=True, timeout=300)
    return time.perf_counter() - start


def forget(folder: Path) -> None:
    """Drop what the machine's memory holds of a folder."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
