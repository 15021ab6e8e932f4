"""The publisher's metadata, through python-tuf's client, with a stick as its source.

The client works on a copy of the box's metadata, which takes the original's place when all has been verified: so a half
copied stick leaves nothing behind. The client itself never syncs to the card; `keep` does.
"""

from __future__ import annotations

import contextlib
import hashlib
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
from tuf.api.metadata import TargetFile, Targets
from tuf.ngclient import FetcherInterface, Updater

from estation_box.drivers.profile_store import sync_folder
from estation_box.drivers.tuf_voices import voice_of
from estation_box.library import said, said_network
from estation_box.library.interfaces import (
    CardError,
    MissingError,
    NotPlainError,
    RefusedError,
    Stick,
    StickError,
)
from estation_box.library.trust_interfaces import Versions
from estation_wire import stick as layout
from estation_wire.decoding import decoder
from estation_wire.library import DOCUMENT_LIMIT_BYTES
from estation_wire.voices import Voice

METADATA_LIMIT_BYTES: Final = 2_000_000  # four thousand delegates; one wide letter makes a text four times its bytes
METADATA_LIMIT_VALUES: Final = 50_000  # a value of three bytes becomes 70 in memory, long before it is verified
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
            data = self._stick.read(url.removeprefix(_URL), METADATA_LIMIT_BYTES)
        except MissingError as error:
            raise DownloadHTTPError(str(error), 404) from error
        if sum(data.count(mark) for mark in (b",", b"[", b"{")) > METADATA_LIMIT_VALUES:
            raise RefusedError(said.HALF_COPIED, f"{url}: more than {METADATA_LIMIT_VALUES} values")
        return iter([data])


class TufAttempt:
    """See `Attempt`."""

    def __init__(self, updater: Updater, stick: Stick, work: Path, kept: Path) -> None:
        self._updater = updater
        self._stick = stick
        self._work = work
        self._kept = kept
        self.versions = _versions(work)
        self.stated_root = _read(work, "targets").newest_root
        self.online_keys = _online_keys(updater)

    def digest(self, name: str) -> str:
        """See `Attempt.digest`."""
        return self._target(name).hashes["sha256"]

    def find(self, name: str) -> str | None:
        """See `DelegatedAttempt.find`."""
        try:
            with _translated():
                target = self._updater.get_targetinfo(name)
        except RefusedError as error:
            if error.said == said.EXPIRED:
                return None
            raise
        _refuse_two_parents(self._updater)
        return target.hashes.get("sha256") if target else None

    def voice(self, role: str) -> Voice | None:
        """See `DelegatedAttempt.voice`."""
        return voice_of(self._updater, role)

    def is_news(self) -> bool:
        """See `DelegatedAttempt.is_news`."""
        try:
            return any(not _same(path, self._kept / path.name) for path in self._work.glob("*.json"))
        except OSError as error:
            raise CardError(said.BOX_FAULT, str(error)) from error

    def document(self, name: str) -> bytes:
        """See `Attempt.document`."""
        target = self._target(name)
        try:
            folder, _, leaf = name.rpartition("/")
            path = "/".join(filter(None, (layout.TARGETS, folder, f"{self._prefix(target)}{leaf}")))
            data = self._stick.read(path, DOCUMENT_LIMIT_BYTES)
            target.verify_length_and_hashes(data)
        except MissingError as error:
            raise RefusedError(said.HALF_COPIED, str(error)) from None
        except RepositoryError as error:
            raise RefusedError(said.HALF_COPIED, f"{name}: {error}") from None
        return data

    def keep(self) -> None:
        """See `Attempt.keep`. Cut between the two steps there is no metadata, and the mark stands guard alone."""
        _take_place(self._work, self._kept)

    def _prefix(self, target: TargetFile) -> str:
        """Consistent snapshots name a file by its hash too; the studio's always are."""
        consistent = self._updater._trusted_set.root.consistent_snapshot  # noqa: SLF001 - see `judge_expiry_at`
        return f"{target.hashes['sha256']}." if consistent else ""

    def _target(self, name: str) -> TargetFile:
        with _translated():
            target = self._updater.get_targetinfo(name)
        if target is None or "sha256" not in target.hashes or target.length > DOCUMENT_LIMIT_BYTES:
            raise RefusedError(said.HALF_COPIED, f"{name} is not signed")
        return target


