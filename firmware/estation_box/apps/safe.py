"""``estation-safe``: what takes over from a unit that has spent its starts. It owns the reboot budget, and little else.

PID 1 starts an instance for each such unit by ``OnFailure=``, with the unit as its argument, and does what its end
says: 0 starts the box again (``SuccessAction=reboot``), 75 has the units tried again (``OnFailure=`` of its own).
It imports nothing of core, so what broke core does not break it.
"""

from __future__ import annotations

import fcntl
import logging
import os
import random
import secrets
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import metadata
from pathlib import Path
from typing import Final, TextIO

import msgspec

from estation_box import settings
from estation_box.drivers import console, identity, update_pause
from estation_box.drivers.last_boot import REBOOTS
from estation_box.drivers.profile_store import CERTIFICATE, KEY, load_profile
from estation_box.drivers.supervisor import SerialLine, port
from estation_box.drivers.two_copies import TwoCopies
from estation_box.drivers.unix_socket import Heard, Joined, Link
from estation_box.guarding import budget, said
from estation_box.guarding.budget import Budget, Verdict
from estation_box.guarding.service import Guard
from estation_box.playout import cards, qr
from estation_box.playout.player_words import Banner, Cover
from estation_box.settings import Folders
from estation_wire.supervisor_words import HEALTH_SAFE, REBOOTING

TRY_AGAIN: Final = 75
LOOK_SECONDS: Final = 1.0
LOCK: Final = "safe.lock"  # in /run: a boot begins without one
CORE: Final = "estation-core.service"
log = logging.getLogger("estation-safe")


def failed_unit(arguments: Sequence[str]) -> str:
    """The unit that this instance is for, such as ``estation-core``; somebody may start it by hand for any, or none."""
    named = arguments[0] if arguments else ""
    return f"{named}.service"[:64] if named.startswith("estation-") else "estation"


@contextmanager
def alone(runtime: Path, leave: threading.Event) -> Iterator[bool]:
    """Whether this instance is the first, and so owns the budget, the screen and the line.

    Another waits until the first is done. Where no lock can be kept there is nobody to wait for: this is the last that
    could give up.
    """
    first = True
    with ExitStack() as held:
        try:
            lock = held.enter_context((runtime / LOCK).open("w"))
            while not leave.is_set() and not _taken(lock):
                if first:
                    log.info("another unit failed before: its safe mode is for both")
                first = False
                leave.wait(LOOK_SECONDS)
        except OSError as error:
            log.warning("no lock can be kept: %s", error)
        yield first


