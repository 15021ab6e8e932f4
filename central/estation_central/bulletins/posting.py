"""Takes signed letters back, and carries them to the stations; and the end of what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from msgspec.structs import replace

from estation_central.bulletins import wording
from estation_central.bulletins.drafting import NoticeError
from estation_central.bulletins.models import Notice, Place, Sending
from estation_central.bulletins.seeing import stations_of
from estation_central.publication import library
from estation_central.publication.keys import signed_by
from estation_central.stations import queries
from estation_central.stations.models import Command, Station
from estation_wire import bulletin_letter
from estation_wire.messages import Bulletin
from estation_wire.voices import LetterRefusedError, spoken

LIFE: Final = timedelta(days=7)  # of a bulletin without an end: a hall whose line is away for a week has it after that
RECALL_LIFE: Final = timedelta(days=90)  # as long as a box keeps what it delivered


def take(notice: Notice, raw: bytes, now: datetime) -> None:
    """Keep a signed letter: the draft's, or that of its recall, which is sent at once. Raises `NoticeError`."""
    payload = _believed(raw)
    if payload == notice.payload.encode() and notice.sent is None:
        _refuse_over(notice, now)
        notice.letter, notice.signed = raw.decode(), notice.signed or now
        notice.save(update_fields=["letter", "signed"])
    elif notice.ending and payload == notice.ending.encode():
        _end(notice, raw.decode(), now)
    else:
        raise NoticeError(_("What was signed is not what was drafted here: take the document of this page, as it is."))


def addressed(notice: Notice) -> QuerySet[Station]:
    """The stations for which it is."""
    return stations_of(list(Place.objects.filter(notice=notice)))


def send(notice: Notice, now: datetime) -> int:
    """Make a command for each station for which it is; how many. Raises `NoticeError`."""
    if notice.signed is None or notice.sent is not None or notice.ending:
        raise NoticeError(_("It is not signed yet, or was sent already."))
    _refuse_over(notice, now)
    _believed(notice.letter.encode())  # who signed it may have been taken from the library since
    stations = list(addressed(notice).order_by("name").values_list("name", flat=True))
    with _once(_("It is not signed yet, or was sent already.")), transaction.atomic():
        _post(notice, stations, notice.letter, now, notice.not_after or now + LIFE, ends=False)
        notice.sent = now
        notice.save(update_fields=["sent"])
    return len(stations)


def recall(notice: Notice, now: datetime) -> None:
    """Nobody is sent it any more, and the document that ends it waits to be signed. Raises `NoticeError`."""
    if notice.sent is None or notice.ending:
        raise NoticeError(_("It was not sent, or is being recalled already."))
    letter = bulletin_letter.read(notice.payload.encode())
    over = replace(letter.bulletin, not_after=letter.bulletin.issued)
    with transaction.atomic():
        ours = Command.objects.filter(sending__notice=notice, sending__ends=False)
        ours.filter(outcome="", expires__gt=now).update(expires=now)
        notice.ending = msgspec.json.encode(replace(letter, bulletin=over, ends=True)).decode()
        notice.save(update_fields=["ending"])


def forget(notice: Notice) -> None:
    """Remove a bulletin that nobody was sent. Raises `NoticeError`."""
    if notice.sent is not None:
        raise NoticeError(_("It was sent: it can be recalled, and stays in the list."))
    notice.delete()


def _end(notice: Notice, letter: str, now: datetime) -> None:
    """Send the recall to all who may have it: whoever refused the bulletin never had it."""
    if notice.recalled is not None:
        raise NoticeError(_("Its recall was sent already."))
    sent = Sending.objects.filter(notice=notice, ends=False).exclude(command__outcome="refused")
    with _once(_("Its recall was sent already.")), transaction.atomic():
        stations = list(sent.order_by("station").values_list("station", flat=True))
        _post(notice, stations, letter, now, now + RECALL_LIFE, ends=True)
        notice.end_letter, notice.recalled = letter, now
        notice.save(update_fields=["end_letter", "recalled"])


@contextmanager
def _once(already: str) -> Iterator[None]:
    """To a whole network it takes seconds: who presses twice meanwhile is told so, and no station is sent it twice."""
    try:
        yield
    except IntegrityError:
        raise NoticeError(already) from None


def _post(
    notice: Notice, stations: Iterable[str], letter: str, now: datetime, expires: datetime, *, ends: bool
) -> None:
    made = queries.order_all(stations, Bulletin, now, expires, document=letter)
    rows = [Sending(notice=notice, station=station, command_id=command, ends=ends) for station, command in made]
    Sending.objects.bulk_create(rows, batch_size=queries.AT_ONCE)


def _believed(raw: bytes) -> bytes:
    """What was signed, if a box would believe it by the library that was taken in last. Raises `NoticeError`."""
    try:
        spoken(raw, library.voices(), signed_by)
    except LetterRefusedError as error:
        msg = _("It is not signed as a box wants it: %(why)s") % {"why": wording.refused(error)}
        raise NoticeError(msg) from None
    payload, _signatures = bulletin_letter.open_envelope(raw)
    return payload


def _refuse_over(notice: Notice, now: datetime) -> None:
    if notice.not_after is not None and notice.not_after <= now:
        raise NoticeError(_("Its time is over: write a new one."))
