"""Writing a stick: everything whole or not at all, the file that makes a library count last."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Final

from estation_wire import stick as layout
from estation_wire.errors import WireError
from estation_wire.profile import decode_envelope
from estation_wire.values import HEX64_PATTERN, STATION_PATTERN, matches
from studio.errors import Progress, StudioError, silent
from studio.files import copy_whole, need_room, read_back, write_whole
from studio.publishing import REPOSITORY

MIB: Final = 1024 * 1024
WORN: Final = (
    "the stick gives back other bytes than were written: it is worn out, or smaller than it says; take another"
)
README: Final = """科普e站 U 盘  E-Station stick

一、把 U 盘插进科普e站的盒子。电视上显示进度。
二、电视上说“可以拔出”时再拔。
三、用电脑打开 ESTATION/returned/站名/receipt.html 看结果。
四、ESTATION 文件夹里的文件请不要改名、移动或删除。

1. Put the stick into the box. The TV shows how far it is.
2. Pull it when the TV says that you may.
3. On a computer, open ESTATION/returned/STATION/receipt.html to see what was done.
4. Please do not rename, move or delete anything in the folder ESTATION.
"""


def write_stick(
    folder: Path,
    stick: Path,
    *,
    profiles: Iterable[Path] = (),
    certificates: Iterable[Path] = (),
    progress: Progress = silent,
) -> None:
    """Put the studio's library, and the profiles and certificates given, on the stick mounted at ``stick``.

    What is there already stays, what the library no longer names goes; interrupted, run it again. Raises `StudioError`.
    """
    repository = folder / REPOSITORY
    if not (repository / "metadata" / "timestamp.json").is_file():
        msg = f"{folder} has published nothing: run `estation-studio publish` first"
        raise StudioError(msg)
    if not stick.is_dir():
        msg = f"{stick} is no folder: is the stick mounted there?"
        raise StudioError(msg)
    papers = [*_profiles(profiles), *_certificates(certificates)]
    try:
        _library(repository, stick, progress)
        for name, data in papers:
            write_whole(stick / name, data)
        write_whole(stick / layout.READ_ME, README.replace("\n", "\r\n").encode("utf-8-sig"))
    except OSError as error:
        msg = f"the stick cannot be written ({error}): is it full, write-protected or pulled?"
        raise StudioError(msg) from None
    progress("done", 1.0)


def _library(repository: Path, stick: Path, progress: Progress) -> None:
    for part in (layout.CONTENT, layout.BLOCKS):
        _remove_strays(stick / part, repository / part.rpartition("/")[2])
    missing = [path for path in sorted((repository / "content").iterdir()) if not _there(path, stick / layout.CONTENT)]
    need_room(stick, sum(path.stat().st_size for path in missing))
    _films(repository, missing, stick / layout.CONTENT, progress)
    for part in (layout.BLOCKS, layout.TARGETS):
        _copy_small(repository / part.rpartition("/")[2], stick / part)
    _copy_small(repository / "metadata", stick / layout.METADATA, last="timestamp.json")


def _films(repository: Path, missing: list[Path], target: Path, progress: Progress) -> None:
    """Copy each film and read it back from the stick, the one before while the next is written."""
    report = Moved(sum(path.stat().st_size for path in missing), progress)
    with ThreadPoolExecutor(1) as pool:
        proofs: list[Future[bool]] = []
        for path in missing:
            blocks = (repository / "blocks" / path.name).read_bytes()
            if copy_whole(path, target / path.name, report.moved) != blocks:
                (target / path.name).unlink()
                msg = f"{path} is damaged: publish again from the editor's folder"
                raise StudioError(msg)
            proofs.append(pool.submit(read_back, target / path.name, blocks, report.moved))
        for path, proof in zip(missing, proofs, strict=True):
            if not proof.result():
                (target / path.name).unlink()
                raise StudioError(WORN)


class Moved:
    """Progress by bytes, each of which is written once and read back once."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total, self._progress, self._done, self._lock = total * 2, progress, 0, Lock()

    def moved(self, count: int) -> None:
        """So many more bytes were written, or read back."""
        with self._lock:
            self._done += count
            words = f"{self._done // MIB} of {self._total // MIB} MiB written and read back"
            self._progress(words, self._done / self._total)


def _there(path: Path, folder: Path) -> bool:
    """Whether a file of this name and size lies in ``folder``: it got its name when it was whole."""
    other = folder / path.name
    return other.is_file() and other.stat().st_size == path.stat().st_size


def _copy_small(source: Path, target: Path, last: str = "") -> None:
    for path in sorted(source.iterdir(), key=lambda path: (path.name == last, path.name)):
        if not path.name.startswith("."):
            write_whole(target / path.name, path.read_bytes())


def _remove_strays(folder: Path, wanted: Path) -> None:
    """Remove what is named like ours and is in the library no more; a file of somebody else's stays."""
    if folder.is_dir():
        for path in folder.iterdir():
            if matches(HEX64_PATTERN, path.name) and not (wanted / path.name).exists():
                path.unlink()


def _profiles(paths: Iterable[Path]) -> Iterable[tuple[str, bytes]]:
    for path in paths:
        data = _read(path)
        try:
            decode_envelope(data)
        except WireError as error:
            msg = f"{path}: {error}; make it with `estation-studio profile`"
            raise StudioError(msg) from None
        yield layout.profile(_station(path)), data


def _certificates(paths: Iterable[Path]) -> Iterable[tuple[str, bytes]]:
    for path in paths:
        yield layout.certificate(_station(path)), _read(path)


def _station(path: Path) -> str:
    if not matches(STATION_PATTERN, path.stem):
        msg = f"{path} must be named for its station"
        raise StudioError(msg)
    return path.stem


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"{path}: {error}"
        raise StudioError(msg) from None
