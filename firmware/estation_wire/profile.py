"""The profile: what makes a bare box one station. It comes on a stick, signed, and is applied once.

On the stick it is a DSSE envelope (JSON) over the profile's JSON: ``payloadType`` as below, signed
with an Ed25519 key that the library's ``provisioners.json`` names.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from estation_wire.errors import MalformedError, TooLargeError
from estation_wire.values import CONTRACT_MAJOR, Count, Instant, Language, Major, Name, Region, Station, Title

PAYLOAD_TYPE: Final = "application/vnd.estation.profile+json"
PROFILE_LIMIT_BYTES: Final = 64 * 1024


class Site(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The accountable unit that the station stands in."""

    id: Name
    kind: Literal["village", "school", "mobile"]
    name: Title


class Centre(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the centre is; ``authority`` is the private CA's certificate in PEM, pinned.

    ``port`` is MQTT over TLS, ``websocket_port`` the same over WebSocket (path /mqtt), which schools
    let out; 0 means that there is none.
    """

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    authority: Annotated[str, Meta(min_length=1, max_length=16384)]
    port: Annotated[int, Meta(ge=0, le=65535)] = 8883
    websocket_port: Annotated[int, Meta(ge=0, le=65535)] = 443


class Minimum(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a site owes each ISO week: ``sessions`` of at least ``seconds`` of counting items each."""

    sessions: Annotated[int, Meta(ge=1, le=50)] = 1
    seconds: Annotated[int, Meta(ge=1, le=86400)] = 600


class Profile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One station's name, place, centre and rules of the house."""

    v: Major
    station: Station
    region: Region
    site: Site
    name: Title
    timezone: Annotated[str, Meta(min_length=1, max_length=64)]
    centre: Centre
    epoch: Count
    not_after: Instant
    minimum: Minimum = msgspec.field(default_factory=Minimum)
    languages: Annotated[tuple[Language, ...], Meta(min_length=1, max_length=8)] = ("zh-Hans", "en")
    subtitles: Annotated[tuple[Language, ...], Meta(max_length=8)] = ()
    countdown_seconds: Annotated[int, Meta(ge=5, le=600)] = 120
    health_seconds: Annotated[int, Meta(ge=2, le=3600)] = 300
    manner: Literal["firm", "polite"] = "firm"


class _Signature(Struct, frozen=True):
    keyid: Annotated[str, Meta(max_length=128)]
    sig: Annotated[str, Meta(max_length=512)]


class Envelope(Struct, frozen=True, rename="camel"):
    """A DSSE envelope: ``{"payload":"<base64>","payloadType":"…","signatures":[{"keyid":"…","sig":"…"}]}``."""

    payload: Annotated[str, Meta(max_length=PROFILE_LIMIT_BYTES * 2)]
    payload_type: Annotated[str, Meta(max_length=128)]
    signatures: Annotated[tuple[_Signature, ...], Meta(min_length=1, max_length=8)]


def decode_envelope(raw: bytes) -> tuple[bytes, tuple[tuple[str, bytes], ...]]:
    """The payload of a profile's envelope and its signatures as (key id, bytes), not yet verified.

    Raises `TooLargeError` or `MalformedError`.
    """
    if len(raw) > PROFILE_LIMIT_BYTES:
        what = "profile"
        raise TooLargeError(what, len(raw), PROFILE_LIMIT_BYTES)
    try:
        envelope = msgspec.json.decode(raw, type=Envelope)
        payload = base64.b64decode(envelope.payload, validate=True)
        signatures = tuple((s.keyid, base64.b64decode(s.sig, validate=True)) for s in envelope.signatures)
    except (
        msgspec.MsgspecError,
        UnicodeDecodeError,
        RecursionError,
        OverflowError,
        binascii.Error,
        ValueError,
    ) as error:
        msg = f"profile: not a signed profile ({error})"
        raise MalformedError(msg) from None
    if envelope.payload_type != PAYLOAD_TYPE:
        msg = f"profile: the envelope holds {envelope.payload_type!r}"
        raise MalformedError(msg)
    return payload, signatures


def encode_envelope(payload: bytes, signatures: tuple[tuple[str, bytes], ...]) -> bytes:
    """The envelope as it stands on a stick."""
    return msgspec.json.encode(
        Envelope(
            payload=base64.b64encode(payload).decode(),
            payload_type=PAYLOAD_TYPE,
            signatures=tuple(_Signature(key, base64.b64encode(sig).decode()) for key, sig in signatures),
        )
    )


def signed_bytes(payload: bytes) -> bytes:
    """What a profile's signature is made over: DSSE's pre-authentication encoding."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def accepted_major(profile: Profile) -> bool:
    """Whether this code may apply the profile."""
    return profile.v <= CONTRACT_MAJOR