class TufClient:
    """See `DelegatedClient`. ``folder`` keeps the metadata; ``trust_root`` is the root that came with the image."""

    def __init__(self, folder: Path, trust_root: Path, *, whole: bool = True) -> None:
        """``whole``: false keeps what verified before a failure, as TUF itself has it and its test suite wants it."""
        self._folder = folder
        self._trust_root = trust_root
        self._whole = whole

    def versions(self) -> Versions:
        """See `DelegatedClient.versions`."""
        try:
            return _versions(self._folder)
        except StickError:
            return Versions()

    @contextlib.contextmanager
    def attempt(self, stick: Stick, at: datetime) -> Iterator[TufAttempt]:
        """See `DelegatedClient.attempt`."""
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
        except RefusedError:
            if not self._whole:
                _take_place(work, self._folder)
            raise
        finally:
            shutil.rmtree(work, ignore_errors=True)


def judge_expiry_at(updater: Updater, at: datetime) -> None:
    """Let the client judge expiry at ``at`` rather than by the process's clock, which may be anywhere.

    The client has no public way; a test fails where a new release renames this.
    """
    updater._trusted_set.reference_time = at  # noqa: SLF001 - see above


def _online_keys(updater: Updater) -> str:
    """What stands for the keys of timestamp and snapshot that are in force."""
    roles = updater._trusted_set.root.roles  # noqa: SLF001 - as above: the verified root has no public name
    keys = [*sorted(roles["timestamp"].keyids), "", *sorted(roles["snapshot"].keyids)]
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _refuse_two_parents(updater: Updater) -> None:
    """One role delegated by two others would be judged by the weaker of them."""
    parents: dict[str, str] = {}
    every = updater._trusted_set._trusted_set  # noqa: SLF001 - what verified, by name; it has no public name
    for name, signed in every.items():
        delegations = signed.delegations if isinstance(signed, Targets) else None
        for role in (delegations.roles or {}) if delegations else ():
            if role in _ROLES or parents.setdefault(role, name) != name:
                raise RefusedError(said_network.TWO_PARENTS.about(role=role), f"{parents.get(role)} and {name}")


def _same(path: Path, other: Path) -> bool:
    return other.is_file() and path.read_bytes() == other.read_bytes()


def _refresh(updater: Updater, stick: Stick) -> None:
    try:
        updater.refresh()
    except DownloadHTTPError as error:
        missing = error.__cause__
        if isinstance(missing, MissingError) and missing.said != said.HALF_COPIED:
            raise RefusedError(missing.said, str(error)) from None
        if "timestamp.json" in stick.names(layout.METADATA, 64):
            raise RefusedError(said.HALF_COPIED, str(error)) from None
        there: tuple[str, ...] = ()
        with contextlib.suppress(NotPlainError):  # a file of that name is no folder ESTATION
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


def _take_place(work: Path, kept: Path) -> None:
    """Put ``work`` durably in the place of ``kept``."""
    try:
        for path in work.rglob("*.json"):
            with path.open("rb") as file:
                os.fsync(file.fileno())
        if (work / "root_history").is_dir():
            sync_folder(work / "root_history")
        sync_folder(work)
        shutil.rmtree(kept, ignore_errors=True)
        work.rename(kept)
        sync_folder(kept.parent)
    except OSError as error:
        raise CardError(said.BOX_FAULT, str(error)) from error


def _versions(folder: Path) -> Versions:
    return Versions(**{role: _read(folder, role).version for role in _ROLES})


def _read(folder: Path, role: str) -> _Signed:
    try:
        with (folder / f"{role}.json").open("rb") as file:
            return decoder(_File).decode(file.read(METADATA_LIMIT_BYTES)).signed
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RefusedError(said.HALF_COPIED, f"{role}: {error}") from None
