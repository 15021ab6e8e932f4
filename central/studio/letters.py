"""One bulletin as a letter: signed here, carried by the centre's command, believed for its signatures alone.

It does not wait for the next publication. A role's people sign one after the other, each with the key at hand; the file
holds what was signed so far.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from estation_wire import bulletin_letter
from estation_wire.bulletin_letter import Letter
from estation_wire.errors import WireError
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
    needed = place_of(role).threshold
    notice = next((each for each in read(source).bulletins if each.id == name), None)
    if notice is None:
        msg = f"there is no bulletin {name} in {source}"
        raise StudioError(msg)
    bulletin = replace(bulletin_of(notice, {}), contents=())
    payload = msgspec.json.encode(Letter(v=CONTRACT_MAJOR, role=role, bulletin=bulletin))
    path = folder / FOLDER / f"{role}.{name}.json"
    signatures = _before(path, payload)
    keyring = Keyring(folder / "keys")
    message = bulletin_letter.signed_bytes(payload)
    for signer, key in zip(keyring.signers(role), keyring.keys(role), strict=True):
        signatures[signer.public_key.keyid] = key.sign(message)
    write_whole(path, bulletin_letter.seal(payload, tuple(signatures.items())))
    return Signed(path, len(signatures), needed)


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
