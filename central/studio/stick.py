"""Writing a stick: everything whole or not at all, the file that makes a library count last."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from estation_wire import stick as layout
from estation_wire.errors import WireError
from estation_wire.library import CATALOGUE_NAME, Catalogue, Item, decode_document, words
from estation_wire.profile import decode_envelope
from estation_wire.values import HEX64_PATTERN, STATION_PATTERN, matches
from studio.errors import Progress, StudioError, silent
from studio.files import copy_whole, need_room, read_back, write_whole
from studio.keyring import Keyring
from studio.publishing import REPOSITORY
from studio.repository import Repository

MIB: Final = 1024 * 1024
LANGUAGES: Final = ("zh-Hans", "en")
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


class Load(NamedTuple):
    """What a stick would get: whose profiles, which films (and bytes) it has not yet, what goes, what is nowhere.

    ``missing``: titles of films that signed documents name and whose files this studio does not have.
    """

    stations: tuple[str, ...]
    films: tuple[Path, ...]
    size: int
    gone: int
    missing: tuple[str, ...]
    pictures: tuple[Path, ...] = ()
    """The films' small pictures that it has not yet."""


def plan(folder: Path, stick: Path, profiles: Iterable[Path] = ()) -> Load:
    """What `write_stick` would do; nothing is written. Raises `StudioError`."""
    repository = _ready(folder, stick)
    signed = signed_items(folder)
    films, missing = [], []
    for item in signed.values():
        path = repository / "content" / item.id
        if not path.is_file():
            missing.append(words(item.titles, LANGUAGES))
        elif not _there(path, stick / layout.CONTENT):
            films.append(path)
    here = (repository / "content" / name for name in sorted(_pictures(signed)))
    pictures = tuple(path for path in here if path.is_file() and not _there(path, stick / layout.CONTENT))
    stations = tuple(dict.fromkeys(_station(path) for path in profiles))
    gone = len(_strays(stick / layout.CONTENT, signed.keys() | _pictures(signed)))
    size = sum(path.stat().st_size for path in (*films, *pictures))
    return Load(stations, tuple(sorted(films)), size, gone, tuple(missing), pictures)


def signed_items(folder: Path) -> dict[str, Item]:
    """Every film that the publisher and its delegates have signed, by content id; what was recalled is none."""
    return repository_items(Repository(folder / REPOSITORY, Keyring(folder / "keys")))


def repository_items(repository: Repository) -> dict[str, Item]:
    """See `signed_items`."""
    catalogues = []
    for role in repository.roles():
        raw = repository.document(CATALOGUE_NAME if role == "targets" else f"{role}.{CATALOGUE_NAME}", role)
        if raw is not None:
            try:
                catalogues.append(decode_document(Catalogue, raw))
            except WireError as error:
                msg = f"the catalogue of {role} cannot be read: {error}"
                raise StudioError(msg) from None
    banned = frozenset(catalogues[0].recalled) if catalogues else frozenset()
    items: dict[str, Item] = {}
    for catalogue in catalogues:
        gone = banned.union(catalogue.recalled)
        items |= {item.id: item for item in catalogue.items if item.id not in gone and item.id not in items}
    return items


def _pictures(items: Mapping[str, Item]) -> frozenset[str]:
    """The content ids of the films' small pictures."""
    return frozenset(item.poster.id for item in items.values() if item.poster is not None)


def _ready(folder: Path, stick: Path) -> Path:
    repository = folder / REPOSITORY
    if not (repository / "metadata" / "timestamp.json").is_file():
        msg = f"{folder} has published nothing: run `estation-studio publish` first"
        raise StudioError(msg)
    if not stick.is_dir():
        msg = f"{stick} is no folder: is the stick mounted there?"
        raise StudioError(msg)
    return repository


def write_stick(
    folder: Path,
    stick: Path,
    *,
    profiles: Iterable[Path] = (),
    certificates: Iterable[Path] = (),
    progress: Progress = silent,
) -> Load:
    """Put the studio's library, and the profiles and certificates given, on the stick mounted at ``stick``.

    What is there already stays, what no signed document names goes; interrupted, run it again. What it did. Raises
    `StudioError`.
    """
    repository, profiles = _ready(folder, stick), list(profiles)
    papers = [*_profiles(profiles), *_certificates(certificates)]
    load = plan(folder, stick, profiles)
    try:
        signed = signed_items(folder)
        _library(repository, stick, load, signed.keys() | _pictures(signed), progress)
        for name, data in papers:
            write_whole(stick / name, data)
        write_whole(stick / layout.READ_ME, README.replace("\n", "\r\n").encode("utf-8-sig"))
    except OSError as error:
        msg = f"the stick cannot be written ({error}): is it full, write-protected or pulled?"
        raise StudioError(msg) from None
    progress("done", 1.0)
    return load


def _library(repository: Path, stick: Path, load: Load, signed: Collection[str], progress: Progress) -> None:
    for part in (layout.CONTENT, layout.BLOCKS):
        for path in _strays(stick / part, signed):
            path.unlink()
    need_room(stick, load.size)
    _films(repository, [*load.films, *load.pictures], stick / layout.CONTENT, progress)
    _copy_small(repository / "blocks", stick / layout.BLOCKS, only=signed)
    _copy_small(repository / "targets", stick / layout.TARGETS)
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


def _copy_small(source: Path, target: Path, *, last: str = "", only: Collection[str] | None = None) -> None:
    for path in sorted(source.iterdir(), key=lambda path: (path.name == last, path.name)):
        if not path.name.startswith(".") and (only is None or path.name in only):
            write_whole(target / path.name, path.read_bytes())


def _strays(folder: Path, signed: Collection[str]) -> list[Path]:
    """What is named like ours and no signed document names (any more); a file of somebody else's stays."""
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if matches(HEX64_PATTERN, path.name) and path.name not in signed]


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
