"""``estation-fetch``: the library by network, and the box's certificate; without the box's key, which it cannot read.

Started every hour by a timer, and by a path unit when core writes ``fetch-request``. Sticks come first: it gives way.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from estation_box import settings
from estation_box.apps.sync import EXIT_BUSY, BusyError, alone, instant, saved_floor
from estation_box.clock import rules as clock_rules
from estation_box.clock.interfaces import SystemClock
from estation_box.clock.memory import Memory
from estation_box.drivers import identity
from estation_box.drivers.content_store import ContentStore
from estation_box.drivers.core_link import CoreLink
from estation_box.drivers.enrolment import HttpsCaller, RequestRegistry
from estation_box.drivers.http import HttpSource, Server
from estation_box.drivers.keys import BoxKeys
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.drivers.picture_store import PictureStore
from estation_box.drivers.profile_store import KEY, ProfileStore, write_durably
from estation_box.drivers.sync_request import answered, asked
from estation_box.drivers.system_clock import KernelClock
from estation_box.drivers.tuf import TufClient
from estation_box.drivers.two_copies import TwoCopies
from estation_box.library import said, said_network
from estation_box.library.interfaces import CardError, UnreadableError
from estation_box.library.network import Tries, permit
from estation_box.library.service import Parts, Sync
from estation_box.library.sync_words import Progress, Synced
from estation_box.library.trust import Trust
from estation_box.provisioning.enrolling import EnrolmentRefusedError, call_for, enrol, waits
from estation_box.provisioning.service import Provisioner
from estation_box.words import Said
from estation_wire.decoding import decoder
from estation_wire.profile import Profile
from estation_wire.values import Trust as ClockTrust

TRIES: Final = "fetch-tries"
TRIES_LIMIT_BYTES: Final = 4096
MAX_REASONS: Final = 20  # as `Synced` holds
LOOK_SECONDS: Final = 0.5  # how soon a stick is noticed while this process waits
log = logging.getLogger("estation-fetch")


class Remembered(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How it went since the box was switched on. ``refused``: the mark of the call that the office refused for good."""

    library: Tries = Tries()
    centre: Tries = Tries()
    refused: Annotated[str, Meta(max_length=32)] = ""


class When(NamedTuple):
    """The time. ``known``: it is no guess. ``floor``: it is at least this. ``dates``: TLS may judge dates by it."""

    now: datetime
    known: bool
    floor: datetime
    dates: bool


class Told(NamedTuple):
    """What was done: what went wrong, whether a certificate came, and what the library's server had."""

    bad: tuple[Said, ...] = ()
    certified: bool = False
    synced: Synced | None = None


class Quiet:
    """See `Listener`: nobody at the TV is told how far a download is."""

    def progress(self, word: Progress) -> None:
        """See `Listener.progress`."""

    def up(self) -> float:
        """See `Listener.up`."""
        return time.monotonic()


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch what there is and may come now; 0 when done, 1 with a plain word when the box itself is at fault."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    parser = argparse.ArgumentParser(prog="estation-fetch", description=__doc__)
    parser.add_argument("--now", type=instant, help="take this for the time (RFC 3339)")
    options = parser.parse_args(arguments)
    try:
        folders = settings.folders(os.environ)
        order = asked(folders.fetch_request)
        with alone(folders.state):
            try:
                at = when(folders, KernelClock(), identity.boot_id(os.environ))
                if options.now:
                    at = When(options.now, known=True, floor=saved_floor(folders.state), dates=True)
                _run(folders, at, ordered=bool(order.file))
            finally:
                answered(folders.fetch_request, order.file)
    except BusyError as error:
        log.info("%s", error)
        return EXIT_BUSY if order.file else 0  # nobody waits for the timer's hour
    except (settings.SettingsError, CardError, OSError) as error:
        print(f"estation-fetch: {error}", file=sys.stderr)
        return 1
    return 0


def when(folders: settings.Folders, clock: SystemClock, boot: str) -> When:
    """What time it is in this ``boot``, as far as the system and core know it."""
    floor = saved_floor(folders.state)
    wall, up = clock.wall(), clock.up()
    if clock.synchronised():
        return When(wall, known=True, floor=max(floor, wall), dates=True)
    memory = Memory(TwoCopies(folders.state / "clock"), TwoCopies(folders.runtime / "clock"), boot)
    reading = memory.kept()
    if reading is None:
        return When(wall, known=False, floor=floor, dates=False)
    right = reading.trust is ClockTrust.NETWORK and not clock_rules.is_astray(reading, wall, up)
    return When(clock_rules.read(reading, up), known=reading.trust is not ClockTrust.GUESS, floor=floor, dates=right)


def _run(folders: settings.Folders, at: When, *, ordered: bool) -> None:
    papers = ProfileStore(folders.state, identity.serial())
    profile = papers.profile()
    with CoreLink(folders.core_socket) as core:
        if profile is None:
            told = Told((said_network.NO_LIBRARY_ADDRESS,)) if ordered else Told()
        else:
            try:
                told = Fetch(folders, profile, papers, at, ordered=ordered).run()
            except (CardError, OSError) as error:
                told = Told((error.said if isinstance(error, CardError) else said.BOX_FAULT,))
                core.synced(_word(told, profile.languages))
                raise
        word = _word(told, profile.languages if profile else ())
        for reason in word.reasons:
            log.warning("%s", reason)
        if told != Told():
            log.info("%d taken; catalogue %d; certificate %s", word.taken, word.catalogue, told.certified)
            core.synced(word)


