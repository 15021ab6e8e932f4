"""A stick gives the box its name and its certificate; the box gives the stick its request."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from estation_box.library import said
from estation_box.library.interfaces import MissingError, RefusedError, Stick, StickError, Visit
from estation_box.library.said import Line
from estation_box.provisioning.choosing import Named, Told
from estation_box.provisioning.interfaces import Keys, Papers, Post, Print, SyncDesk
from estation_box.provisioning.offering import candidate, claims
from estation_box.provisioning.rules import MAX_PROFILES, choose, judge, stations_of
from estation_box.provisioning.sentences import CHECK_CODE
from estation_box.words import Said
from estation_wire import stick as layout
from estation_wire.decoding import decoder
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


class _Found(NamedTuple):
    """The station that was tried, its profile where it may be applied, and what people must choose among."""

    station: str | None = None
    accepted: _Accepted | None = None
    told: Told = Told()


class Provisioner:
    """Makes a bare box one station, once; brings a station its newer profile and its certificate."""

    def __init__(
        self,
        keys: Keys,
        papers: Papers,
        *,
        desk: SyncDesk | None = None,
        seal: Print | None = None,
        post: Post | None = None,
    ) -> None:
        """``desk``: where core asks people which station it is; without one several profiles are refused.

        ``seal``: the box's key, for the check code. ``post``: takes reports along.
        """
        self._keys = keys
        self._papers = papers
        self._desk = desk
        self._seal = seal
        self._post = post

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
        found, provisioned = _Found(), False
        try:
            found = self._find(stick, provisioners, floor)
            if found.accepted is not None and found.accepted.profile.retire:
                return self._retire(stick, found.accepted.profile)
            if found.accepted is not None:
                self._papers.apply(found.accepted.payload, found.accepted.profile)
                provisioned = True
                facts = {"name": found.accepted.profile.name, "station": found.accepted.profile.station}
                lines.append(Line(ok=True, said=said.PROVISIONED.about(**facts)))
        except _Refused as refused:
            lines.append(Line(ok=False, said=refused.said))
        except StickError as error:
            lines.append(Line(ok=False, said=error.said))
        own = self._papers.profile()
        self._tell(found.told, own if provisioned else None, lines, bare=own is None)
        if own is None:
            return Visit(folder=found.station or self._only(stick), lines=tuple(lines))
        code = self._code(own)
        if code:
            lines.append(Line(ok=True, said=CHECK_CODE.about(code=f"{code[:3]} {code[3:]}")))
        certified = self._certificate(stick, own, lines)
        if self._post is not None:
            lines += self._post.visit(stick, own.station, own.centre.authority)
        request = self._keys.request(own.station) if self._papers.certificate() is None else None
        self._papers.keep_request(request if own.centre.enrolment is not None else None)
        return Visit(
            station=own.station,
            folder=own.station,
            epoch=own.epoch,
            languages=own.languages,
            timezone=own.timezone,
            lines=tuple(lines),
            provisioned=provisioned,
            certified=certified,
            request=request,
        )

    def _retire(self, stick: Stick, order: Profile) -> Visit:
        """Give the station up: the records go home first, then what makes this box that station goes."""
        own = self._papers.profile() or order
        lines: list[Line] = []
        if self._post is not None:
            lines += self._post.visit(stick, own.station, own.centre.authority)
            if not self._post.complete():
                lines.append(Line(ok=False, said=said.RETIRE_LATER))
        if all(line.ok for line in lines):
            self._papers.forget(order)
            lines.append(Line(ok=True, said=said.RETIRED.about(station=own.station)))
        return Visit(
            station=own.station,
            folder=own.station,
            epoch=order.epoch,
            languages=own.languages,
            timezone=own.timezone,
            lines=tuple(lines),
            provisioned=self._papers.profile() is None,
        )

    def _tell(self, told: Told, named: Profile | None, lines: list[Line], *, bare: bool) -> None:
        """Let core know what to ask or to show of this visit."""
        if self._desk is None:
            return
        bad = next((line.said for line in lines if not line.ok), None) if bare else None
        end = Named(station=named.station, name=named.name, code=self._code(named)) if named is not None else None
        self._desk.tell(msgspec.structs.replace(told, named=end, refused=(bad.zh, bad.en) if bad else None))

    def _code(self, own: Profile) -> str:
        """The check code; empty where there is no seal."""
        if self._seal is None:
            return ""
        return layout.check_code(own.station, own.epoch, self._seal.fingerprint())

    def _find(self, stick: Stick, provisioners: Provisioners | None, floor: datetime) -> _Found:
        """What the stick has for this box; raises `_Refused` or `StickError`."""
        own = self._papers.profile()
        offered = stations_of(stick.names(layout.PROFILES, MAX_PROFILES))
        taken = claims(stick, offered) if own is None else {}
        wanted = self._desk.chosen() if self._desk is not None and own is None else None
        choice = choose(offered, own=own.station if own else None, claimed=frozenset(taken), wanted=wanted)
        if choice.several and self._desk is not None:
            return self._offer(stick, provisioners, floor, choice.several, taken)
        if choice.refusal is not None:
            raise _Refused(choice.refusal)
        if choice.station is None:
            return _Found()
        accepted = self._accepted(stick, choice.station, provisioners, floor)
        return _Found(choice.station, accepted)

    def _accepted(
        self, stick: Stick, station: str, provisioners: Provisioners | None, floor: datetime
    ) -> _Accepted | None:
        """The station's profile; None where it is the box's own already. Raises `_Refused` or `StickError`."""
        own = self._papers.profile()
        payload, profile = self._verified(stick, station, provisioners)
        if own is not None and (profile.station, profile.epoch) == (own.station, own.epoch):
            return None  # the profile that this box has: nothing to say
        refusal = judge(profile, named=station, own=own, used=self._papers.used(), floor=floor)
        if refusal is not None:
            raise _Refused(refusal)
        if not self._keys.is_authority(profile.centre.authority):
            raise _Refused(said.PROFILE_BROKEN.about(station=station))
        return _Accepted(payload, profile)

    def _offer(
        self,
        stick: Stick,
        provisioners: Provisioners | None,
        floor: datetime,
        free: tuple[str, ...],
        taken: dict[str, datetime],
    ) -> _Found:
        """Every free profile that could be applied, and those that are done; raises what is wrong where none could."""
        candidates, why = [], None
        for station in free:
            try:
                accepted = self._accepted(stick, station, provisioners, floor)
            except _Refused as refused:
                why = why or refused
                continue
            if accepted is not None:
                candidates.append(candidate(accepted.profile, None))
        if not candidates and why is not None:
            raise why
        for station, at in sorted(taken.items(), key=lambda each: each[1], reverse=True):
            try:
                candidates.append(candidate(self._verified(stick, station, provisioners).profile, at))
            except _Refused:
                continue
        return _Found(told=Told(candidates=tuple(candidates)))

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
            return _Accepted(payload, decoder(Profile).decode(payload))
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
        return offered[0] if len(offered) == 1 and not claims(stick, offered) else None
