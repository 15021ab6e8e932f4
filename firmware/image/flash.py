"""Write the card image to a card, and read it back. `scripts/flash` is its command; it needs no package but Debian's.

Nothing is written without ``--yes``, to a disk that is in use, or to one that is neither a card nor a stick. What was
written is read back from the card itself and held against the image's SHA-256: cards that lie about their size or
lose blocks are found here, and not in a hall.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
IMAGE: Final = ROOT / "build/image/estation.img.zst"
STAGES: Final = ROOT / "firmware/image/stages"
PYTHON: Final = ROOT / ".venv/bin/python"
_CHECK: Final = """
import sys
from pathlib import Path
from estation_box import settings
try:
    print(settings.read(Path(sys.argv[1]), sys.argv[2]).tv.picture)
except settings.SettingsError as error:
    sys.exit(str(error))
"""
BLOCK_BYTES: Final = 4 << 20
FORGET: Final = 0x1261  # BLKFLSBUF of linux/fs.h: the kernel drops what it remembers of the disk
COMMAND_SECONDS: Final = 600  # 2 GB out of a .zst on an old laptop


class FlashError(Exception):
    """What stands against it, and what to do."""


class Disk(NamedTuple):
    """A whole disk of this machine, or a regular file in its place; ``why_not`` is empty where it may be written to."""

    path: str
    size_bytes: int
    model: str
    why_not: str


def judged(told: Mapping[str, Any]) -> Disk:
    """One of lsblk's disks: whether a card may be made of it."""
    used = [place for part in _with_parts(told) for place in part.get("mountpoints") or () if place]
    why = ""
    if told["ro"]:
        why = "it cannot be written to: look at the lock on its side"
    elif not (told["rm"] or told["hotplug"]) or told["type"] != "disk":
        why = "it is neither a card nor a stick"
    elif not told["size"]:
        why = "there is no card in it"
    if used:
        why = f"it is in use ({', '.join(used)}): unmount it first"
    return Disk(told["path"], int(told["size"] or 0), (told["model"] or "").strip(), why)


def _with_parts(told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield told
    for part in told.get("children") or ():
        yield from _with_parts(part)


def disks() -> list[Disk]:
    """The disks of this machine, as lsblk knows them."""
    asked = ["lsblk", "--json", "--bytes", "--output", "PATH,SIZE,MODEL,RM,HOTPLUG,RO,TYPE,MOUNTPOINTS"]
    done = subprocess.run(asked, check=True, capture_output=True, timeout=COMMAND_SECONDS)
    return [judged(told) for told in json.loads(done.stdout)["blockdevices"]]


def chosen(where: Path, needed_bytes: int, known: list[Disk]) -> Disk:
    """The disk that was named, if it may be used and is large enough. Raises `FlashError`."""
    if where.is_file():
        disk = Disk(str(where), where.stat().st_size, "a file", "")
    else:
        found = [disk for disk in known if disk.path == os.path.realpath(where)]
        if not found:
            msg = f"{where} is no whole disk: scripts/flash without a word lists them"
            raise FlashError(msg)
        disk = found[0]
    if disk.why_not:
        msg = f"{where}: {disk.why_not}"
        raise FlashError(msg)
    if disk.size_bytes < needed_bytes:
        msg = f"{where} holds {disk.size_bytes >> 20} MB, the image needs {needed_bytes >> 20}: take a larger card"
        raise FlashError(msg)
    return disk


class Own(NamedTuple):
    """What this card shall have of its own: the publisher's ``root.json``, and a ``box.toml``."""

    trust: Path | None = None
    settings: Path | None = None


def checked(settings: Path) -> bool:
    """Whether this `box.toml` asks for composite. Raises `FlashError` where a box would not understand it."""
    if not settings.is_file():
        msg = f"{settings} is not there"
        raise FlashError(msg)
    if not PYTHON.exists():
        msg = "a box.toml is checked before it goes on a card, by the box's own reader: run make set-up first"
        raise FlashError(msg)
    done = subprocess.run(
        [PYTHON, "-c", _CHECK, settings.resolve().parent, settings.name], cwd=ROOT, check=False, capture_output=True,
        text=True, timeout=COMMAND_SECONDS, env={**os.environ, "PYTHONPATH": str(ROOT / "firmware")},
    )  # fmt: skip
    if done.returncode:
        raise FlashError(done.stderr.strip()[-500:])
    return done.stdout.strip() == "composite"


def unpacked(image: Path, own: Own, folder: Path) -> Path:
    """The image as it goes on the card: taken out of its .zst, with what is this card's own."""
    composite = own.settings is not None and checked(own.settings)
    card = folder / "card.img"
    if image.suffix == ".zst":
        _run("zstd", "-q", "-d", "--sparse", image, "-o", card)
    elif own.trust or own.settings:
        _run("cp", "--sparse=always", image, card)
    else:
        return image
    for file, name in ((own.trust, "root.json"), (own.settings, "box.toml")):
        if file:
            _run(STAGES / "trust-card", file.resolve(), card, name)
    if composite:
        _run(STAGES / "composite-card", card)
    return card


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        list(map(str, command)), cwd=ROOT, check=False, capture_output=True, text=True, timeout=COMMAND_SECONDS
    )
    if done.returncode:
        msg = f"{Path(command[0]).name}: {done.stderr.strip()[-500:]}"
        raise FlashError(msg)


