"""Stations come into the registry, get their certificates by stick, and lose them."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import django
from django.core.exceptions import ValidationError

from estation_central.authority.certificates import REQUEST_LIMIT_BYTES, AuthorityError
from estation_central.authority.folder import Authority
from estation_central.broker import lists
from estation_central.settings import CentreSettings
from estation_wire import stick
from estation_wire.enrolment import HTTPS_PATTERN
from estation_wire.values import matches

RELOAD = (
    "The broker reads its lists again by estation-broker-reload.path; where that does not run: "
    "systemctl reload estation-broker (SIGHUP)."
)


def add(options: argparse.Namespace) -> int:
    """Add a station to the registry, or change it; a county and a site that are not there yet are made."""
    django.setup()
    from estation_central.registry.adding import add as added  # noqa: PLC0415 (models want Django set up)

    told = {
        "kind": options.site_kind,
        "timezone": options.timezone,
        "minimum_sessions": options.sessions,
        "minimum_seconds": options.seconds,
        "policy": options.policy,
        "share_percent": options.share,
    }
    site = {word: value for word, value in told.items() if value is not None}
    try:
        station = added(options.name, options.region, options.title, options.site, site, now=datetime.now(UTC))
    except ValidationError as error:
        sys.stderr.write(f"station {options.name}: {error}\n")
        return 2
    sys.stdout.write(f"{station.name}: {station.title} in {station.region}\n")
    return 0


def invite(station: str, url: str) -> int:
    """Print the lines that the station's profile needs for the enrolment call; older tokens are worth nothing now."""
    django.setup()
    from estation_central.enrolment.register import invite as made  # noqa: PLC0415 (models want Django set up)

    if not matches(HTTPS_PATTERN, url):
        sys.stderr.write(f"{url}: an address that begins with https:// is needed\n")
        return 2
    token = made(station, datetime.now(UTC))
    sys.stdout.write(f'[centre.enrolment]\nurl = "{url}"\ntoken = "{token}"\n')
    return 0


def sign_requests(mounted: Path, settings: CentreSettings) -> int:
    """Sign every request of a registered station on the stick; 1 where one was refused."""
    django.setup()
    from estation_central.enrolment.register import used_by_stick  # noqa: PLC0415
    from estation_central.stations.models import Station  # noqa: PLC0415

    authority = Authority(settings.authority)
    refused = signed = False
    for path in sorted((mounted / stick.RETURNED).glob(f"*/{stick.REQUEST}")):
        name = path.parent.name
        station = Station.objects.filter(name=name).first()
        try:
            if station is None:
                msg = f"{name}: not in the registry; add it with `estation-central station add`"
                raise AuthorityError(msg)  # noqa: TRY301 (told in one place)
            request = _read(path)
            pem = authority.sign_request(request, station.name, station.region)
            used_by_stick(station.name, request)
        except AuthorityError as error:
            refused = True
            sys.stdout.write(f"refused: {error}\n")
            continue
        target = mounted / stick.certificate(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".new")
        beside.write_bytes(pem)
        beside.replace(target)
        signed = True
        sys.stdout.write(f"signed: {name}\n")
    if signed:
        lists.write(settings, authority)
    if authority.later_accounts():
        sys.stdout.write(f"{RELOAD}\n")
    return int(refused)


def revoke(station: str, settings: CentreSettings) -> int:
    """Take a station's certificates back, and its token."""
    django.setup()
    from estation_central.registry.revoking import revoke as taken_back  # noqa: PLC0415

    issued, withdrawn = taken_back(station, settings, datetime.now(UTC))
    if issued:
        sys.stdout.write(f"{station}: its certificates are worth nothing now. {RELOAD}\n")
    if withdrawn:
        sys.stdout.write(f"{station}: the token in its profile is worth nothing now.\n")
    if not issued and not withdrawn:
        msg = f"{station}: no certificate and no token to take back"
        raise AuthorityError(msg)
    return 0


def _read(path: Path) -> bytes:
    if path.is_symlink() or not path.is_file():  # a stick may hold anything under this name, a pipe that never ends too
        msg = f"{path.parent.name}: its request is no plain file"
        raise AuthorityError(msg)
    with path.open("rb") as file:
        return file.read(REQUEST_LIMIT_BYTES + 1)