def _taken(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def judge(folders: Folders, environment: Mapping[str, str], unit: str) -> tuple[Verdict, Budget]:
    """What to do; it is on the card before it is done. A budget that cannot be kept buys no reboot."""
    store = TwoCopies(folders.state / REBOOTS, budget.MAX_BYTES)
    boot, up = identity.boot_id(environment), identity.boot_age(environment)
    try:
        verdict, after = budget.decide(_before(store), boot, up, unit)
        store.write(budget.encode(after))
    except OSError as error:
        log.warning("the reboot budget cannot be kept, so there is none: %s", error)
        return budget.decide(budget.unkept(Budget()), boot, 0.0, unit)
    return verdict, after


def _before(store: TwoCopies) -> Budget:
    try:
        return budget.decode(store.read())
    except ValueError as error:
        log.warning("the reboot budget cannot be read, so nothing is left of it: %s", error)
        return budget.unkept(Budget())


def firmware() -> str:
    """What runs here."""
    return f"estation-{metadata.version('estation')}"


class Screen:
    """The fault card: by the player where one is there, else a line on the console."""

    def __init__(self, folders: Folders, unit: str, times: int) -> None:
        serial = identity.serial()
        profile = load_profile(folders.state, serial)
        languages = profile.languages if profile else ()
        words = said.WORDS.about(unit=unit)
        report = said.report(
            unit, times, box=profile.station if profile else serial, boot=identity.boot_id(os.environ),
            minutes=int(identity.boot_age(os.environ) // 60), firmware=firmware(),
        )  # fmt: skip
        self._card = cards.fault(
            title=said.TITLE.to(languages), words=words.to(languages),
            code=said.CODE.about(code=said.code(unit, times)).to(languages), qr=qr.modules(report),
        )  # fmt: skip
        self._banner = cards.banner(words.to(languages), tone="fault")
        self._link = Link(folders.player_socket, self._heard)

    def close(self) -> None:
        """Nothing more is shown; what a player shows stays until core tells it otherwise."""
        self._link.send(msgspec.json.encode(Banner(n=3, ass="")))
        self._link.close()

    def _heard(self, heard: Heard) -> None:
        """A player is there, now or again. The card is behind a film that plays: there the words go over it."""
        if isinstance(heard, Joined):
            heard.peer.send(msgspec.json.encode(Cover(n=1, ass=self._card)))
            heard.peer.send(msgspec.json.encode(Banner(n=2, ass=self._banner)))


def tell_centre(folders: Folders, unit: str, stack: ExitStack) -> None:
    """The retained status, where core cannot tell it and there are papers to do it with."""
    profile = load_profile(folders.state, identity.serial())
    certificate, key = folders.state / CERTIFICATE, folders.state / KEY
    if unit != CORE or profile is None or not certificate.exists() or not key.exists():
        return
    from estation_box.drivers.mqtt import Broker, MqttLink, Will  # noqa: PLC0415 - only where there is somebody to tell
    from estation_box.reporting import service as reporting  # noqa: PLC0415
    from estation_box.reporting.interfaces import Connected, LinkEvent, StationIdentity  # noqa: PLC0415

    who = StationIdentity(profile.region, profile.station, firmware(), identity.boot_id(os.environ))
    topic, word = reporting.status(who, online=True, safe=unit)

    def put(event: LinkEvent) -> None:
        if isinstance(event, Connected):
            link.publish(topic, word, qos=1, retain=True)

    centre = profile.centre
    link = MqttLink(
        Broker(centre.host, centre.port, centre.websocket_port, centre.authority, certificate, key),
        reporting.subscriptions(who), Will(*reporting.status(who, online=False, safe=unit)), put,
        random.Random(secrets.randbits(64)),  # noqa: S311 - it spreads reconnects, it guards nothing
    )  # fmt: skip
    link.start()
    stack.callback(link.close)


def stay(folders: Folders, unit: str, after: Budget, leave: threading.Event, guard: Guard) -> None:
    """Safe mode, until the units shall be tried again or ``leave``."""
    seconds = budget.wait(after)
    with ExitStack() as stack:
        screen = Screen(folders, unit, after.retries)
        stack.callback(screen.close)
        words = said.CONSOLE.format(unit=unit, code=said.code(unit, after.retries))
        console.write(console.console(os.environ), words)
        tell_centre(folders, unit, stack)
        began = identity.boot_age({})
        while (now := identity.boot_age({})) - began < seconds and not leave.wait(LOOK_SECONDS):
            guard.tick(now, HEALTH_SAFE, pause=update_pause.left(folders.runtime))


def main() -> int:
    """Decide, then reboot (0) or stay in safe mode until the units shall be tried again (75)."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    leave = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leave.set())
    try:
        folders = settings.folders(os.environ)
    except settings.SettingsError as error:
        print(f"estation-safe: {error}", file=sys.stderr)
        return TRY_AGAIN
    unit = failed_unit(sys.argv[1:])
    with alone(folders.runtime, leave) as first, SerialLine(port(os.environ)) as line:
        if not first:
            return TRY_AGAIN  # what the first one did was done for both
        guard = Guard(line)
        while update_pause.left(folders.runtime) and not leave.wait(LOOK_SECONDS):
            guard.tick(identity.boot_age({}), HEALTH_SAFE, pause=update_pause.left(folders.runtime))
        verdict, after = judge(folders, os.environ, unit)
        log.info("%s has spent its starts: %s, %d reboots left", unit, verdict.value, after.left)
        if verdict is Verdict.REBOOT and not leave.is_set():
            guard.goodbye(REBOOTING)
            return 0
        stay(folders, unit, after, leave, guard)
    return TRY_AGAIN


if __name__ == "__main__":
    sys.exit(main())
