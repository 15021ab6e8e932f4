"""A bulletin that comes by a command, over the network's wire: signed by who may speak to this place. Pure.

It is a DSSE envelope (JSON) over JSON, and `messages.Bulletin` carries it. A real payload::

    {"v":1,"role":"653101-emergency","bulletin":{"id":"flood-7","priority":"emergency","titles":{"zh-Hans":"洪水"},…}}

It is signed with the keys of that role, as the signed library names them, by as many as the library demands.
"""

from __future__ import annotations

import base64
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from estation_wire.bulletins import Bulletin
from estation_wire.errors import MalformedError, NewerContractError, TooLargeError
from estation_wire.values import BASE64_PATTERN, CONTRACT_MAJOR, Major, Name

PAYLOAD_TYPE: Final = "application/vnd.estation.bulletin+json"
LETTER_LIMIT_BYTES: Final = 64 * 1024
_WHAT: Final = "bulletin"


class Letter(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who speaks, and what."""

    v: Major
    role: Name
    bulletin: Bulletin


class Signature(Struct, frozen=True):
    """One signature: the key's id, and the Ed25519 signature as base64."""

    keyid: Annotated[str, Meta(max_length=128)]
    sig: Annotated[str, Meta(max_length=512, pattern=BASE64_PATTERN)]


class Envelope(Struct, frozen=True, rename="camel"):
    """A DSSE envelope: ``{"payload":"<base64>","payloadType":"…","signatures":[{"keyid":"…","sig":"…"}]}``."""

    payload: Annotated[str, Meta(max_length=LETTER_LIMIT_BYTES, pattern=BASE64_PATTERN)]
    payload_type: Annotated[str, Meta(max_length=128, extra_json_schema={"const": PAYLOAD_TYPE})]
    signatures: Annotated[tuple[Signature, ...], Meta(min_length=1, max_length=8)]


def open_envelope(raw: bytes) -> tuple[bytes, tuple[tuple[str, bytes], ...]]:
    """The payload and its signatures as (key id, bytes), not verified. Raises `TooLargeError` or `MalformedError`."""
    if len(raw) > LETTER_LIMIT_BYTES:
        raise TooLargeError(_WHAT, len(raw), LETTER_LIMIT_BYTES)
    try:
        envelope = msgspec.json.decode(raw, type=Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        msg = f"{_WHAT}: not a signed bulletin ({error})"
        raise MalformedError(msg) from None
    if envelope.payload_type != PAYLOAD_TYPE:
        msg = f"{_WHAT}: the envelope holds {envelope.payload_type!r}"
        raise MalformedError(msg)
    return base64.b64decode(envelope.payload), tuple((s.keyid, base64.b64decode(s.sig)) for s in envelope.signatures)


def read(payload: bytes) -> Letter:
    """The letter of a payload that was verified. Raises `NewerContractError` or `MalformedError`."""
    try:
        letter = msgspec.json.decode(payload, type=Letter)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        msg = f"{_WHAT}: {error}"
        raise MalformedError(msg) from None
    if letter.v > CONTRACT_MAJOR:
        raise NewerContractError(letter.v, CONTRACT_MAJOR)
    return letter


def seal(payload: bytes, signatures: tuple[tuple[str, bytes], ...]) -> bytes:
    """The envelope as a command carries it."""
    return msgspec.json.encode(
        Envelope(
            payload=base64.b64encode(payload).decode(),
            payload_type=PAYLOAD_TYPE,
            signatures=tuple(Signature(key, base64.b64encode(sig).decode()) for key, sig in signatures),
        )
    )


def signed_bytes(payload: bytes) -> bytes:
    """What each signature is made over: DSSE's pre-authentication encoding."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
