"""The profile: what makes a bare box one station. It comes on a stick, signed, and is applied once.

On the stick it is a DSSE envelope (JSON) over the profile's JSON: ``payloadType`` as below, signed
with an Ed25519 key that the library's ``provisioners.json`` names.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from estation_wire import dsse
from estation_wire.audience import Place, SiteKind, Topic, Trade
from estation_wire.enrolment import Invitation
from estation_wire.hours import Calendar, Window
from estation_wire.network import Network
from estation_wire.tv import TvWire
from estation_wire.values import (
    CONTRACT_MAJOR,
    HOST_PATTERN,
    Count,
    Instant,
    Language,
    Major,
    Name,
    Region,
    Station,
    Title,
    Zone,
    refuse_far,
)

PAYLOAD_TYPE: Final = "application/vnd.estation.profile+json"
PROFILE_LIMIT_BYTES: Final = dsse.LIMIT_BYTES
Access = Literal["captions", "description", "signs"]


class Site(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The accountable unit that the station stands in."""

    id: Name
    kind: SiteKind
    name: Title


class Centre(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the centre is; ``authority`` is the private CA's certificate in PEM, pinned.

    ``port`` is MQTT over TLS, ``websocket_port`` the same over WebSocket (path /mqtt), which schools
    let out; 0 means that there is none. ``enrolment``: how to get the certificate by network; none is by stick alone.
    """

    host: Annotated[str, Meta(min_length=1, max_length=253, pattern=HOST_PATTERN, description="host name or address")]
    authority: Annotated[str, Meta(min_length=1, max_length=16384)]
    port: Annotated[int, Meta(ge=0, le=65535)] = 8883
    websocket_port: Annotated[int, Meta(ge=0, le=65535)] = 443
    enrolment: Invitation | None = None


class Minimum(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a site owes each ISO week: ``sessions`` of at least ``seconds`` of counting items each."""

    sessions: Annotated[int, Meta(ge=1, le=50)] = 1
    seconds: Annotated[int, Meta(ge=1, le=86400)] = 600


class Quiet(Window, frozen=True, kw_only=True):
    """Hours in which the sound is quieter than usual, by so many decibels; 60 is hardly to be heard."""

    quieter: Annotated[int, Meta(ge=1, le=60, description="decibels")]


class Stop(Struct, frozen=True, kw_only=True):
    """A village that a mobile station serves."""

    id: Name
    name: Title


class Profile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One station's name, place, centre and rules of the house.

    ``manner``: a `firm` site's TV is switched on and taken after the warning; a `polite` one takes it from nobody.
    ``own_session``: whether a keeper's own session that fulfils the week leaves the week's planned ones (`adds`) or
    `cancels` them. ``topics`` and ``trades``: what the place takes of what is meant for such; none is everything.
    ``quiet``: where hours overlap the quietest holds. ``access``: what people here need: `captions`
    for the deaf, a spoken `description` for the blind, films in sign language (`signs`). ``retire``: the station is
    given up, and its box is bare again: one that moves, is replaced or goes to the pool.
    """

    v: Major
    station: Station
    region: Region
    site: Site
    name: Title
    timezone: Zone
    centre: Centre
    epoch: Count
    not_after: Instant
    minimum: Minimum = msgspec.field(default_factory=Minimum)
    languages: Annotated[tuple[Language, ...], Meta(min_length=1, max_length=8)] = ("zh-Hans", "en")
    subtitles: Annotated[tuple[Language, ...], Meta(max_length=8)] = ()
    access: Annotated[tuple[Access, ...], Meta(max_length=3)] = ()
    quiet: Annotated[tuple[Quiet, ...], Meta(max_length=28)] = ()
    rest_minutes: Annotated[int, Meta(ge=0, le=1440, description="the screen goes dark so long after; 0 is never")] = 0
    countdown_seconds: Annotated[int, Meta(ge=5, le=600)] = 120
    health_seconds: Annotated[int, Meta(ge=2, le=3600)] = 300
    manner: Literal["firm", "polite"] = "firm"
    calendar: Calendar = msgspec.field(default_factory=Calendar)
    make_ups_a_day: Annotated[int, Meta(ge=0, le=20, description="automatic make-ups of one local day")] = 2
    own_session: Literal["adds", "cancels"] = "adds"
    topics: Annotated[tuple[Topic, ...], Meta(max_length=10)] = ()
    trades: Annotated[tuple[Trade, ...], Meta(max_length=3)] = ()
    retire: bool = False
    stops: Annotated[tuple[Stop, ...], Meta(max_length=100, description="the villages of a mobile site")] = ()
    network: Network = msgspec.field(default_factory=Network)
    tv: TvWire = msgspec.field(default_factory=TvWire)
    township: Annotated[str, Meta(pattern=r"^([0-9]{9})?\Z", description="township code (GB/T 10114), or empty")] = ""

    @property
    def division(self) -> str:
        """Whose programmes it hears beside the publisher's: its township's code, which begins with its county's."""
        return self.township if self.township.startswith(self.region) else self.region

    @property
    def place(self) -> Place:
        """What an audience is held against."""
        return Place(
            kind=self.site.kind,
            region=self.region,
            languages=self.languages,
            topics=self.topics,
            trades=self.trades,
        )

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.not_after)


class Envelope(dsse.Envelope, frozen=True, rename="camel"):
    """A DSSE envelope: ``{"payload":"<base64>","payloadType":"…","signatures":[{"keyid":"…","sig":"…"}]}``."""

    payload_type: Annotated[str, Meta(max_length=128, extra_json_schema={"const": PAYLOAD_TYPE})]


_KIND: Final = dsse.Kind(PAYLOAD_TYPE, "profile")


def decode_envelope(raw: bytes) -> tuple[bytes, dsse.Signatures]:
    """The payload and its signatures, not yet verified. Raises `TooLargeError` or `MalformedError`."""
    return _KIND.open(raw)


def encode_envelope(payload: bytes, signatures: dsse.Signatures) -> bytes:
    """The envelope as it stands on a stick."""
    return _KIND.seal(payload, signatures)


def signed_bytes(payload: bytes) -> bytes:
    """What a profile's signature is made over."""
    return _KIND.signed_bytes(payload)


def accepted_major(profile: Profile) -> bool:
    """Whether this code may apply the profile."""
    return profile.v <= CONTRACT_MAJOR
