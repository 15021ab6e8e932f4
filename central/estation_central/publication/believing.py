"""Verifies a published library with python-tuf's client, as a box does: from the root that was given at the beginning.

The source is a folder on this machine, the studio's ``repository`` or a stick's ``ESTATION/library``. What the client
verified stays in ``folder``, so that an older library is refused the next time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple
from urllib.parse import quote

from securesystemslib.exceptions import StorageError
from tuf.api.exceptions import DownloadError, DownloadHTTPError, ExpiredMetadataError, RepositoryError
from tuf.api.metadata import DelegatedRole, Metadata, Targets
from tuf.ngclient import FetcherInterface, Updater

from estation_wire.bulletins import BULLETINS_NAME
from estation_wire.delegations import named, of_role
from estation_wire.library import CATALOGUE_NAME, DOCUMENT_LIMIT_BYTES, PROGRAMME_NAME
from estation_wire.voices import Voice

OWN: Final = (CATALOGUE_NAME, PROGRAMME_NAME, BULLETINS_NAME)
MOST_ROLES: Final = 4000  # more counties and townships than any province has
ROOT_BYTES: Final = 512_000
_PIECE: Final = 65_536
_URL: Final = "folder:/"
_ED25519: Final = "ed25519"


class UnbelievedError(Exception):
    """A library is not taken; the text says why and what to do."""


class Library(NamedTuple):
    """What verified: documents by name, and who may speak."""

    documents: Mapping[str, bytes]
    voices: tuple[Voice, ...]


class _Folder(FetcherInterface):
    """The client's downloads; it bounds what it reads itself."""

    def __init__(self, source: Path) -> None:
        self._source = source

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = self._source / url.removeprefix(_URL)
        try:
            file = path.open("rb")
        except FileNotFoundError as error:
            raise DownloadHTTPError(str(error), 404) from error
        with file:
            while piece := file.read(_PIECE):
                yield piece


def believe(source: Path, folder: Path, root: bytes | None) -> Library:
    """What is in ``source``, verified. ``root``: the first root, where this centre has none yet.

    Raises `UnbelievedError`; then nothing of it may be used.
    """
    trusted = folder / "first-root.json"
    if not trusted.is_file():
        if root is None:
            msg = "this centre knows no root yet: name the studio's root.json with --root, this once"
            raise UnbelievedError(msg)
    elif root is not None and root != trusted.read_bytes():
        msg = f"this centre trusts another root: who means to change publishers removes {folder} first"
        raise UnbelievedError(msg)
    metadata = folder / "metadata"
    metadata.mkdir(parents=True, exist_ok=True)
    first = root or trusted.read_bytes()
    with TemporaryDirectory(dir=folder) as work:
        try:
            updater = Updater(
                str(metadata), f"{_URL}metadata", work, f"{_URL}targets", fetcher=_Folder(source), bootstrap=first
            )
            updater.refresh()
            found = _Reading(updater, metadata).library()
        except (RepositoryError, DownloadError, StorageError, ValueError, KeyError, TypeError, RecursionError) as error:
            msg = f"{source}: {error}; name the studio's folder `repository`, or a stick's ESTATION/library"
            raise UnbelievedError(msg) from None
    if not trusted.is_file():
        trusted.write_bytes(first)
    return found


class _Reading:
    """Walks from the publisher to its delegates."""

    def __init__(self, updater: Updater, metadata: Path) -> None:
        self._updater = updater
        self._metadata = metadata
        self._documents: dict[str, bytes] = {}
        self._voices: dict[str, Voice] = {}

    def library(self) -> Library:
        """Everything that verified."""
        for name in OWN:
            self._take(name)
        self._below(self._signed("targets"))
        return Library(self._documents, tuple(self._voices.values()))

    def _below(self, parent: Targets) -> None:
        delegations = parent.delegations
        for role in ((delegations.roles or {}) if delegations else {}).values():
            if role.name in self._voices or len(self._voices) >= MOST_ROLES:
                msg = f"{role.name} stands there twice, or there are too many roles"
                raise UnbelievedError(msg)
            keys = {keyid: delegations.keys[keyid] for keyid in role.keyids} if delegations else {}
            ours = {keyid: str(key.keyval["public"]) for keyid, key in keys.items() if key.keytype == _ED25519}
            if self._speaks(role):
                self._voices[role.name] = Voice(role=role.name, threshold=role.threshold, keys=ours)
                self._below(self._signed(role.name))

    def _speaks(self, role: DelegatedRole) -> bool:
        """Whether the role's own metadata verified; its documents are taken then. One that expired says nothing."""
        asked = [named(role.name, each) for each in of_role(role.name)]
        if not all(role.is_delegated_path(name) for name in asked):
            return False
        try:
            for name in asked:
                self._take(name)
        except ExpiredMetadataError:
            return False
        return self._file(role.name).is_file()

    def _take(self, name: str) -> None:
        target = self._updater.get_targetinfo(name)
        if target is None:
            return
        if target.length > DOCUMENT_LIMIT_BYTES:
            msg = f"{name} is larger than {DOCUMENT_LIMIT_BYTES} bytes"
            raise UnbelievedError(msg)
        self._documents[name] = Path(self._updater.download_target(target)).read_bytes()

    def _signed(self, role: str) -> Targets:
        """The role's metadata as the client wrote it down when it had verified it."""
        return Metadata[Targets].from_file(str(self._file(role))).signed

    def _file(self, role: str) -> Path:
        return self._metadata / f"{quote(role, '')}.json"
