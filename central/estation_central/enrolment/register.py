"""The tokens in the database, each for one station; the newest voids the one before."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from estation_central.authority.certificates import AuthorityError, request_of
from estation_central.authority.folder import Authority
from estation_central.enrolment.rules import LIFE, Given, digest, make_token, refusal
from estation_central.stations.models import EnrolmentToken, Station
from estation_wire.enrolment import EnrolmentRequest, Why


def invite(station: str, now: datetime) -> str:
    """A new token for a registered station, for 60 days; older ones are worth nothing. Raises `AuthorityError`."""
    if not Station.objects.filter(name=station).exists():
        msg = f"{station}: not in the registry; add it with `estation-central station add`"
        raise AuthorityError(msg)
    token = make_token()
    words = {"digest": digest(token), "not_after": now + LIFE, "key": ""}
    EnrolmentToken.objects.update_or_create(station=station, defaults=words)
    return token


def used_by_stick(station: str, request: bytes) -> None:
    """The station's certificate went home by stick: its token is worth nothing to any other key."""
    EnrolmentToken.objects.filter(station=station, key="").update(key=request_of(request).fingerprint)


def certify(asked: EnrolmentRequest, authority: Authority, now: datetime) -> bytes | Why:
    """The certificate (PEM) for one call, or why there is none. Raises `AuthorityError` or `OSError`.

    The token's row is locked meanwhile, so that of two boxes with one token only one gets a certificate.
    """
    try:
        request = request_of(asked.csr.encode())
    except AuthorityError:
        return "request"
    with transaction.atomic():
        row = EnrolmentToken.objects.select_for_update().filter(digest=digest(asked.token)).first()
        given = Given(station=row.station, not_after=row.not_after, key=row.key) if row else None
        why = refusal(given, request.station, request.fingerprint, now)
        if why is not None or row is None:
            return why or "unknown"
        station = Station.objects.filter(name=row.station).first()
        if station is None:
            return "unknown"
        pem = authority.sign_request(asked.csr.encode(), station.name, station.region)
        if not row.key:
            row.key = request.fingerprint
            row.save(update_fields=["key"])
        return pem
