"""A station's certificates and its token are taken back: from the command line, and from the page of a stolen box.

The broker takes the new lists when it reads its files again (SIGHUP); `docs/registry.md` says who tells it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db import DatabaseError

from estation_central.authority.certificates import AuthorityError
from estation_central.authority.folder import Authority
from estation_central.broker.folder import write_access
from estation_central.stations.models import EnrolmentToken


def revoke(station: str, authority: Authority, broker: Path, now: datetime) -> tuple[bool, bool]:
    """Whether the station had a certificate, and whether it had a token; neither is worth anything now.

    Raises `AuthorityError` or `OSError`; the certificate comes first, since it must not wait for a database.
    """
    issued = authority.issued(station)
    if issued:
        authority.revoke(station, now)
        write_access(broker, authority)
    try:
        withdrawn = bool(EnrolmentToken.objects.filter(station=station).delete()[0])
    except DatabaseError as error:
        msg = f"{station}: the token in its profile still holds ({error}); say it again when the database is there"
        raise AuthorityError(msg) from None
    return issued, withdrawn
