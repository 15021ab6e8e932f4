"""What the box demands around TUF: never older than the durable high-water mark, and no gap in the chain of roots.

The mark is JSON in two copies, such as
``{"versions":{"root":1,"timestamp":7,"snapshot":5,"targets":5},"signed":"2026-11-20T08:00:00Z"}``. It stands where a
power cut zeroed the client's own files (which the client answers by accepting an older library).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct

from estation_box.library import said
from estation_box.library.interfaces import Attempt, Documents, MarkStore, RefusedError, Stick, TrustClient, Versions
from estation_wire.bulletins import BULLETINS_NAME, Bulletins
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

NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
NAMES: Final = (CATALOGUE_NAME, PROGRAMME_NAME, PROVISIONERS_NAME, BULLETINS_NAME)


class Mark(Struct, frozen=True, kw_only=True):
    """The newest that was ever accepted, and the latest signed time seen."""

    versions: Versions = Versions()
    signed: datetime = NO_TIME


def read_mark(raw: bytes | None) -> Mark:
    """The mark as it was kept; an empty one where nothing legible was."""
    if raw is None:
        return Mark()
    try:
        return msgspec.json.decode(raw, type=Mark)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Mark()


def is_older(versions: Versions, mark: Versions) -> bool:
    """Whether any part is below the mark: a rollback, whatever the other parts say."""
    return (
        versions.root < mark.root
        or versions.timestamp < mark.timestamp
        or versions.snapshot < mark.snapshot
        or versions.targets < mark.targets
    )


class Trust:
    """Takes a stick's signed documents into the database, or says why not."""

    def __init__(self, client: TrustClient, marks: MarkStore, documents: Documents) -> None:
        self._client = client
        self._marks = marks
        self._documents = documents

    def signed_time(self) -> datetime:
        """The latest time that a signed document stated: the clock cannot be before it."""
        return read_mark(self._marks.read()).signed

    def refresh(self, stick: Stick, floor: datetime) -> bool:
        """Take what is new and signed; whether the documents changed.

        ``floor``: the time that it is at least; what had expired by then is refused. Raises `StickError` or
        `CardError`; the documents are then what they were before.
        """
        mark = read_mark(self._marks.read())
        with self._client.attempt(stick, floor) as attempt:
            if is_older(attempt.versions, mark.versions):
                raise RefusedError(said.OLDER, f"{attempt.versions} is below {mark.versions}")
            if attempt.stated_root > attempt.versions.root:
                raise RefusedError(said.ROOTS_MISSING, f"root {attempt.versions.root} of {attempt.stated_root}")
            changed = self._load(attempt)
            programme = self._documents.programme()
            issued = programme.issued if programme and programme.issued else NO_TIME
            new = Mark(versions=attempt.versions, signed=max(mark.signed, issued))
            if new != mark:
                self._marks.write(msgspec.json.encode(new))
            if self._client.versions() != attempt.versions:
                attempt.keep()
        return changed

    def _load(self, attempt: Attempt) -> bool:
        held = self._documents.digests()
        digests = {name: attempt.digest(name) for name in NAMES}
        new = {name: attempt.document(name) for name in NAMES if digests[name] != held.get(name)}
        if not new:
            return False
        try:
            catalogue = decode_document(Catalogue, new[CATALOGUE_NAME]) if CATALOGUE_NAME in new else None
            programme = decode_document(Programme, new[PROGRAMME_NAME]) if PROGRAMME_NAME in new else None
            people = decode_document(Provisioners, new[PROVISIONERS_NAME]) if PROVISIONERS_NAME in new else None
            bulletins = decode_document(Bulletins, new[BULLETINS_NAME]) if BULLETINS_NAME in new else None
        except NewerContractError as error:
            raise RefusedError(said.NEWER, str(error)) from None
        except WireError as error:
            raise RefusedError(said.HALF_COPIED, str(error)) from None
        self._documents.load(
            digests=digests, catalogue=catalogue, programme=programme, provisioners=people, bulletins=bulletins
        )
        return True
