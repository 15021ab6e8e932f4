"""DSSE envelopes (JSON): how a profile on a stick and a bulletin in a command carry their signatures. Pure.

One as it stands there::

    {"payload":"eyJ2IjoxfQ==","payloadType":"application/vnd.estation.profile+json","signatures":[{"keyid":"…","sig":"…"}]}

Who may sign what, and whether a signature is good, is asked elsewhere.
"""

from __future__ import annotations

import base64
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta, Struct

from estation_wire.decoding import decoder
from estation_wire.errors import MalformedError, TooLargeError
from estation_wire.values import BASE64_PATTERN

LIMIT_BYTES: Final = 64 * 1024
Signatures = tuple[tuple[str, bytes], ...]
"""Key ids, and what was signed with them."""


class Signature(Struct, frozen=True):
    """One signature of an envelope: the key's id, and the Ed25519 signature as base64."""

    keyid: Annotated[str, Meta(max_length=128)]
    sig: Annotated[str, Meta(max_length=512, pattern=BASE64_PATTERN)]


class Envelope(Struct, frozen=True, rename="camel"):
    """A DSSE envelope: ``{"payload":"<base64>","payloadType":"…","signatures":[{"keyid":"…","sig":"…"}]}``."""

    payload: Annotated[str, Meta(max_length=LIMIT_BYTES, pattern=BASE64_PATTERN)]
    payload_type: Annotated[str, Meta(max_length=128)]
    signatures: Annotated[tuple[Signature, ...], Meta(min_length=1, max_length=8)]


class Kind(NamedTuple):
    """One kind of envelope: its ``payloadType``, and the word for it in an error."""

    payload_type: str
    what: str

    def open(self, raw: bytes) -> tuple[bytes, Signatures]:
        """The payload and its signatures, not verified. Raises `TooLargeError` or `MalformedError`."""
        if len(raw) > LIMIT_BYTES:
            raise TooLargeError(self.what, len(raw), LIMIT_BYTES)
        try:
            envelope = decoder(Envelope).decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
            msg = f"{self.what}: not a signed {self.what} ({error})"
            raise MalformedError(msg) from None
        if envelope.payload_type != self.payload_type:
            msg = f"{self.what}: the envelope holds {envelope.payload_type!r}"
            raise MalformedError(msg)
        given = tuple((each.keyid, base64.b64decode(each.sig)) for each in envelope.signatures)
        return base64.b64decode(envelope.payload), given

    def seal(self, payload: bytes, signatures: Signatures) -> bytes:
        """The envelope as it stands on a stick or in a command."""
        given = tuple(Signature(key, base64.b64encode(sig).decode()) for key, sig in signatures)
        return msgspec.json.encode(Envelope(base64.b64encode(payload).decode(), self.payload_type, given))

    def signed_bytes(self, payload: bytes) -> bytes:
        """What each signature is made over: DSSE's pre-authentication encoding."""
        kind = self.payload_type.encode()
        return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
