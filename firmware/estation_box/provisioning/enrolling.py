"""The enrolment call: the box's certificate by network, without the box's key. See `estation_wire.enrolment`.

What the office refuses for good is not asked again until the box is switched on anew; everything else is.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from estation_box.library import said_network
from estation_box.library.interfaces import SyncError, UnreadableError
from estation_box.library.network import is_portal
from estation_box.library.network_interfaces import LaterError, PortalError
from estation_box.provisioning import sentences
from estation_box.provisioning.interfaces import Caller, Posted, Registry, Requests
from estation_box.words import Said
from estation_wire.enrolment import CERTIFICATE_LIMIT_BYTES, EnrolmentRefused, EnrolmentRequest, Invitation, Why
from estation_wire.errors import WireError
from estation_wire.library import decode_document
from estation_wire.profile import Profile
from estation_wire.values import CONTRACT_MAJOR

AGAIN_SECONDS: Final = 600.0  # an answer that is none: somebody is mending the office's server
REFUSALS: Final[Mapping[Why, Said]] = {
    "used": sentences.TOKEN_USED,
    "expired": sentences.TOKEN_EXPIRED,
    "unknown": sentences.TOKEN_UNKNOWN,
    "request": sentences.REQUEST_WRONG,
}


class EnrolmentRefusedError(SyncError):
    """The office gives no certificate for this request and token."""


class Call(NamedTuple):
    """One call that is to be made. ``mark``: tells this request and token from any other, and gives neither away."""

    invitation: Invitation
    request: bytes
    mark: str


def call_for(profile: Profile, papers: Requests) -> Call | None:
    """The call that a box should make; None where it has its certificate, or can ask by stick alone."""
    invitation, request = profile.centre.enrolment, papers.request()
    if invitation is None or request is None or papers.certificate() is not None:
        return None
    return Call(invitation, request, sha256(invitation.token.encode() + request).hexdigest()[:32])


def enrol(call: Call, profile: Profile, papers: Requests, caller: Caller, registry: Registry) -> None:
    """Make the call and keep the certificate.

    Raises `EnrolmentRefusedError`, `LaterError`, `PortalError`, another `UnreadableError`, or `CardError`.
    """
    try:
        asked = EnrolmentRequest(v=CONTRACT_MAJOR, token=call.invitation.token, csr=call.request.decode("ascii"))
    except UnicodeDecodeError:
        raise EnrolmentRefusedError(sentences.REQUEST_WRONG, "the request kept here is none") from None
    posted = caller.post(call.invitation.url, msgspec.json.encode(asked), CERTIFICATE_LIMIT_BYTES)
    certificate = judged(posted)
    own = {"station": profile.station, "authority": profile.centre.authority}
    if not registry.answers(certificate, request=call.request, **own):
        raise LaterError(sentences.CENTRE_STRANGE, "the certificate is not for this request", AGAIN_SECONDS)
    papers.keep_certificate(certificate)


def judged(posted: Posted) -> bytes:
    """The certificate in an answer, not yet proved. Raises as `enrol` does."""
    if posted.status == 200:
        if is_portal(posted.kind, posted.body):
            raise PortalError(said_network.PORTAL, "a web page came instead of a certificate")
        return posted.body
    if 300 <= posted.status < 400:
        raise PortalError(said_network.PORTAL, "the call leads elsewhere")
    try:
        refused = decode_document(EnrolmentRefused, posted.body) if posted.status == 403 else None
    except WireError:
        refused = None
    if refused is None:
        raise LaterError(sentences.CENTRE_STRANGE, f"status {posted.status}", AGAIN_SECONDS)
    raise EnrolmentRefusedError(REFUSALS[refused.why], refused.why)


def waits(error: UnreadableError) -> float:
    """How many seconds the office asks for."""
    return error.seconds if isinstance(error, LaterError) else 0.0
