"""Draft, checked, signed: what is to be signed is written down once, and each person signs exactly that.

``prepared/`` in the studio's folder, which may travel on a stick from one signer's machine to the next::

    NAME.json       the documents
    ROLE.json       the TUF metadata over them, with the signatures so far: what is signed is its bytes
    summary.txt     what changes, in words

The role is ``targets``, the publisher, or a delegate; a delegate without the publisher's online keys hands over what it
signed (`handing`).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec import Struct
from securesystemslib.exceptions import StorageError, UnverifiedSignatureError
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, TargetFile, Targets
from tuf.api.serialization.json import JSONSerializer

from estation_wire.bulletins import BULLETINS_NAME, Bulletins
from estation_wire.errors import WireError
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, Catalogue, Programme, decode_document
from estation_wire.profile import Profile
from studio.errors import Progress, StudioError, silent
from studio.files import write_whole
from studio.keyring import Keyring
from studio.publishing import PUBLISHER, REPOSITORY, Composed, compose, name_of
from studio.repository import STATED_ROOT, TARGETS_LIFE, Repository
from studio.source import read
from studio.summary import Library, lines
from studio.telling import lacking

FOLDER: Final = "prepared"
HANDED: Final = "handed"
ONLINE: Final = "snapshot"
READ: Final = (CATALOGUE_NAME, PROGRAMME_NAME, BULLETINS_NAME)
SUMMARY: Final = "summary.txt"
D = TypeVar("D", bound=Struct)


class State(NamedTuple):
    """How far the signing is: signatures, how many are needed, and whether it is published now."""

    signatures: int
    threshold: int
    published: bool
    summary: str
    handed: Path | None = None
    """Where a delegate's signed documents lie, to be brought to the publisher."""


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

    def __init__(self, folder: Path, role: str, given: list[CryptoSigner]) -> None:
        super().__init__(folder)
        self._role, self._given = role, given

    def signers(self, role: str) -> list[CryptoSigner]:
        return self._given if role == self._role else super().signers(role)


