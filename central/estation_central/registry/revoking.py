"""A station's certificates and its token are taken back: from the command line, and from the page of a stolen box.

Brokers take the new lists when they read their files again (SIGHUP); `docs/registry.md` says who tells them.
"""

from __future__ import annotations

from datetime import datetime

from django.db import DatabaseError

from estation_central.authority.certificates import AuthorityError
from estation_central.authority.folder import Authority
from estation_central.broker import lists
from estation_central.settings import CentreSettings
from estation_central.stations.models import EnrolmentToken


def revoke(station: str, settings: CentreSettings, now: datetime) -> tuple[bool, bool]:
    """Whether the station had a certificate, and whether it had a token; neither is worth anything now.

    Raises `AuthorityError` or `OSError`; the certificate comes first, since it must not wait for a database.
    """
    authority = Authority(settings.authority)
    issued = authority.issued(station)
    if issued:
        authority.revoke(station, now)
        lists.write(settings, authority)
    try:
        withdrawn = bool(EnrolmentToken.objects.filter(station=station).delete()[0])
    except DatabaseError as error:
        msg = f"{station}: the token in its profile still holds ({error}); say it again when the database is there"
        raise AuthorityError(msg) from None
    return issued, withdrawn
