"""A stick gives the box its name and its certificate; the box gives the stick its request."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from estation_box.library import said
from estation_box.library.interfaces import MissingError, RefusedError, Stick, StickError, Visit
from estation_box.library.receipt import RECEIPT_LIMIT_BYTES, Receipt
from estation_box.library.said import Line, Said
from estation_box.provisioning.interfaces import Keys, Papers
from estation_box.provisioning.rules import MAX_PROFILES, choose, judge, stations_of
from estation_wire import stick as layout
from estation_wire.errors import WireError
from estation_wire.library import Provisioners
from estation_wire.profile import PROFILE_LIMIT_BYTES, Profile, decode_envelope, signed_bytes

CERTIFICATE_LIMIT_BYTES: Final = 16 * 1024  # a chain of three has 3 kB


class _Refused(Exception):  # noqa: N818 - it never leaves this module; it is a word, not a fault of ours
    def __init__(self, said: Said) -> None:
        super().__init__(said.en)
        self.said = said


class _Accepted(NamedTuple):
    payload: bytes
    profile: Profile


class Provisioner:
    """Makes a bare box one station, once; brings a station its newer profile and its certificate."""

    def __init__(self, keys: Keys, papers: Papers) -> None:
        self._keys = keys
        self._papers = papers

    def languages(self) -> tuple[str, ...]:
        """See `Registrar.languages`."""
        own = self._papers.profile()
        return own.languages if own else ()

    def profile(self) -> Profile | None:
        """See `Registrar.profile`."""
        return self._papers.profile()

    def visit(self, stick: Stick, provisioners: Provisioners | None, floor: datetime) -> Visit:
        """See `Registrar.visit`."""
        lines: list[Line] = []
        tried: str | None = None
        provisioned = False
        try:
            tried, accepted = self._find(stick, provisioners, floor)
            if accepted is not None:
                self._papers.apply(accepted.payload, accepted.profile)
                provisioned = True
                facts = {"name": accepted.profile.name, "station": accepted.profile.station}
                lines.append(Line(ok=True, said=said.PROVISIONED.about(**facts)))
        except _Refused as refused:
            lines.append(Line(ok=False, said=refused.said))
        except StickError as error:
            lines.append(Line(ok=False, said=error.said))
        own = self._papers.profile()
        if own is None:
            return Visit(folder=tried or self._only(stick), lines=tuple(lines))
        certified = self._certificate(stick, own, lines)
        return Visit(
            station=own.station,
            folder=own.station,
            epoch=own.epoch,
            languages=own.languages,
            timezone=own.timezone,
            lines=tuple(lines),
            provisioned=provisioned,
            certified=certified,
            request=self._keys.request(own.station) if self._papers.certificate() is None else None,
        )

    def _find(
        self, stick: Stick, provisioners: Provisioners | None, floor: datetime
    ) -> tuple[str | None, _Accepted | None]:
        """The station that was tried, and its profile where it may be applied; raises `_Refused` or `StickError`."""
        own = self._papers.profile()
        offered = stations_of(stick.names(layout.PROFILES, MAX_PROFILES))
        claimed = frozenset(_claimed(stick, offered)) if own is None else frozenset[str]()
        choice = choose(offered, own=own.station if own else None, claimed=claimed)
        if choice.refusal is not None:
            raise _Refused(choice.refusal)
        if choice.station is None:
            return None, None
        payload, profile = self._verified(stick, choice.station, provisioners)
        if own is not None and (profile.station, profile.epoch) == (own.station, own.epoch):
            return choice.station, None  # the profile that this box has: nothing to say
        refusal = judge(profile, named=choice.station, own=own, used=self._papers.used(), floor=floor)
        if refusal is not None:
            raise _Refused(refusal)
        if not self._keys.is_authority(profile.centre.authority):
            raise _Refused(said.PROFILE_BROKEN.about(station=choice.station))
        return choice.station, _Accepted(payload, profile)

    def _verified(self, stick: Stick, station: str, provisioners: Provisioners | None) -> _Accepted:
        if provisioners is None:
            raise _Refused(said.PROFILE_NO_KEYS)
        try:
            payload, signatures = decode_envelope(stick.read(layout.profile(station), PROFILE_LIMIT_BYTES))
        except (WireError, RefusedError):
            raise _Refused(said.PROFILE_BROKEN.about(station=station)) from None
        message = signed_bytes(payload)
        if not any(self._keys.signed_by(key, sig, message) for key in provisioners.keys for _, sig in signatures):
            raise _Refused(said.PROFILE_UNSIGNED.about(station=station))
        try:
            return _Accepted(payload, msgspec.json.decode(payload, type=Profile))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError):
            raise _Refused(said.PROFILE_BROKEN.about(station=station)) from None

    def _certificate(self, stick: Stick, own: Profile, lines: list[Line]) -> bool:
        try:
            certificate = stick.read(layout.certificate(own.station), CERTIFICATE_LIMIT_BYTES)
        except MissingError:
            return False
        except StickError as error:
            lines.append(Line(ok=False, said=error.said))
            return False
        if certificate == self._papers.certificate():
            return False
        if not self._keys.fits(certificate, station=own.station, authority=own.centre.authority):
            lines.append(Line(ok=False, said=said.CERTIFICATE_OTHER))
            return False
        self._papers.keep_certificate(certificate)
        lines.append(Line(ok=True, said=said.CERTIFICATE_TAKEN))
        return True

    def _only(self, stick: Stick) -> str | None:
        """The station whose profile alone lies on the stick, where no other box has left its receipt."""
        try:
            offered = stations_of(stick.names(layout.PROFILES, MAX_PROFILES))
        except StickError:
            return None
        return offered[0] if len(offered) == 1 and not list(_claimed(stick, offered)) else None


def _claimed(stick: Stick, stations: Iterable[str]) -> Iterable[str]:
    """The stations that some box has taken from this stick already, by the receipts on it.

    A newer profile for the same station is claimed only by a receipt of its own epoch, which `judge` cannot see:
    so the epoch of the profile is read from the envelope, unverified; it decides nothing but the choice.
    """
    for station in stations:
        try:
            raw = stick.read(f"{layout.returned(station)}/{layout.RECEIPT}", RECEIPT_LIMIT_BYTES)
            epoch = msgspec.json.decode(raw, type=Receipt).epoch
            offered = msgspec.json.decode(
                decode_envelope(stick.read(layout.profile(station), PROFILE_LIMIT_BYTES))[0], type=Profile
            ).epoch
        except (StickError, WireError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        if epoch >= max(offered, 1):
            yield station