def prepare(
    folder: Path,
    source: Path,
    *,
    now: datetime,
    role: str = PUBLISHER,
    profile: Profile | None = None,
    progress: Progress = silent,
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
    composed = compose(folder, source, now=now, role=role, progress=progress)
    return composed, write_down(folder, composed.documents, now=now, role=role, profile=profile)


def write_down(
    folder: Path,
    documents: Mapping[str, bytes],
    *,
    now: datetime,
    role: str = PUBLISHER,
    profile: Profile | None = None,
) -> str:
    """Write these documents down to be signed, and say what they change. Raises `StudioError`."""
    now = now.replace(microsecond=0)
    repository = Repository(folder / REPOSITORY, Keyring(folder / "keys"))
    targets = _next(repository, documents, now, role)
    new = _read_library(documents, role)
    summary = "\n".join(lines(_library(repository, role), new, now, profile)) + "\n"
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    for name, data in documents.items():
        write_whole(folder / FOLDER / name, data)
    write_whole(folder / FOLDER / SUMMARY, summary.encode())
    write_whole(folder / FOLDER / f"{role}.json", Metadata(targets).to_bytes(JSONSerializer(compact=True)))
    return summary


def sign(folder: Path, person: str, *, now: datetime, role: str = PUBLISHER, profile: Profile | None = None) -> State:
    """Add the signature of ``keys/ROLE-PERSON.pem``; publish when it is the last that was needed."""
    keys = Keyring(folder / "keys")
    repository = Repository(folder / REPOSITORY, keys)
    metadata, documents = signed_in(folder / FOLDER, repository, role)
    new = _read_library(documents, role)
    summary = "\n".join(lines(_library(repository, role), new, now, profile)) + "\n"
    path = folder / "keys" / f"{role}-{person}.pem"
    if "/" in person or not path.is_file():
        msg = f"there is no key of {person}: it is looked for as {path}"
        raise StudioError(msg)
    (signer,) = keys.signers_in([path])
    if signer.public_key.keyid not in repository.delegator(role).get_delegated_role(role).keyids:
        msg = f"{path} is none of the keys that may sign for {role}"
        raise StudioError(msg)
    metadata.sign(signer, append=True)
    write_whole(folder / FOLDER / f"{role}.json", metadata.to_bytes(JSONSerializer(compact=True)))
    given, threshold = signatures(repository, metadata, role)
    state = State(len(given), threshold, len(given) >= threshold, summary)
    if not state.published:
        return state
    if not keys.count(ONLINE):
        return state._replace(published=False, handed=_handed(folder, role))
    publish_given(folder, metadata, documents, role)
    shutil.rmtree(folder / FOLDER)
    return state


def signatures(repository: Repository, metadata: Metadata[Targets], role: str) -> tuple[list[CryptoSigner], int]:
    """The signatures that stand for a role, and how many are needed. Raises `StudioError` for a false one."""
    delegator = repository.delegator(role)
    inside = delegator.get_delegated_role(role)
    given: list[CryptoSigner] = []
    for keyid in inside.keyids:
        key = delegator.get_key(keyid)
        if keyid in metadata.signatures and isinstance(key, SSlibKey):
            try:
                key.verify_signature(metadata.signatures[keyid], metadata.signed_bytes)
            except UnverifiedSignatureError:
                msg = f"a signature for {role} is false: what was signed was altered since; prepare again"
                raise StudioError(msg) from None
            given.append(_Given(key, metadata.signatures[keyid], metadata.signed_bytes))
    return given, inside.threshold


def publish_given(folder: Path, metadata: Metadata[Targets], documents: Mapping[str, bytes], role: str) -> None:
    """Publish what people signed elsewhere. Raises `StudioError`, also where too few did."""
    given, _ = signatures(Repository(folder / REPOSITORY, Keyring(folder / "keys")), metadata, role)
    prepared = metadata.signed.expires - TARGETS_LIFE
    Repository(folder / REPOSITORY, _Gathered(folder / "keys", role, given)).publish(documents, prepared, role)


def _handed(folder: Path, role: str) -> Path:
    """What is prepared, put where it is taken along from."""
    target = folder / HANDED / role
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(exist_ok=True)
    (folder / FOLDER).rename(target)
    for part in ("content", "blocks"):
        if (folder / REPOSITORY / part).is_dir():
            shutil.copytree(folder / REPOSITORY / part, target / part)
    return target


def waiting(folder: Path) -> State | None:
    """What waits for signatures; None where nothing does."""
    if not (folder / FOLDER / f"{PUBLISHER}.json").is_file():
        return None
    repository = Repository(folder / REPOSITORY, Keyring(folder / "keys"))
    metadata, _ = signed_in(folder / FOLDER, repository, PUBLISHER)
    role = repository.root().get_delegated_role("targets")
    count = len(set(metadata.signatures) & set(role.keyids))
    return State(
        count, role.threshold, published=False, summary=(folder / FOLDER / SUMMARY).read_text(encoding="utf-8")
    )


def library(folder: Path) -> Library:
    """What waits for signatures; where nothing does, what was published last."""
    repository = Repository(folder / REPOSITORY, Keyring(folder / "keys"))
    if (folder / FOLDER / f"{PUBLISHER}.json").is_file():
        return _read_library(signed_in(folder / FOLDER, repository, PUBLISHER)[1], PUBLISHER)
    return _library(repository, PUBLISHER)


def published(folder: Path) -> Library:
    """What was published last."""
    return _library(Repository(folder / REPOSITORY, Keyring(folder / "keys")), PUBLISHER)


def _next(repository: Repository, documents: Mapping[str, bytes], now: datetime, role: str) -> Targets:
    """What `Repository.publish` would sign; raises `StudioError` where nothing is new."""
    old = repository.targets(role)
    files = {name: TargetFile.from_data(name, data, ["sha256"]) for name, data in documents.items()}
    if old is not None and old.targets == files:
        msg = "nothing is new since the last publication: there is nothing to sign"
        raise StudioError(msg)
    new = old or Targets()
    new.targets = files
    new.version = old.version + 1 if old else 1
    new.expires = now + TARGETS_LIFE
    if role == PUBLISHER:
        new.unrecognized_fields[STATED_ROOT] = repository.root().version
    return new


def signed_in(where: Path, repository: Repository, role: str) -> tuple[Metadata[Targets], dict[str, bytes]]:
    """What lies prepared in a folder, its documents proved against it; raises `StudioError`."""
    try:
        metadata = Metadata[Targets].from_file(str(where / f"{role}.json"))
        documents = {name: (where / name).read_bytes() for name in metadata.signed.targets if "/" not in name}
        for name, data in documents.items():
            metadata.signed.targets[name].verify_length_and_hashes(data)
    except (RepositoryError, StorageError, OSError, ValueError, AttributeError) as error:
        msg = f"nothing is prepared that could be signed ({error}): run `estation-studio prepare` first"
        raise StudioError(msg) from None
    old = repository.targets(role)
    if metadata.signed.version != (old.version if old else 0) + 1:
        msg = "something else was published since this was prepared: prepare again"
        raise StudioError(msg)
    return metadata, documents


def _library(repository: Repository, role: str) -> Library:
    raw = {name_of(role, name): repository.document(name_of(role, name), role) for name in READ}
    return _read_library({name: data for name, data in raw.items() if data is not None}, role)


def _read_library(documents: Mapping[str, bytes], role: str) -> Library:
    return Library(
        _decoded(Catalogue, documents.get(name_of(role, CATALOGUE_NAME))),
        _decoded(Programme, documents.get(name_of(role, PROGRAMME_NAME))),
        _decoded(Bulletins, documents.get(name_of(role, BULLETINS_NAME))),
    )


def _decoded(type_: type[D], raw: bytes | None) -> D | None:
    try:
        found: Any = decode_document(type_, raw) if raw is not None else None
    except (WireError, msgspec.MsgspecError) as error:
        raise StudioError(str(error)) from None
    return found  # type: ignore[no-any-return]