def _word(told: Told, languages: tuple[str, ...]) -> Synced:
    word = told.synced or Synced(source="network", taken=0, refused=0)
    reasons = (*(each.to(languages) for each in told.bad), *word.reasons)
    return msgspec.structs.replace(
        word, refused=word.refused + len(told.bad), reasons=reasons[:MAX_REASONS], certified=told.certified
    )


class Fetch:
    """One start: first the certificate, then the library. Raises `CardError` or `OSError`."""

    def __init__(
        self, folders: settings.Folders, profile: Profile, papers: ProfileStore, at: When, *, ordered: bool
    ) -> None:
        self._folders, self._profile, self._papers, self._at, self._ordered = folders, profile, papers, at, ordered
        self._chance = random.Random()  # noqa: S311 - it spreads the boxes, it guards nothing
        self._memory = folders.runtime / TRIES
        self._first = (folders.sync_request, folders.stick_request, folders.sync_waiting)

    def run(self) -> Told:
        """Do what is to be done now, and remember how it went."""
        before = remembered(self._memory)
        certificate, after = self._certificate(before)
        library, after = self._library(after)
        if after != before:
            write_durably(self._memory, msgspec.json.encode(after))
        return Told((*certificate.bad, *library.bad), certificate.certified, library.synced)

    def _certificate(self, before: Remembered) -> tuple[Told, Remembered]:
        call = call_for(self._profile, self._papers)
        up = _up()
        if call is None or call.mark == before.refused or not before.centre.may(up, ordered=self._ordered):
            return Told(), before
        centre = self._profile.centre
        proxy = self._profile.network.proxy
        try:
            with HttpsCaller(centre.authority, proxy=proxy, check_dates=self._at.dates) as caller:
                enrol(call, self._profile, self._papers, caller, RequestRegistry())
        except EnrolmentRefusedError as error:
            log.warning("%s", error)
            after = msgspec.structs.replace(before, refused=call.mark, centre=Tries())
            return Told((error.said,)), after
        except UnreadableError as error:
            log.info("%s", error)
            failed = before.centre.failed(_up(), self._chance.random(), waits(error))
            return Told((error.said,)), msgspec.structs.replace(before, centre=failed)
        return Told(certified=True), msgspec.structs.replace(before, centre=Tries(), refused="")

    def _library(self, before: Remembered) -> tuple[Told, Remembered]:
        profile, at = self._profile, self._at
        network, zone = profile.network, ZoneInfo(profile.timezone)
        may = permit(network, at.now if at.known else None, zone, profile.station)
        if network.library is None or not before.library.may(_up(), ordered=self._ordered):
            why = said_network.NO_LIBRARY_ADDRESS if network.library is None else said_network.WAITING
            return Told((why,) if self._ordered else ()), before
        server = Server(
            network.library, network.authority, network.proxy, check_dates=at.dates,
            bytes_per_second=network.bytes_per_second, seconds=may.seconds if may.videos else None,
        )  # fmt: skip
        try:
            with HttpSource(server, self._chance, wait=self._wait, yields=self._yields) as source:
                synced = self._synced(source, videos=may.videos)
                failure = source.failure
        except UnreadableError as error:  # an authority that is none
            synced, failure = None, error
        if failure is None:
            return Told(synced=synced), msgspec.structs.replace(before, library=Tries())
        log.info("%s", failure)
        failed = before.library.failed(_up(), self._chance.random(), waits(failure))
        bad = () if synced is not None else (failure.said,)
        return Told(bad, synced=synced), msgspec.structs.replace(before, library=failed)

    def _synced(self, source: HttpSource, *, videos: bool) -> Synced:
        folders = self._folders
        with LibraryWriter(folders.library_database) as books:
            trust = Trust(
                TufClient(folders.state / "tuf", folders.trust_root), TwoCopies(folders.state / "tuf-mark"), books
            )
            registrar = Provisioner(BoxKeys(folders.state / KEY), self._papers)  # asked who this is; never for the key
            cache, gallery = ContentStore(folders.cache), PictureStore(folders.pictures)
            parts = Parts(trust, books, books, books, cache, registrar, Quiet(), gallery)
            return Sync(parts, self._at.floor).network(source, self._at.now, videos=videos)

    def _yields(self) -> bool:
        return any(map(Path.exists, self._first))

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._yields():
            time.sleep(min(left, LOOK_SECONDS))


def remembered(path: Path) -> Remembered:
    """How it went before in this boot; nothing where nothing legible was kept."""
    try:
        with path.open("rb") as file:
            return decoder(Remembered).decode(file.read(TRIES_LIMIT_BYTES))
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return Remembered()


def _up() -> float:
    return KernelClock().up()


if __name__ == "__main__":
    sys.exit(main())
