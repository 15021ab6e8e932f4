"""A TUF repository of a test's making: every role at will, valid or not, written for a web server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

FOREVER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3000)
PAST = datetime(2020, 1, 1, tzinfo=UTC)
TOP = ("root", "timestamp", "snapshot", "targets")


class TufRepository:
    """Change ``root`` and its fellows, then `publish`; ``signers`` are each role's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "metadata").mkdir(parents=True)
        (folder / "targets").mkdir()
        self.signers: dict[str, list[CryptoSigner]] = {role: [CryptoSigner.generate_ed25519()] for role in TOP}
        self.root = Root(expires=FOREVER, consistent_snapshot=True)
        self.timestamp = Timestamp(expires=FOREVER)
        self.snapshot = Snapshot(expires=FOREVER)
        self.targets = Targets(expires=FOREVER)
        self.delegates: dict[str, Targets] = {}
        for role in TOP:
            self.root.add_key(self.signers[role][0].public_key, role)
        self.write_root()
        self.publish()

    @property
    def first_root(self) -> Path:
        return self.folder / "metadata/1.root.json"

    def write_root(self, *signers: CryptoSigner) -> None:
        self._write(self.root, f"{self.root.version}.root", signers or tuple(self.signers["root"]))

    def next_root(self, *signers: CryptoSigner) -> None:
        self.root.version += 1
        self.write_root(*signers)

    def rotate(self, role: str) -> None:
        """New keys for a top role, in a next root; the old root's keys sign it too."""
        old = self.signers["root"]
        self.root.revoke_key(self.signers[role][0].public_key.keyid, role)
        self.signers[role] = [CryptoSigner.generate_ed25519()]
        self.root.add_key(self.signers[role][0].public_key, role)
        self.next_root(*dict.fromkeys([*old, *self.signers["root"]]))

    def delegate(self, role: str, *paths: str, parent: Targets | None = None, terminating: bool = False) -> Targets:
        parent = self.targets if parent is None else parent
        self.signers.setdefault(role, [CryptoSigner.generate_ed25519()])
        if parent.delegations is None:
            parent.delegations = Delegations({}, {})
        parent.delegations.roles[role] = DelegatedRole(role, [], 1, terminating=terminating, paths=list(paths))
        parent.add_key(self.signers[role][0].public_key, role)
        return self.delegates.setdefault(role, Targets(expires=FOREVER))

    def artifact(self, name: str, data: bytes, signed_by: Targets | None = None) -> Path:
        target = TargetFile.from_data(name, data, ["sha256"])
        (self.targets if signed_by is None else signed_by).targets[name] = target
        folder, _, leaf = name.rpartition("/")
        path = self.folder / "targets" / folder / f"{target.hashes['sha256']}.{leaf}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def publish(self, *bumped: str) -> None:
        """Write every role; ``bumped`` ones get their next version (a role's own name; all that name it follow)."""
        for role, targets in {"targets": self.targets, **self.delegates}.items():
            targets.version += role in bumped
            self._write(targets, f"{targets.version}.{role}", self.signers[role])
            self.snapshot.meta[f"{role}.json"] = MetaFile(targets.version)
        self.write_snapshot(next_version=bool(bumped))

    def write_snapshot(self, *, next_version: bool = True) -> None:
        self.snapshot.version += next_version
        self._write(self.snapshot, f"{self.snapshot.version}.snapshot", self.signers["snapshot"])
        self.timestamp.snapshot_meta = MetaFile(self.snapshot.version)
        self.write_timestamp(next_version=next_version)

    def write_timestamp(self, *, next_version: bool = True) -> None:
        self.timestamp.version += next_version
        self._write(self.timestamp, "timestamp", self.signers["timestamp"])

    def _write(self, signed: Any, name: str, signers: Any) -> None:
        metadata = Metadata(signed)
        for signer in signers:
            metadata.sign(signer, append=True)
        metadata.to_file(str(self.folder / f"metadata/{name}.json"), JSONSerializer(compact=True))
