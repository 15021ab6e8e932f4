"""The signed repository: TUF metadata over a few documents, written so that a reader never sees half of it.

``root.json`` beside it is the first root: what goes into the boxes' image.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from securesystemslib.exceptions import StorageError
from securesystemslib.signer import CryptoSigner
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

    def document(self, name: str, role: str = "targets") -> bytes | None:
        """The document as it was published last; None where it never was."""
        targets = self.targets(role)
        target = targets.targets.get(name) if targets else None
        return (self._targets / f"{target.hashes['sha256']}.{name}").read_bytes() if target else None

    def publish(self, documents: Mapping[str, bytes], now: datetime, role: str = "targets") -> bool:
        """Sign ``documents`` as all that ``role`` has; False where they are published already, not long ago."""
        now = now.replace(microsecond=0)
        files = {name: TargetFile.from_data(name, data, ["sha256"]) for name, data in documents.items()}
        before, old = self._timestamp(), self.targets(role)
        if before is not None and before.expires - now > TIMESTAMP_LIFE - RENEW_AFTER and old is not None:
            newest = self._states_newest_root(self.targets("targets"))
            if old.targets == files and newest and old.expires - now > TARGETS_LIFE / 2:
                return False
        for name, data in documents.items():
            write_whole(self._targets / f"{files[name].hashes['sha256']}.{name}", data)
        new = old or Targets()
        new.targets = files
        self.commit({role: new}, now)
        return True

    def renew(self, now: datetime) -> None:
        """Sign what is published once more, with the keys that are in force now."""
        targets = self.targets("targets")
        if targets is not None:
            self.commit({"targets": targets}, now)

    def commit(self, changed: Mapping[str, Targets], now: datetime) -> None:
        """Sign the next version of ``changed`` (by role), then snapshot and timestamp; the last alone makes them count.

        A role that is delegated no more stays in the snapshot: a client takes its removal for an attack.
        """
        now = now.replace(microsecond=0)
        root, before = self.root(), self._timestamp()
        meta = dict(self._snapshot(before).meta) if before else {}
        for role, targets in changed.items():
            file = f"{role}.json"
            targets.version = meta[file].version + 1 if file in meta else 1
            targets.expires = now + TARGETS_LIFE
            if role == "targets":
                targets.unrecognized_fields[STATED_ROOT] = root.version
            delegator = self.delegator(role, changed)
            self._write(self._metadata / f"{targets.version}.{file}", self._signed(targets, role, delegator))
            meta[file] = MetaFile(targets.version)
        number = before.snapshot_meta.version + 1 if before else 1
        snapshot = Snapshot(version=number, expires=now + SNAPSHOT_LIFE, meta=meta)
        self._write(self._metadata / f"{number}.snapshot.json", self._signed(snapshot, "snapshot", root))
        version = before.version + 1 if before else 1
        timestamp = Timestamp(version=version, expires=now + TIMESTAMP_LIFE, snapshot_meta=MetaFile(number))
        self._write(self._metadata / "timestamp.json", self._signed(timestamp, "timestamp", root))

    def root(self) -> Root:
        """The newest root; raises `StudioError` where there is none."""
        numbers = [int(path.name.split(".")[0]) for path in self._metadata.glob("[0-9]*.root.json")]
        if not numbers:
            msg = f"{self._metadata} has no root: run `estation-studio init` first"
            raise StudioError(msg)
        return _read(self._metadata / f"{max(numbers)}.root.json", Root)

    def change_root(self, root: Root, new: Sequence[CryptoSigner], now: datetime) -> None:
        """Write the next root, signed by the keys at hand of the one before, and by ``new``."""
        before = self.root()
        root.version = before.version + 1
        root.expires = (now + ROOT_LIFE).replace(microsecond=0)
        metadata = Metadata(root)
        for signer in [*self._keys.signers("root"), *new]:
            metadata.sign(signer, append=True)
        for judge in (before, root):
            _verify(judge, "root", metadata)
        self._write(self._metadata / f"{root.version}.root.json", metadata.to_bytes(JSONSerializer(compact=True)))

    def targets(self, role: str) -> Targets | None:
        """What a role signed last; None where it never signed."""
        timestamp = self._timestamp()
        meta = self._snapshot(timestamp).meta.get(f"{role}.json") if timestamp else None
        return _read(self._metadata / f"{meta.version}.{role}.json", Targets) if meta else None

    def roles(self) -> tuple[str, ...]:
        """The publisher (``targets``) and all that it and its delegates delegate to, each parent before its own."""
        found = ["targets"]
        for role in found:  # grows while it is walked
            signed = self.targets(role)
            names = (signed.delegations.roles or {}) if signed and signed.delegations else {}
            found += [name for name in names if name not in found]
        return tuple(found)

    def delegator(self, role: str, changed: Mapping[str, Targets] = MappingProxyType({})) -> Root | Targets:
        """Who says whose keys sign for ``role``: the root, the publisher, or one of its delegates."""
        if role == "targets":
            return self.root()
        top = changed.get("targets") or self.targets("targets")
        names = tuple(top.delegations.roles or ()) if top and top.delegations else ()
        for parent in ("targets", *names):
            signed = changed.get(parent) or self.targets(parent)
            if signed and signed.delegations and role in (signed.delegations.roles or {}):
                return signed
        msg = f"nobody delegates to {role}: run `estation-studio delegate` first"
        raise StudioError(msg)

    def _states_newest_root(self, targets: Targets | None) -> bool:
        return targets is not None and targets.unrecognized_fields.get(STATED_ROOT) == self.root().version

    def _timestamp(self) -> Timestamp | None:
        path = self._metadata / "timestamp.json"
        return _read(path, Timestamp) if path.exists() else None

    def _snapshot(self, timestamp: Timestamp) -> Snapshot:
        return _read(self._metadata / f"{timestamp.snapshot_meta.version}.snapshot.json", Snapshot)

    def _signed(self, signed: Any, role: str, delegator: Root | Targets) -> bytes:
        metadata = Metadata(signed)
        in_force = delegator.get_delegated_role(role).keyids
        for signer in self._keys.signers(role):
            if signer.public_key.keyid in in_force:
                metadata.sign(signer, append=True)
        _verify(delegator, role, metadata)
        return metadata.to_bytes(JSONSerializer(compact=True))

    def _write(self, path: Path, data: bytes) -> None:
        write_whole(path, data)


def _verify(delegator: Root | Targets, role: str, metadata: Metadata[Any]) -> None:
    try:
        delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    except UnsignedMetadataError as error:
        msg = f"the keys at hand do not suffice for {role}: {error}"
        raise StudioError(msg) from None


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
