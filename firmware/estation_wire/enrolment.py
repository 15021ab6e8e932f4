r"""The enrolment call: one HTTPS POST by which a box gets its certificate over the network.

The box asks, and the centre answers 200 with the certificate in PEM, or a refusal::

    POST /enrol  {"v":1,"token":"9f86d081884c7d659a2feaa0c55ad015","csr":"-----BEGIN CERTIFICATE REQUEST-----\n…"}
    403          {"v":1,"why":"used"}

The very same call again is answered with the very same certificate, since an answer may get lost. 503 with
``Retry-After`` is an office that cannot say it now. Nothing else is an answer.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from estation_wire.values import HEX32_PATTERN, Major

REQUEST_LIMIT_BYTES: Final = 8 * 1024  # a request for a P-256 key has 500 bytes
CERTIFICATE_LIMIT_BYTES: Final = 16 * 1024  # a chain of three has 3 kB
HTTPS_PATTERN: Final = r"^https://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/%-]*)?\Z"
CERTIFICATE_TYPE: Final = "application/x-pem-file"

REFUSAL_LIMIT_BYTES: Final = 1024

Token = Annotated[str, Meta(pattern=HEX32_PATTERN, description="128 random bits, for one box and once")]
Why = Literal["unknown", "expired", "used", "request"]
"""The token is none of ours or was taken back; is older than 60 days; made another box a station; or the certificate
request is not one of this station's own P-256 key."""


class Invitation(Struct, frozen=True, kw_only=True):
    """What a profile says of it: where to call (the server's certificate is the centre's own CA's), and the token."""

    url: Annotated[str, Meta(max_length=512, pattern=HTTPS_PATTERN)]
    token: Token


class EnrolmentRequest(Struct, frozen=True, kw_only=True):
    """What the box posts: its certificate request in PEM, and the token."""

    v: Major
    token: Token
    csr: Annotated[str, Meta(min_length=1, max_length=4096)]


class EnrolmentRefused(Struct, frozen=True, kw_only=True):
    """Why the centre gives no certificate."""

    v: Major
    why: Why
