"""A copy of the centre in one folder, whole or none: ``manifest.json`` is written last, and names all files.

::

    2026-11-29T120000Z/centre.pgdump     the database, as it stood at one moment
    2026-11-29T120000Z/state.tar         authority with its key, the broker's files, the cookies' secret
    2026-11-29T120000Z/manifest.json     {"v": 1, "made": …, "files": {"centre.pgdump": {"size": …, "sha256": …}}}

What boxes sent after the copy was made is not lost by it: a box keeps what it delivered for 90 days, hears from the
centre's answer to its next hello how much it has, and sends the rest again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec
from msgspec import Struct

from estation_central.settings import CentreSettings
from estation_central.upkeep import databases
from estation_central.upkeep.databases import UpkeepError
from estation_wire.decoding import decoder

MANIFEST: Final = "manifest.json"
STATE: Final = "state.tar"
LARGEST_MANIFEST: Final = 64 * 1024


class Copied(Struct, frozen=True):
    """One file of a copy."""

    size: int
    sha256: str


class Manifest(Struct, frozen=True):
    """What a copy holds. ``kind``: the database's, which is that into which it can be put back."""

    v: int
    made: datetime
    kind: str
    files: dict[str, Copied]


def make(settings: CentreSettings, folder: Path, now: datetime) -> Path:
    """Copy everything into a new folder below ``folder``; its path. Raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"{now:%Y-%m-%dT%H%M%SZ}"
    beside = folder / f".{target.name}.part"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(mode=0o700)
    database = databases.copy(settings, beside)  # first: a certificate given later than it is only one too many
    _pack(settings, beside / STATE)
    files = {name: _copied(beside / name) for name in (database.name, STATE)}
    manifest = Manifest(v=1, made=now, kind=_kind(settings), files=files)
    (beside / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    for path in (*beside.iterdir(), beside):
        _sync(path)
    beside.rename(target)
    _sync(folder)
    return target


def told(manifest: Path) -> Manifest:
    """What a manifest says. Raises `UpkeepError`."""
    try:
        with manifest.open("rb") as file:
            return decoder(Manifest).decode(file.read(LARGEST_MANIFEST))
    except (OSError, msgspec.DecodeError) as error:
        msg = f"{manifest.parent}: no whole copy of a centre ({error})"
        raise UpkeepError(msg) from None


def read(folder: Path) -> Manifest:
    """What a copy says it holds, after every byte of it was looked at. Raises `UpkeepError`."""
    manifest = told(folder / MANIFEST)
    for name, copied in manifest.files.items():
        if Path(name).name != name or not (folder / name).is_file() or _copied(folder / name) != copied:
            msg = f"{folder / name}: not what was written when the copy was made; take another copy"
            raise UpkeepError(msg)
    return manifest


def restore(settings: CentreSettings, folder: Path, *, over: bool) -> Manifest:
    """Put a copy back: what it holds replaces what is there, which ``over`` must allow. Raises `OSError`."""
    manifest = read(folder)
    if manifest.v != 1 or manifest.kind != _kind(settings):
        msg = f"{folder}: a copy of {manifest.kind}, and this centre uses {_kind(settings)}: set DATABASE_URL"
        raise UpkeepError(msg)
    if not over and (databases.filled(settings) or settings.authority.exists()):
        msg = f"there is a centre already in {settings.state}: with --over it is replaced, and lost"
        raise UpkeepError(msg)
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    (database,) = manifest.files.keys() - {STATE}
    beside = _unpack(settings, folder / STATE)
    databases.put_back(settings, folder / database)
    for path in _parts(settings):
        if path.is_dir():
            shutil.rmtree(path)
        if (beside / path.name).exists():
            (beside / path.name).rename(path)
    shutil.rmtree(beside)
    return manifest


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove the oldest whole copies beyond ``keep``; which."""
    whole = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}") if not path.parent.name.startswith("."))
    gone = whole[: max(0, len(whole) - keep)]
    for path in gone:
        (path / MANIFEST).unlink()  # from now on it is none, however far the rest comes
        shutil.rmtree(path)
    return gone


def _kind(settings: CentreSettings) -> str:
    return "PostgreSQL" if settings.database else "SQLite"


def _parts(settings: CentreSettings) -> Sequence[Path]:
    return (settings.authority, settings.broker, settings.secret_file)


def _pack(settings: CentreSettings, target: Path) -> None:
    with tarfile.open(target, "w") as archive:
        for path in _parts(settings):
            if path.exists():
                archive.add(path, arcname=path.name)
    target.chmod(0o600)


def _unpack(settings: CentreSettings, source: Path) -> Path:
    """Beside what is there: an archive that is none leaves everything as it was. Raises `UpkeepError`."""
    beside = settings.state / ".restored"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(mode=0o700)
    with tarfile.open(source) as archive:
        for member in archive:  # by hand: Debian 12's Python has no filter that would refuse the others
            place = PurePosixPath(member.name)
            if not (member.isfile() or member.isdir()) or place.is_absolute() or ".." in place.parts:
                msg = f"{source}: holds {member.name[:100]!r}, which is no file of a centre"
                raise UpkeepError(msg)
            archive.extract(member, beside)
    return beside


def _copied(path: Path) -> Copied:
    with path.open("rb") as file:
        return Copied(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
