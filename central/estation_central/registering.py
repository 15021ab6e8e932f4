"""Stations come into the registry, get their certificates by stick, and lose them."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import django
from django.core.exceptions import ValidationError

from estation_central.authority.certificates import REQUEST_LIMIT_BYTES, AuthorityError
from estation_central.authority.folder import Authority
from estation_central.broker.folder import write_access
from estation_central.settings import CentreSettings
from estation_wire import stick

RELOAD = "Tell the broker to read its files again: systemctl reload mosquitto (SIGHUP)."


def add(options: argparse.Namespace) -> int:
    """Add a station to the registry, or change it."""
    django.setup()
    from estation_central.stations.models import Station  # noqa: PLC0415 (models want Django set up)

    try:
        ZoneInfo(options.timezone)
        station = Station(
            name=options.name,
            region=options.region,
            title=options.title,
            site=options.site,
            site_kind=options.site_kind,
            timezone=options.timezone,
            minimum_sessions=options.sessions,
            minimum_seconds=options.seconds,
            site_policy=options.policy,
            site_share_percent=options.share,
        )
        station.full_clean(validate_unique=False)
    except (ValidationError, ZoneInfoNotFoundError, ValueError) as error:
        sys.stderr.write(f"station {options.name}: {error}\n")
        return 2
    station.save()
    sys.stdout.write(f"{station.name}: {station.title} in {station.region}\n")
    return 0


def sign_requests(mounted: Path, settings: CentreSettings) -> int:
    """Sign every request of a registered station on the stick; 1 where one was refused."""
    django.setup()
    from estation_central.stations.models import Station  # noqa: PLC0415

    authority = Authority(settings.authority)
    refused = False
    for path in sorted((mounted / stick.RETURNED).glob(f"*/{stick.REQUEST}")):
        name = path.parent.name
        station = Station.objects.filter(name=name).first()
        try:
            if station is None:
                msg = f"{name}: not in the registry; add it with `estation-central station add`"
                raise AuthorityError(msg)  # noqa: TRY301 (told in one place)
            pem = authority.sign_request(_read(path), station.name, station.region)
        except AuthorityError as error:
            refused = True
            sys.stdout.write(f"refused: {error}\n")
            continue
        target = mounted / stick.certificate(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".new")
        beside.write_bytes(pem)
        beside.replace(target)
        sys.stdout.write(f"signed: {name}\n")
    if authority.later_accounts():
        write_access(settings.broker, authority)
        sys.stdout.write(f"{RELOAD}\n")
    return int(refused)


def revoke(station: str, settings: CentreSettings) -> int:
    """Take a station's certificates back."""
    authority = Authority(settings.authority)
    authority.revoke(station, datetime.now(UTC))
    write_access(settings.broker, authority)
    sys.stdout.write(f"{station}: its certificates are worth nothing now. {RELOAD}\n")
    return 0


def _read(path: Path) -> bytes:
    with path.open("rb") as file:  # a stick may hold anything under this name
        return file.read(REQUEST_LIMIT_BYTES + 1)
