"""The publisher's metadata, through python-tuf's client, with a stick as its source.

The client works on a copy of the box's metadata, which takes the original's place when all has been verified: so a half
copied stick leaves nothing behind. The client itself never syncs to the card; `keep` does.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from securesystemslib.exceptions import StorageError
from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    ExpiredMetadataError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import TargetFile
from tuf.ngclient import FetcherInterface, Updater

from estation_box.drivers.profile_store import sync_folder
from estation_box.library import said
from estation_box.library.interfaces import (
    CardError,
    MissingError,
    RefusedError,
    Stick,
    StickError,
    Versions,
)
from estation_wire import stick as layout
from estation_wire.library import DOCUMENT_LIMIT_BYTES

METADATA_LIMIT_BYTES: Final = 5_000_000  # the client's own limit for its largest file
TRUST_ROOT_LIMIT_BYTES: Final = 512_000
_URL: Final = "stick:/"
_ROLES: Final = ("root", "timestamp", "snapshot", "targets")


class _Signed(Struct):
    """What we read ourselves of metadata that the client has verified."""

    version: int
    newest_root: int = msgspec.field(name="x-estation-root", default=0)


class _File(Struct):
    signed: _Signed


class _Fetcher(FetcherInterface):
    """The client's downloads, from the stick's one folder of metadata."""

    def __init__(self, stick: Stick) -> None:
        self._stick = stick

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            return iter([self._stick.read(url.removeprefix(_URL), METADATA_LIMIT_BYTES)])
        except MissingError as error:
            raise DownloadHTTPError(str(error), 404) from error


class TufAttempt:
    """See `Attempt`."""

    def __init__(self, updater: Updater, stick: Stick, work: Path, kept: Path) -> None:
        self._updater = updater
        self._stick = stick
        self._work = work
        self._kept = kept
        self.versions = _versions(work)
        self.stated_root = _read(work, "targets").newest_root

    def digest(self, name: str) -> str:
        """See `Attempt.digest`."""
        return self._target(name).hashes["sha256"]

    def document(self, name: str) -> bytes:
        """See `Attempt.document`."""
        target = self._target(name)
        try:
            data = self._stick.read(f"{layout.TARGETS}/{target.hashes['sha256']}.{name}", DOCUMENT_LIMIT_BYTES)
            target.verify_length_and_hashes(data)
        except MissingError as error:
            raise RefusedError(said.HALF_COPIED, str(error)) from None
        except RepositoryError as error:
            raise RefusedError(said.HALF_COPIED, f"{name}: {error}") from None
        return data

    def keep(self) -> None:
        """See `Attempt.keep`. Cut between the two steps there is no metadata, and the mark stands guard alone."""
        try:
            for path in self._work.rglob("*.json"):
                with path.open("rb") as file:
                    os.fsync(file.fileno())
            sync_folder(self._work / "root_history")
            sync_folder(self._work)
            shutil.rmtree(self._kept, ignore_errors=True)
            self._work.rename(self._kept)
            sync_folder(self._kept.parent)
        except OSError as error:
            raise CardError(said.BOX_FAULT, str(error)) from error

    def _target(self, name: str) -> TargetFile:
        with _translated():
            target = self._updater.get_targetinfo(name)
        if target is None or "sha256" not in target.hashes or target.length > DOCUMENT_LIMIT_BYTES:
            raise RefusedError(said.HALF_COPIED, f"{name} is not signed")
        return target


class TufClient:
    """See `TrustClient`. ``folder`` keeps the metadata; ``trust_root`` is the root that came with the image."""

    def __init__(self, folder: Path, trust_root: Path) -> None:
        self._folder = folder
        self._trust_root = trust_root

    def versions(self) -> Versions:
        """See `TrustClient.versions`."""
        try:
            return _versions(self._folder)
        except StickError:
            return Versions()

    @contextlib.contextmanager
    def attempt(self, stick: Stick, at: datetime) -> Iterator[TufAttempt]:
        """See `TrustClient.attempt`."""
        work = self._folder.with_name(f"{self._folder.name}.new")
        try:
            with self._trust_root.open("rb") as file:
                root = file.read(TRUST_ROOT_LIMIT_BYTES)
        except OSError as error:
            raise CardError(said.NO_TRUST, str(error)) from error
        try:
            _copy(self._folder, work)
            with _translated():
                updater = Updater(str(work), f"{_URL}{layout.METADATA}", fetcher=_Fetcher(stick), bootstrap=root)
                judge_expiry_at(updater, at)
                _refresh(updater, stick)
            yield TufAttempt(updater, stick, work, self._folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def judge_expiry_at(updater: Updater, at: datetime) -> None:
    """Let the client judge expiry at ``at`` rather than by the process's clock, which may be anywhere.

    The client has no public way; a test fails where a new release renames this.
    """
    updater._trusted_set.reference_time = at  # noqa: SLF001 - see above


def _refresh(updater: Updater, stick: Stick) -> None:
    try:
        updater.refresh()
    except DownloadHTTPError as error:
        if "timestamp.json" in stick.names(layout.METADATA, 64):
            raise RefusedError(said.HALF_COPIED, str(error)) from None
        there = stick.names(layout.ROOT, 1)
        raise RefusedError(said.NO_LIBRARY if there else said.NOT_OURS, str(error)) from None


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except UnsignedMetadataError as error:
        raise RefusedError(said.UNSIGNED, str(error)) from None
    except ExpiredMetadataError as error:
        raise RefusedError(said.EXPIRED, str(error)) from None
    except BadVersionNumberError as error:
        raise RefusedError(said.OLDER, str(error)) from None
    except DownloadError as error:
        if isinstance(error.__cause__, StickError):
            raise error.__cause__ from None
        raise RefusedError(said.HALF_COPIED, str(error)) from None
    except (RepositoryError, StorageError) as error:
        raise RefusedError(said.HALF_COPIED, str(error)) from None
    except OSError as error:
        raise CardError(said.BOX_FAULT, str(error)) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        # the client reads the metadata's JSON before it can verify it
        raise RefusedError(said.HALF_COPIED, str(error)) from None


def _copy(kept: Path, work: Path) -> None:
    try:
        shutil.rmtree(work, ignore_errors=True)
        if kept.is_dir():
            shutil.copytree(kept, work, symlinks=True)
        else:
            work.mkdir(parents=True)
    except (OSError, shutil.Error) as error:
        raise CardError(said.BOX_FAULT, str(error)) from error


def _versions(folder: Path) -> Versions:
    return Versions(**{role: _read(folder, role).version for role in _ROLES})


def _read(folder: Path, role: str) -> _Signed:
    try:
        with (folder / f"{role}.json").open("rb") as file:
            return msgspec.json.decode(file.read(METADATA_LIMIT_BYTES), type=_File).signed
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RefusedError(said.HALF_COPIED, f"{role}: {error}") from None
