"""What was recalled, for good: kept in the studio's folder before it is signed, and never lost with a document.

``recalled.json`` is a list of content ids, such as ``["9f2c…64 hex…"]``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from estation_wire.decoding import decoder
from estation_wire.errors import WireError
from estation_wire.library import CATALOGUE_NAME, Catalogue, decode_document
from estation_wire.values import ContentId
from studio.errors import StudioError
from studio.files import write_whole
from studio.repository import Repository

FILE_NAME: Final = "recalled.json"
MOST: Final = 10_000
_List = Annotated[tuple[ContentId, ...], Meta(max_length=MOST)]


def recalled(folder: Path, repository: Repository) -> tuple[str, ...]:
    """What was recalled here, and what the published catalogue says was. Raises `StudioError`."""
    published: tuple[str, ...] = ()
    raw = repository.document(CATALOGUE_NAME)
    try:
        if raw is not None:
            published = decode_document(Catalogue, raw).recalled
        path = folder / FILE_NAME
        here = decoder(_List).decode(path.read_bytes()) if path.exists() else ()
    except (WireError, msgspec.MsgspecError, OSError) as error:
        msg = f"what was recalled cannot be read ({error}): restore the studio's folder from its copy"
        raise StudioError(msg) from None
    return tuple(dict.fromkeys((*published, *here)))


def add(folder: Path, repository: Repository, content: str) -> tuple[str, ...]:
    """Recall one more, durably; all that are. Raises `StudioError`."""
    every = tuple(dict.fromkeys((*recalled(folder, repository), content)))
    if len(every) > MOST:
        msg = f"{MOST} films were recalled: no box would take another one"
        raise StudioError(msg)
    write_whole(folder / FILE_NAME, msgspec.json.encode(every))
    return every
