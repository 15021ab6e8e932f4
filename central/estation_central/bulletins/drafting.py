"""A draft: what somebody wants to be said, to whom, and the document that others sign for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from msgspec import Struct

from estation_central.bulletins.models import Notice, Place
from estation_central.bulletins.seeing import own, stations_of
from estation_central.publication import library
from estation_central.registry.models import Region, Site
from estation_wire import bulletin_letter
from estation_wire.audience import MAX_REGIONS, Audience, SiteKind
from estation_wire.bulletin_letter import Letter
from estation_wire.bulletins import Bulletin, Urgency
from estation_wire.delegations import COUNTY_DIGITS, EMERGENCY, as_of, roles_of
from estation_wire.errors import WireError
from estation_wire.values import CONTRACT_MAJOR

MOST_SITES: Final = 200  # named one by one
ENVELOPE_BYTES: Final = bulletin_letter.LETTER_LIMIT_BYTES // 2  # what is left for base64 and signatures


class NoticeError(Exception):
    """A bulletin is not drafted, taken, sent or recalled; the text says why and what to do."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What somebody wants to be said. ``regions`` and ``sites``: to whom; neither: to the whole network."""

    name: str
    role: str
    priority: Urgency
    titles: Mapping[str, str]
    texts: Mapping[str, str]
    issued: datetime
    not_after: datetime | None
    seconds: int
    every_minutes: int
    link: str
    wakes: bool
    regions: Sequence[Region]
    sites: Sequence[Site]
    kinds: Sequence[SiteKind]


def draft(wanted: Wanted, by: User, now: datetime) -> Notice:
    """Write it down. Raises `NoticeError`."""
    places = _places(wanted)
    letter = Letter(v=CONTRACT_MAJOR, role=wanted.role, bulletin=_bulletin(wanted, places))
    payload = msgspec.json.encode(letter)
    try:
        bulletin_letter.read(payload)  # a Struct checks nothing when it is made here
    except WireError:  # the form has seen to all that a writer can do wrong, but for these
        msg = _("A box cannot show it: leave out signs that nobody can see, and choose days of these years.")
        raise NoticeError(msg) from None
    if len(payload) > ENVELOPE_BYTES:
        raise NoticeError(_("It is too long to be sent by a command: shorten the texts."))
    notice = Notice(
        name=wanted.name,
        shown_as=as_of(wanted.role, letter.bulletin).id,
        role=wanted.role,
        priority=wanted.priority,
        title=next(iter(wanted.titles.values())),
        issued=wanted.issued,
        not_after=wanted.not_after,
        payload=payload.decode(),
        by=by,
        made=now,
    )
    taken = _("A bulletin of this name is in the list already: choose another name.")
    if library.bulletin(wanted.name, now) is not None:  # its page would be hidden behind this one's
        raise NoticeError(taken)
    try:
        with transaction.atomic():
            _save(notice, places, by)
    except IntegrityError:
        raise NoticeError(taken) from None
    return notice


def _save(notice: Notice, places: list[Place], by: User) -> None:
    notice.save(force_insert=True)
    for place in places:
        place.notice = notice
    Place.objects.bulk_create(places)
    if not own(by).filter(pk=notice.pk).exists():
        raise NoticeError(_("It would be for sites that are not yours: name your regions or your sites."))


def _places(wanted: Wanted) -> list[Place]:
    if wanted.sites:
        return [Place(site=site) for site in wanted.sites]
    paths, kinds = [region.path for region in wanted.regions], [str(kind) for kind in wanted.kinds]
    return [Place(path=path, kind=kind) for path in paths or [""] for kind in kinds or [""]]


def _bulletin(wanted: Wanted, places: list[Place]) -> Bulletin:
    """The words as a box reads them. Who is meant is told by the counties that the stations themselves go by."""
    narrow = bool(wanted.sites or wanted.regions)
    counties = sorted(set(stations_of(places).order_by().values_list("region", flat=True))) if narrow else []
    if narrow and not counties:
        raise NoticeError(_("There is no station in these places."))
    if len(counties) > MAX_REGIONS:
        raise NoticeError(_("These are too many counties for one bulletin: write one for each part of the network."))
    if not speaks(wanted.role, counties):
        raise NoticeError(_("Who signs it does not speak to all of these places: choose another, or fewer places."))
    return Bulletin(
        id=wanted.name,
        priority=wanted.priority,
        titles=dict(wanted.titles),
        issued=wanted.issued,
        not_after=wanted.not_after,
        texts=dict(wanted.texts),
        seconds=wanted.seconds,
        every_minutes=wanted.every_minutes,
        audience=Audience(kinds=tuple(wanted.kinds), regions=tuple(counties)),
        link=wanted.link,
        wakes=wanted.wakes,
    )


def speaks(role: str, counties: Sequence[str]) -> bool:
    """Whether a box in each of ``counties`` (none: in any) may hear the role; of a township the box itself decides."""
    if role == EMERGENCY:
        return True
    of_township = role.isdigit() and len(role) > COUNTY_DIGITS
    return bool(counties) and all(
        county == role[:COUNTY_DIGITS] if of_township else role in roles_of(county) for county in counties
    )
