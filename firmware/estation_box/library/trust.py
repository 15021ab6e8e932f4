"""What the box demands around TUF: never older than the durable high-water mark, and no gap in the chain of roots.

The mark is JSON in two copies, such as
``{"versions":{"root":1,"timestamp":7,"snapshot":5,"targets":5},"signed":"2026-11-20T08:00:00Z"}``. It stands where a
power cut zeroed the client's own files (which the client answers by accepting an older library).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from estation_box.library import said
from estation_box.library.interfaces import Documents, RefusedError, Stick
from estation_box.library.letters import VOICES_NAME
from estation_box.library.trust_interfaces import Attempt, DelegatedAttempt, DelegatedClient, MarkStore, Versions
from estation_wire.bulletins import BULLETINS_NAME, Bulletins
from estation_wire.decoding import decoder
from estation_wire.delegations import merged, named, of_role, roles_of, together
from estation_wire.errors import NewerContractError, WireError
from estation_wire.library import (
    CATALOGUE_NAME,
    PROGRAMME_NAME,
    PROVISIONERS_NAME,
    Catalogue,
    Programme,
    Provisioners,
    decode_document,
)
from estation_wire.voices import Voice

NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
NAMES: Final = (CATALOGUE_NAME, PROGRAMME_NAME, PROVISIONERS_NAME, BULLETINS_NAME)
Parts = Mapping[str, Mapping[str, str]]
"""For each of `NAMES` what delegates signed of its kind: digest by role."""
D = TypeVar("D", Catalogue, Programme, Bulletins)


class Mark(Struct, frozen=True, kw_only=True):
    """The newest that was ever accepted, the latest signed time seen, and the online keys that were in force."""

    versions: Versions = Versions()
    signed: datetime = NO_TIME
    keys: str = ""


def read_mark(raw: bytes | None) -> Mark:
    """The mark as it was kept; an empty one where nothing legible was."""
    if raw is None:
        return Mark()
    try:
        return decoder(Mark).decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError):
        return Mark()


def is_older(versions: Versions, mark: Versions) -> bool:
    """Whether any part is below the mark: a rollback, whatever the other parts say."""
    return (
        versions.root < mark.root
        or versions.timestamp < mark.timestamp
        or versions.snapshot < mark.snapshot
        or versions.targets < mark.targets
    )


def is_rollback(attempt: DelegatedAttempt, mark: Mark) -> bool:
    """Whether it is older than the mark.

    A newer root with other online keys begins their numbers anew: else a thief who once numbered something 2^31 would
    have locked the box for ever. What the old keys signed is not accepted any more, so nothing can come back.
    """
    if attempt.versions.root > mark.versions.root and mark.keys not in {"", attempt.online_keys}:
        return False
    return is_older(attempt.versions, mark.versions)


def judge(attempt: DelegatedAttempt, mark: Mark) -> None:
    """Raise `RefusedError` for what verified and is not to be taken all the same."""
    if is_rollback(attempt, mark):
        raise RefusedError(said.OLDER, f"{attempt.versions} is below {mark.versions}")
    if attempt.stated_root > attempt.versions.root:
        raise RefusedError(said.ROOTS_MISSING, f"root {attempt.versions.root} of {attempt.stated_root}")


class Trust:
    """Takes a stick's signed documents into the database, or says why not."""

    def __init__(self, client: DelegatedClient, marks: MarkStore, documents: Documents) -> None:
        self._client = client
        self._marks = marks
        self._documents = documents

    def signed_time(self) -> datetime:
        """The latest time that a signed document stated: the clock cannot be before it."""
        return read_mark(self._marks.read()).signed

    def refresh(self, stick: Stick, floor: datetime, region: str = "") -> bool:
        """Take what is new and signed; whether the documents changed.

        ``floor``: the time that it is at least; what had expired by then is refused. ``region``: the box's county or
        township, whose delegates it hears; a bare box has none. Raises `StickError` or `CardError`; the documents are
        then what they were before.
        """
        mark = read_mark(self._marks.read())
        with self._client.attempt(stick, floor) as attempt:
            judge(attempt, mark)
            parts = _parts(attempt, region)
            changed = self._load(attempt, parts, tuple(filter(None, map(attempt.voice, roles_of(region)))))
            programme = self._documents.programme()
            issued = programme.issued if programme and programme.issued else NO_TIME
            new = Mark(versions=attempt.versions, signed=max(mark.signed, issued), keys=attempt.online_keys)
            if new != mark:
                self._marks.write(msgspec.json.encode(new))
            if self._client.versions() != attempt.versions or attempt.is_news():
                attempt.keep()
        return changed

    def _load(self, attempt: Attempt, parts: Parts, voices: tuple[Voice, ...]) -> bool:
        held = self._documents.digests()
        digests = {name: together(attempt.digest(name), parts[name]) for name in NAMES}
        digests[VOICES_NAME] = sha256(msgspec.json.encode(voices, order="deterministic")).hexdigest()
        new = frozenset(name for name, digest in digests.items() if digest != held.get(name))
        if not new:
            return False
        try:
            self._documents.load(
                digests=digests,
                catalogue=_document(attempt, Catalogue, CATALOGUE_NAME, parts) if CATALOGUE_NAME in new else None,
                programme=_document(attempt, Programme, PROGRAMME_NAME, parts) if PROGRAMME_NAME in new else None,
                provisioners=_provisioners(attempt) if PROVISIONERS_NAME in new else None,
                bulletins=_document(attempt, Bulletins, BULLETINS_NAME, parts) if BULLETINS_NAME in new else None,
                voices=voices if VOICES_NAME in new else None,
            )
        except NewerContractError as error:
            raise RefusedError(said.NEWER, str(error)) from None
        except WireError as error:
            raise RefusedError(said.HALF_COPIED, str(error)) from None
        return new != {VOICES_NAME}


def _parts(attempt: DelegatedAttempt, region: str) -> Parts:
    """What the delegates of a place signed."""
    parts: dict[str, dict[str, str]] = {name: {} for name in NAMES}
    for role in roles_of(region):
        for name in of_role(role):
            if digest := attempt.find(named(role, name)):
                parts[name][role] = digest
    return parts


def _provisioners(attempt: Attempt) -> Provisioners:
    return decode_document(Provisioners, attempt.document(PROVISIONERS_NAME))


def _document(attempt: Attempt, type_: type[D], name: str, parts: Parts) -> D:
    """The publisher's document with its delegates'. What a delegate wrote wrongly is its own loss alone."""
    own = decode_document(type_, attempt.document(name))
    read: list[tuple[str, D]] = []
    for role in parts[name]:
        raw = attempt.document(named(role, name))
        with contextlib.suppress(WireError):
            read.append((role, decode_document(type_, raw)))
    return merged(own, read)