def write(image: Path, where: Path, tell: Callable[[int], None]) -> str:
    """Copy the image; the SHA-256 of what was read, in hex. Each block is on the card before the next is told."""
    with image.open("rb") as source, os.fdopen(os.open(where, os.O_WRONLY | os.O_EXCL), "wb", buffering=0) as card:
        digest, done = hashlib.sha256(), 0
        while block := source.read(BLOCK_BYTES):
            digest.update(block)
            _whole(card, block)
            os.fdatasync(card)
            done += len(block)
            tell(done)
    return digest.hexdigest()


def _whole(card: BinaryIO | Any, block: bytes) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[card.write(rest) :]


def read_back(where: Path, size_bytes: int, tell: Callable[[int], None]) -> str:
    """The SHA-256 of the card's first ``size_bytes``, read from the card and not from this machine's memory."""
    with where.open("rb", buffering=0) as card:
        if where.is_block_device():
            fcntl.ioctl(card, FORGET)
        os.posix_fadvise(card.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        digest, done = hashlib.sha256(), 0
        while done < size_bytes and (block := card.read(min(BLOCK_BYTES, size_bytes - done))):
            digest.update(block)
            done += len(block)
            tell(done)
    return digest.hexdigest()


def _progress(word: str, size_bytes: int) -> Callable[[int], None]:
    def tell(done: int) -> None:
        sys.stderr.write(f"\r{word} {done * 100 // size_bytes:3d} %")
        sys.stderr.flush()

    return tell


def flash(where: Path, image: Path, own: Own, *, sure: bool) -> str:
    """Do it; the sentence that says what was done. Raises `FlashError`."""
    if not image.is_file():
        msg = f"{image} is not there: run make image"
        raise FlashError(msg)
    chosen(where, 0, disks())  # before the image is taken out of its .zst, which takes a while
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=image.resolve().parent))
        card = unpacked(image, own, Path(folder))
        size = card.stat().st_size
        disk = chosen(where, size, disks())
        what = f"{disk.path} ({disk.model or 'no name'}, {disk.size_bytes / 1e9:.1f} GB)"
        if not sure:
            return f"{what} would be overwritten with {image.name}. Nothing was written: say it again with --yes"
        written = write(card, where, _progress("written", size))
        if read_back(where, size, _progress("read back", size)) != written:
            msg = f"\n{what} does not hold what was written to it: throw this card away"
            raise FlashError(msg)
        return f"\n{what} holds the image, read back: SHA-256 {written}"


def main(arguments: list[str]) -> str:
    """The command; the text for its standard output."""
    parser = argparse.ArgumentParser(prog="scripts/flash", description="Write the card image to a card.")
    parser.add_argument("disk", nargs="?", type=Path, help="the card, or a regular file; none lists the cards")
    parser.add_argument("--image", type=Path, default=IMAGE, help="another image, .img or .zst")
    parser.add_argument("--trust", type=Path, help="the publisher's root.json, which the box will believe")
    parser.add_argument("--settings", type=Path, help="a box.toml of this box's own: TV, button, light")
    parser.add_argument("--yes", action="store_true", help="really write")
    said = parser.parse_args(arguments)
    if said.disk is None:
        usable = [disk for disk in disks() if not disk.why_not]
        lines = [f"{disk.path}  {disk.size_bytes / 1e9:.1f} GB  {disk.model}" for disk in usable]
        return "\n".join(lines) or "no card and no stick that could be written to"
    return flash(said.disk, said.image, Own(said.trust, said.settings), sure=said.yes)


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))  # noqa: T201 - a command speaks on its standard output
    except (FlashError, OSError) as error:
        sys.exit(str(error))
