"""Draft, checked, signed: what is to be signed is written down once, and each person signs exactly that.

``prepared/`` in the studio's folder, which may travel on a stick from one signer's machine to the next::

    NAME.json       the documents
    targets.json    the TUF metadata over them, with the signatures so far: what is signed is its bytes
    summary.txt     what changes, in words
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec import Struct
from securesystemslib.exceptions import StorageError
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, TargetFile, Targets
from tuf.api.serialization.json import JSONSerializer

from estation_wire.bulletins import BULLETINS_NAME, Bulletins
from estation_wire.errors import WireError
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, Catalogue, Programme, decode_document
from estation_wire.profile import Profile
from studio.errors import Progress, StudioError, silent
from studio.files import write_whole
from studio.keyring import Keyring
from studio.publishing import REPOSITORY, Composed, compose
from studio.repository import STATED_ROOT, TARGETS_LIFE, Repository
from studio.source import read
from studio.summary import Library, lines
from studio.telling import lacking

FOLDER: Final = "prepared"
SIGNED: Final = "targets.json"
SUMMARY: Final = "summary.txt"
D = TypeVar("D", bound=Struct)


class State(NamedTuple):
    """How far the signing is: signatures, how many are needed, and whether it is published now."""

    signatures: int
    threshold: int
    published: bool
    summary: str


class _Given(CryptoSigner):
    """A signature that a person gave elsewhere: it stands for the very bytes that the person saw, and no others."""

    def __init__(self, key: SSlibKey, signature: Signature, payload: bytes) -> None:
        self._key, self._signature, self._payload = key, signature, payload

    @property
    def public_key(self) -> SSlibKey:
        return self._key

    def sign(self, payload: bytes) -> Signature:
        if payload != self._payload:
            msg = "what would be published is not what was signed: prepare again"
            raise StudioError(msg)
        return self._signature


class _Gathered(Keyring):
    """The studio's keys, with the signatures that were gathered in place of the publisher's own."""

    def __init__(self, folder: Path, given: list[CryptoSigner]) -> None:
        super().__init__(folder)
        self._given = given

    def signers(self, role: str) -> list[CryptoSigner]:
        return self._given if role == "targets" else super().signers(role)


def prepare(
    folder: Path, source: Path, *, now: datetime, profile: Profile | None = None, progress: Progress = silent
) -> tuple[Composed, str]:
    """Write down what is to be signed, and its summary; signatures of an earlier one are void.

    Raises `StudioError`, also where a programme that counts has no licence or maker.
    """
    now = now.replace(microsecond=0)
    papers = [
        f"{one.id}: {word.en}" for one in read(source).items if not one.draft for word in lacking(one, now.date())
    ]
    if papers:
        msg = "; ".join(papers)
        raise StudioError(msg)
    composed = compose(folder, source, now=now, progress=progress)
    repository = Repository(folder / REPOSITORY, Keyring(folder / "keys"))
    targets = _next(repository, composed.documents, now)
    summary = "\n".join(lines(_library(repository), _read_library(composed.documents), now, profile)) + "\n"
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    for name, data in composed.documents.items():
        write_whole(folder / FOLDER / name, data)
    write_whole(folder / FOLDER / SUMMARY, summary.encode())
    write_whole(folder / FOLDER / SIGNED, Metadata(targets).to_bytes(JSONSerializer(compact=True)))
    return composed, summary


def sign(folder: Path, person: str, *, now: datetime, profile: Profile | None = None) -> State:
    """Add the signature of ``keys/targets-PERSON.pem``; publish when it is the last that was needed."""
    keys = Keyring(folder / "keys")
    repository = Repository(folder / REPOSITORY, keys)
    metadata, documents = _prepared(folder, repository)
    summary = "\n".join(lines(_library(repository), _read_library(documents), now, profile)) + "\n"
    root = repository.root()
    path = folder / "keys" / f"targets-{person}.pem"
    if "/" in person or not path.is_file():
        msg = f"there is no key of {person}: it is looked for as {path}"
        raise StudioError(msg)
    (signer,) = keys.signers_in([path])
    if signer.public_key.keyid not in root.get_delegated_role("targets").keyids:
        msg = f"{path} is none of the keys that the root names for signing"
        raise StudioError(msg)
    metadata.sign(signer, append=True)
    write_whole(folder / FOLDER / SIGNED, metadata.to_bytes(JSONSerializer(compact=True)))
    return _publish(folder, metadata, documents, root, summary)


def _publish(
    folder: Path, metadata: Metadata[Targets], documents: Mapping[str, bytes], root: Root, summary: str
) -> State:
    role = root.get_delegated_role("targets")
    payload = metadata.signed_bytes
    named = {keyid: root.keys[keyid] for keyid in role.keyids if keyid in metadata.signatures}
    given: list[CryptoSigner] = [
        _Given(key, metadata.signatures[keyid], payload) for keyid, key in named.items() if isinstance(key, SSlibKey)
    ]
    enough = len(given) >= role.threshold
    if enough:
        prepared = metadata.signed.expires - TARGETS_LIFE
        Repository(folder / REPOSITORY, _Gathered(folder / "keys", given)).publish(documents, prepared)
        shutil.rmtree(folder / FOLDER)
    return State(len(given), role.threshold, enough, summary)


def waiting(folder: Path) -> State | None:
    """What waits for signatures; None where nothing does."""
    if not (folder / FOLDER / SIGNED).is_file():
        return None
    repository = Repository(folder / REPOSITORY, Keyring(folder / "keys"))
    metadata, _ = _prepared(folder, repository)
    role = repository.root().get_delegated_role("targets")
    count = len(set(metadata.signatures) & set(role.keyids))
    return State(
        count, role.threshold, published=False, summary=(folder / FOLDER / SUMMARY).read_text(encoding="utf-8")
    )


def library(folder: Path) -> Library:
    """What waits for signatures; where nothing does, what was published last."""
    repository = Repository(folder / REPOSITORY, Keyring(folder / "keys"))
    if (folder / FOLDER / SIGNED).is_file():
        return _read_library(_prepared(folder, repository)[1])
    return _library(repository)


def _next(repository: Repository, documents: Mapping[str, bytes], now: datetime) -> Targets:
    """What `Repository.publish` would sign; raises `StudioError` where nothing is new."""
    old = repository.targets("targets")
    files = {name: TargetFile.from_data(name, data, ["sha256"]) for name, data in documents.items()}
    if old is not None and old.targets == files:
        msg = "nothing is new since the last publication: there is nothing to sign"
        raise StudioError(msg)
    new = old or Targets()
    new.targets = files
    new.version = old.version + 1 if old else 1
    new.expires = now + TARGETS_LIFE
    new.unrecognized_fields[STATED_ROOT] = repository.root().version
    return new


def _prepared(folder: Path, repository: Repository) -> tuple[Metadata[Targets], dict[str, bytes]]:
    """What was prepared, its documents proved against it; raises `StudioError`."""
    try:
        metadata = Metadata[Targets].from_file(str(folder / FOLDER / SIGNED))
        documents = {name: (folder / FOLDER / name).read_bytes() for name in metadata.signed.targets}
        for name, data in documents.items():
            metadata.signed.targets[name].verify_length_and_hashes(data)
    except (RepositoryError, StorageError, OSError, ValueError, AttributeError) as error:
        msg = f"nothing is prepared that could be signed ({error}): run `estation-studio prepare` first"
        raise StudioError(msg) from None
    old = repository.targets("targets")
    if metadata.signed.version != (old.version if old else 0) + 1:
        msg = "something else was published since this was prepared: prepare again"
        raise StudioError(msg)
    return metadata, documents


def _library(repository: Repository) -> Library:
    raw = {name: repository.document(name) for name in (CATALOGUE_NAME, PROGRAMME_NAME, BULLETINS_NAME)}
    return _read_library({name: data for name, data in raw.items() if data is not None})


def _read_library(documents: Mapping[str, bytes]) -> Library:
    return Library(
        _decoded(Catalogue, documents.get(CATALOGUE_NAME)),
        _decoded(Programme, documents.get(PROGRAMME_NAME)),
        _decoded(Bulletins, documents.get(BULLETINS_NAME)),
    )


def _decoded(type_: type[D], raw: bytes | None) -> D | None:
    try:
        found: Any = decode_document(type_, raw) if raw is not None else None
    except (WireError, msgspec.MsgspecError) as error:
        raise StudioError(str(error)) from None
    return found  # type: ignore[no-any-return]
