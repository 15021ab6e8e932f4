"""The signed repository: TUF metadata over three documents, written so that a reader never sees half of it.

``root.json`` beside it is the first root: what goes into the boxes' image.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from securesystemslib.exceptions import StorageError
from tuf.api.exceptions import RepositoryError, UnsignedMetadataError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from studio.errors import StudioError
from studio.files import write_whole
from studio.keyring import ROLES, Keyring

ROOT_LIFE: Final = timedelta(days=3650)
TARGETS_LIFE: Final = timedelta(days=730)
SNAPSHOT_LIFE: Final = timedelta(days=365)
TIMESTAMP_LIFE: Final = timedelta(days=365)  # a stick waits months in a drawer before it comes to the last hall
RENEW_AFTER: Final = timedelta(days=30)
STATED_ROOT: Final = "x-estation-root"  # in targets: the newest root, so that a stick without it is found out
S = TypeVar("S", Root, Targets, Snapshot, Timestamp)


class Repository:
    """One publisher's repository in ``folder`` (``metadata/`` and ``targets/`` inside), signed with ``keys``."""

    def __init__(self, folder: Path, keys: Keyring) -> None:
        self._metadata = folder / "metadata"
        self._targets = folder / "targets"
        self._keys = keys

    def begin(self, now: datetime, threshold: int = 1) -> bytes:
        """Make the first root, with ``threshold`` keys each for root and targets; its bytes, also if it is there."""
        path = self._metadata / "1.root.json"
        if not path.exists():
            root = Root(expires=(now + ROOT_LIFE).replace(microsecond=0), consistent_snapshot=True)
            for role in ROLES:
                signers = self._keys.signers(role)
                root.roles[role].threshold = threshold if role in {"root", "targets"} else 1
                for signer in signers:
                    root.add_key(signer.public_key, role)
            self._write(path, self._signed(root, "root", root))
        return path.read_bytes()

    def document(self, name: str) -> bytes | None:
        """The document as it was published last; None where it never was."""
        timestamp = self._timestamp()
        if timestamp is None:
            return None
        target = self._newest_targets(timestamp).targets.get(name)
        return (self._targets / f"{target.hashes['sha256']}.{name}").read_bytes() if target else None

    def publish(self, documents: Mapping[str, bytes], now: datetime) -> bool:
        """Sign ``documents`` as all that there is; False where they are published already, not long ago."""
        now = now.replace(microsecond=0)
        root = self._root()
        targets = {name: TargetFile.from_data(name, data, ["sha256"]) for name, data in documents.items()}
        before = self._timestamp()
        if before is not None and before.expires - now > TIMESTAMP_LIFE - RENEW_AFTER:
            old = self._newest_targets(before)
            if old.targets == targets and old.unrecognized_fields.get(STATED_ROOT) == root.version:
                return False
        for name, data in documents.items():
            write_whole(self._targets / f"{targets[name].hashes['sha256']}.{name}", data)
        snapshot = self._next_snapshot(root, targets, before, now)
        version = before.version + 1 if before else 1
        timestamp = Timestamp(version=version, expires=now + TIMESTAMP_LIFE, snapshot_meta=MetaFile(snapshot.version))
        self._write(self._metadata / "timestamp.json", self._signed(timestamp, "timestamp", root))
        return True

    def _next_snapshot(
        self, root: Root, files: dict[str, TargetFile], before: Timestamp | None, now: datetime
    ) -> Snapshot:
        """Sign and write the next targets and the next snapshot; the timestamp alone makes them count."""
        old = self._newest_targets(before).version if before else 0
        targets = Targets(
            version=old + 1,
            expires=now + TARGETS_LIFE,
            targets=files,
            unrecognized_fields={STATED_ROOT: root.version},
        )
        self._write(self._metadata / f"{targets.version}.targets.json", self._signed(targets, "targets", root))
        snapshot = Snapshot(
            version=before.snapshot_meta.version + 1 if before else 1,
            expires=now + SNAPSHOT_LIFE,
            meta={"targets.json": MetaFile(targets.version)},
        )
        self._write(self._metadata / f"{snapshot.version}.snapshot.json", self._signed(snapshot, "snapshot", root))
        return snapshot

    def _root(self) -> Root:
        numbers = [int(path.name.split(".")[0]) for path in self._metadata.glob("[0-9]*.root.json")]
        if not numbers:
            msg = f"{self._metadata} has no root: run `estation-studio init` first"
            raise StudioError(msg)
        return _read(self._metadata / f"{max(numbers)}.root.json", Root)

    def _timestamp(self) -> Timestamp | None:
        path = self._metadata / "timestamp.json"
        return _read(path, Timestamp) if path.exists() else None

    def _newest_targets(self, timestamp: Timestamp) -> Targets:
        snapshot = _read(self._metadata / f"{timestamp.snapshot_meta.version}.snapshot.json", Snapshot)
        return _read(self._metadata / f"{snapshot.meta['targets.json'].version}.targets.json", Targets)

    def _signed(self, signed: Any, role: str, root: Root) -> bytes:
        metadata = Metadata(signed)
        for signer in self._keys.signers(role):
            metadata.sign(signer, append=True)
        try:
            root.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
        except UnsignedMetadataError as error:
            msg = f"the keys at hand do not suffice for {role}: {error}"
            raise StudioError(msg) from None
        return metadata.to_bytes(JSONSerializer(compact=True))

    def _write(self, path: Path, data: bytes) -> None:
        write_whole(path, data)


def _read(path: Path, type_: type[S]) -> S:
    try:
        signed = Metadata[Any].from_file(str(path)).signed
    except (RepositoryError, StorageError, OSError, ValueError) as error:
        msg = f"{path} cannot be read ({error}): restore the studio's folder from its copy"
        raise StudioError(msg) from None
    if not isinstance(signed, type_):
        msg = f"{path} is not what its name says"
        raise StudioError(msg)
    return signed
