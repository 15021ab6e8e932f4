"""A bulletin that comes by a command, over the network's wire: signed by who may speak to this place. Pure.

It is a DSSE envelope (JSON) over JSON, and `messages.Bulletin` carries it. A real payload::

    {"v":1,"role":"653101-emergency","bulletin":{"id":"flood-7","priority":"emergency","titles":{"zh-Hans":"洪水"},…}}

It is signed with the keys of that role, as the signed library names them, by as many as the library demands.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from estation_wire import dsse
from estation_wire.bulletins import Bulletin
from estation_wire.decoding import decoder
from estation_wire.errors import MalformedError, NewerContractError
from estation_wire.values import CONTRACT_MAJOR, Major, Name

PAYLOAD_TYPE: Final = "application/vnd.estation.bulletin+json"
LETTER_LIMIT_BYTES: Final = dsse.LIMIT_BYTES
_WHAT: Final = "bulletin"


class Letter(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who speaks, and what. ``ends``: the bulletin of this id is over, wherever it came from; it shows nothing.

    A letter that ends says ``not_after`` as it says ``issued``: so a box that knows no ends does not show it, either.
    """

    v: Major
    role: Name
    bulletin: Bulletin
    ends: bool = False


class Envelope(dsse.Envelope, frozen=True, rename="camel"):
    """A DSSE envelope: ``{"payload":"<base64>","payloadType":"…","signatures":[{"keyid":"…","sig":"…"}]}``."""

    payload_type: Annotated[str, Meta(max_length=128, extra_json_schema={"const": PAYLOAD_TYPE})]


_KIND: Final = dsse.Kind(PAYLOAD_TYPE, _WHAT)


def open_envelope(raw: bytes) -> tuple[bytes, dsse.Signatures]:
    """The payload and its signatures, not verified. Raises `TooLargeError` or `MalformedError`."""
    return _KIND.open(raw)


def read(payload: bytes) -> Letter:
    """The letter of a payload that was verified. Raises `NewerContractError` or `MalformedError`."""
    try:
        letter = decoder(Letter).decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        msg = f"{_WHAT}: {error}"
        raise MalformedError(msg) from None
    if letter.v > CONTRACT_MAJOR:
        raise NewerContractError(letter.v, CONTRACT_MAJOR)
    return letter


def seal(payload: bytes, signatures: dsse.Signatures) -> bytes:
    """The envelope as a command carries it."""
    return _KIND.seal(payload, signatures)


def signed_bytes(payload: bytes) -> bytes:
    """What each signature is made over."""
    return _KIND.signed_bytes(payload)
