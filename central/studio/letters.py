"""One bulletin as a letter: signed here, carried by the centre's command, believed for its signatures alone.

It does not wait for the next publication. A role's people sign one after the other, each with the key at hand; the file
holds what was signed so far.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from estation_wire import bulletin_letter
from estation_wire.bulletin_letter import Letter
from estation_wire.errors import MalformedError, WireError
from estation_wire.values import CONTRACT_MAJOR
from studio.delegation import place_of
from studio.errors import StudioError
from studio.files import write_whole
from studio.keyring import Keyring
from studio.source import read
from studio.timing import bulletin_of

FOLDER: Final = "letters"


class Signed(NamedTuple):
    """Where the letter lies, how many have signed it, and how many must by the role's name."""

    path: Path
    signatures: int
    needed: int


def sign(folder: Path, source: Path, name: str, role: str) -> Signed:
    """Sign bulletin ``name`` of ``source/library.toml`` as ``role``, with every key of it that is at hand.

    A letter that was begun elsewhere and says the same keeps its signatures. Raises `StudioError`.
    """
    place_of(role)
    notice = next((each for each in read(source).bulletins if each.id == name), None)
    if notice is None:
        msg = f"there is no bulletin {name} in {source}"
        raise StudioError(msg)
    bulletin = replace(bulletin_of(notice, {}), contents=())
    payload = msgspec.json.encode(Letter(v=CONTRACT_MAJOR, role=role, bulletin=bulletin))
    return _signed(folder, folder / FOLDER / f"{role}.{name}.json", role, payload, {})


def _before(path: Path, payload: bytes) -> dict[str, bytes]:
    """The signatures of a letter that says the same."""
    if not path.is_file():
        return {}
    try:
        said, signatures = bulletin_letter.open_envelope(path.read_bytes())
    except WireError as error:
        msg = f"{path}: {error}; remove it, and sign anew"
        raise StudioError(msg) from None
    return dict(signatures) if said == payload else {}


class Draft(NamedTuple):
    """A letter that the centre wrote down, and the signatures that it has so far."""

    payload: bytes
    letter: Letter
    signatures: dict[str, bytes]


def read_draft(path: Path) -> Draft:
    """A draft from the centre, or one that somebody has signed already. Raises `StudioError`."""
    with path.open("rb") as file:
        raw = file.read(bulletin_letter.LETTER_LIMIT_BYTES + 1)
    payload, signatures = raw, dict[str, bytes]()
    try:
        with contextlib.suppress(MalformedError):  # it is not signed yet
            payload, given = bulletin_letter.open_envelope(raw)
            signatures = dict(given)
        letter = bulletin_letter.read(payload)
    except WireError as error:
        msg = f"{path}: {error}; take the draft from the centre's page of the bulletin"
        raise StudioError(msg) from None
    if letter.bulletin.contents:
        msg = f"{path}: a letter has words alone, no films: publish this bulletin with the library"
        raise StudioError(msg)
    place_of(letter.role)
    return Draft(payload, letter, signatures)


def lines(draft: Draft) -> list[str]:
    """What somebody who signs it puts a name to, in both languages."""
    letter, bulletin = draft.letter, draft.letter.bulletin
    until = f"{bulletin.not_after:%Y-%m-%d %H:%M} UTC" if bulletin.not_after else "–"
    audience = bulletin.audience
    places = ", ".join((*audience.regions, *audience.kinds)) or "全部 · everybody"
    told = [f"{letter.role} · {bulletin.id} · {bulletin.priority}"]
    if letter.ends:
        told.append("撤回：此快讯不再播放 · RECALL: this bulletin is shown no more")
    told += [f"{bulletin.issued:%Y-%m-%d %H:%M} UTC – {until} · {places}", f"{bulletin.link or '–'}"]
    for language, title in bulletin.titles.items():
        told.append(f"  [{language}] {title}")
        told += [f"    {line}" for line in bulletin.texts.get(language, "").splitlines()]
    return told


def sign_draft(folder: Path, draft: Draft) -> Signed:
    """Sign a draft as its role, with every key of it that is at hand. Raises `StudioError`."""
    letter = draft.letter
    end = ".end" if letter.ends else ""
    path = folder / FOLDER / f"{letter.role}.{letter.bulletin.id}{end}.json"
    return _signed(folder, path, letter.role, draft.payload, draft.signatures)


def _signed(folder: Path, path: Path, role: str, payload: bytes, given: dict[str, bytes]) -> Signed:
    signatures = _before(path, payload) | given
    keyring = Keyring(folder / "keys")
    message = bulletin_letter.signed_bytes(payload)
    for signer, key in zip(keyring.signers(role), keyring.keys(role), strict=True):
        signatures[signer.public_key.keyid] = key.sign(message)
    write_whole(path, bulletin_letter.seal(payload, tuple(signatures.items())))
    return Signed(path, len(signatures), place_of(role).threshold)
