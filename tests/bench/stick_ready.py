"""`stick-ready`: a bare box and a 20-GB stick: from the start of the reader to the first "you may pull".

This week's three clips are 100 MB of real bytes each; the other 197 are sparse files of 100 MB with block lists of
their own, of which a box has to read nothing before the word. The peer is `cp` of the same three files and `sync`.
Mounting is not in it: the folder is the stick.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from estation_box.library.sync_words import Progress, decode_word
from estation_wire import stick as layout
from estation_wire.blocks import BLOCK_BYTES, content_id, digest
from estation_wire.profile import Minimum
from tests.bench.result import Result, command
from tests.bench.stick_maker import forget
from tests.support.field_library import publish_more
from tests.support.library import Made, make_stick
from tests.support.sync_box import Box

TRIES: Final = 5
CLIP_BYTES: Final = 100_000_000
CLIPS: Final = 3
OTHERS: Final = 197
BAR_SECONDS: Final = 10.0
ROOT: Final = Path(__file__).parents[2]


def run() -> list[Result]:
    """Seconds to the word."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as name:
        folder = Path(name)
        made = make_stick(folder, videos=CLIPS, size=CLIP_BYTES, shows=CLIPS, minimum=Minimum(seconds=2))
        lists = [_sparse_list(number) for number in range(OTHERS)]
        publish_more(made, OTHERS, sizes={content_id(raw): CLIP_BYTES for raw in lists})
        for number, raw in enumerate(lists):
            _put(made.stick, number, raw)
        assert sum(path.stat().st_size for path in (made.stick / layout.CONTENT).iterdir()) >= 20e9
        ours, theirs = [], []
        for number in range(TRIES):
            forget(made.stick / layout.CONTENT)
            ours.append(_to_the_word(Box(folder / f"box-{number}", made.root), made))
            shutil.rmtree(folder / f"box-{number}")
            shutil.rmtree(made.stick / layout.RETURNED)  # the next box is another one: the profile is fresh again
            forget(made.stick / layout.CONTENT)
            theirs.append(_copied(made, folder / "peer"))
    value, peer = statistics.median(ours), statistics.median(theirs)
    return [
        Result(
            id="stick-ready", value=round(value, 2), unit="s p50", peer="cp of the same 3 files && sync",
            peer_value=round(peer, 2), ratio=round(peer / value, 2), bar=f"at most {BAR_SECONDS:g} s",
            ok=value <= BAR_SECONDS, command=command("stick-ready"),
        )
    ]  # fmt: skip


def _to_the_word(box: Box, made: Made) -> float:
    """Seconds from the start of the process until core hears that the stick may be pulled; then it is pulled."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(box.runtime / "core.sock"))
        listener.listen()
        listener.settimeout(60)
        start = time.perf_counter()
        process = box.start(made.stick)
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as words:
            heard = (decode_word(line) for line in words)
            ready = next((word for word in heard if isinstance(word, Progress) and word.ready), None)
            took = time.perf_counter() - start
            process.kill()
        told = b"".join(process.communicate(timeout=60))
        assert ready is not None, told.decode()
    assert box.held() >= set(made.published.contents.values())
    return took


def _copied(made: Made, there: Path) -> float:
    shutil.rmtree(there, ignore_errors=True)
    there.mkdir()
    clips = [made.stick / layout.content(content) for content in made.published.contents.values()]
    start = time.perf_counter()
    subprocess.run(["cp", *map(str, clips), str(there)], check=True, timeout=300)
    subprocess.run(["sync", "-f", str(there)], check=True, timeout=300)
    return time.perf_counter() - start


def _head(number: int) -> bytes:
    return b"\0\0\0\x20ftyp" + number.to_bytes(8, "big")


def _sparse_list(number: int) -> bytes:
    """The block list of a film that is a head and then zeros."""
    first = _head(number).ljust(BLOCK_BYTES, b"\0")
    whole, rest = divmod(CLIP_BYTES, BLOCK_BYTES)
    return digest(first) + digest(bytes(BLOCK_BYTES)) * (whole - 1) + digest(bytes(rest))


def _put(stick: Path, number: int, raw: bytes) -> None:
    content = content_id(raw)
    with (stick / layout.content(content)).open("wb") as file:
        file.write(_head(number))
        file.truncate(CLIP_BYTES)
    (stick / layout.block_list(content)).write_bytes(raw)
