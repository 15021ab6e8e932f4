"""What breaks while people watch, on the real system: units that hang or crash, a card that is full or refuses.

One box, one boot, one story: each test goes on where the one before it ended.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from tests.support import machine, machine_inside
from tests.support.hall import Hall, again, film
from tests.support.machine_box import PYTHON, BoxInside
from tests.system import pictures
from tests.system.office import BOOT_WITHIN, STICK_WITHIN, press_for

pytestmark = [pytest.mark.system, pytest.mark.soak]
SECONDS, TIMES = 24.0, 8  # one film that shows the same eight times: long enough to look on
MOVED = 0.3  # the mean difference, of 255, of two pictures between which something moved
WATCHED = 45.0  # seconds that a hung core needs: 10 until PID 1 misses it, and its new start on a busy machine
BACK_WITHIN = 120.0
STILL = 3.0  # seconds that a film may stand still on this machine, where every frame is drawn by a processor it shares
SAFE = 150.0  # how long safe mode waits before it tries again
LIBMPV = "/usr/lib/aarch64-linux-gnu/libmpv.so.2"
SPENT = (
    "from pathlib import Path; from estation_box.drivers.two_copies import TwoCopies; "
    "from estation_box.guarding import budget; from estation_box.drivers import identity; import os; "
    "TwoCopies(Path('/var/lib/estation/reboots'), budget.MAX_BYTES)"
    ".write(budget.encode(budget.Budget(left=0, boot=identity.boot_id(os.environ), up=identity.boot_age({}))))"
)


class Watched:
    """A box that is on and provisioned, with a film that lasts."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        now = datetime.now(UTC)
        self.film = pictures.Film(film(SECONDS))
        self.hall = Hall(folder / "hall", [again(film(SECONDS), TIMES)], now)
        self.hall.sign(now + timedelta(days=2))
        card = machine.card(folder, self.hall.root, inside=True)
        self.tv = stack.enter_context(machine.booted(folder, card, {}, *machine_inside.arguments(folder)))
        self.inside = machine_inside.Inside(folder)
        self.box = BoxInside(self.inside)

    def play(self) -> None:
        """Somebody wants to see the film."""
        press_for(self.tv, self.box, self.film)

    def spend(self) -> None:
        """The reboots of this boot are spent."""
        self.inside.run(f'{PYTHON} -c "{SPENT}" && chown estation: /var/lib/estation/reboots*')

    def fail(self, unit: str) -> None:
        """Kill a unit whenever it starts, until PID 1 starts it no more."""
        kill = f"until systemctl is-failed --quiet {unit}; do systemctl kill -s KILL {unit}; sleep 0.2; done"
        self.inside.run(kill, within=BACK_WITHIN)

    def watch(self, seconds: float) -> float:
        """Look on for so long: the film must be there in every picture, and move; the longest that it stood still."""
        before, moved, stood = pictures.small(self.tv.picture()), time.monotonic(), 0.0
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            picture = self.tv.picture()
            assert self.film.on(picture), f"no film: {self.film.find(picture)}"
            now = pictures.small(picture)
            if pictures.difference(before, now) > MOVED:
                before, moved = now, time.monotonic()
            stood = max(stood, time.monotonic() - moved)
        return stood


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("faults")
    with ExitStack() as stack:
        it = Watched(folder, stack)
        it.tv.see("the welcome", pictures.welcome, BOOT_WITHIN)
        it.tv.put_in(it.hall.stick())
        it.tv.see("the station's name", pictures.named, STICK_WITHIN)
        it.tv.pull_out()
        yield it
    shutil.rmtree(folder)


def test_a_core_that_hangs_is_started_again_and_nobody_sees_it(watched: Watched):
    """The box's head stands still: the film goes on, and the head is another one within seconds."""
    watched.play()
    before, starts = watched.box.unit("core", "MainPID", "NRestarts")
    watched.inside.run(f"kill -STOP {before}")
    assert watched.watch(WATCHED) < STILL
    after, again = watched.box.unit("core", "MainPID", "NRestarts")
    assert after not in {before, "0"}
    assert int(again) == int(starts) + 1
    assert watched.box.estation("status")


def test_a_full_card_stops_no_film_and_is_said_and_forgotten_when_there_is_room(watched: Watched):
    """Something fills the card: the film goes on, words say so; with room again what waited is written down."""
    watched.play()
    with full(watched):
        assert watched.watch(5.0) < STILL
        watched.box.press("long")
        watched.tv.see("that the card is full", pictures.trouble, BACK_WITHIN)
    watched.tv.see("no such word any more", lambda seen: not pictures.trouble(seen), BACK_WITHIN)
    ended = watched.box.record("session.ended", BACK_WITHIN)
    assert ended["reason"] == "keeper"
    numbers = [each["seq"] for each in watched.box.records()]
    assert numbers == list(range(1, len(numbers) + 1))


@contextlib.contextmanager
def full(watched: Watched) -> Iterator[None]:
    """Not a byte is left on the data partition."""
    try:
        watched.inside.tried("cat /dev/zero >/data/filler; sync; cat /dev/zero >/data/filler2")
        yield
    finally:
        watched.inside.run("rm /data/filler /data/filler2")


def test_a_core_that_cannot_live_ends_in_safe_mode_with_words_on_the_screen(watched: Watched):
    """Its starts and the box's reboots are spent: the card says what is wrong, and later it is tried again."""
    watched.spend()
    watched.fail("estation-core")
    watched.tv.see("safe mode's card", pictures.fault, BACK_WITHIN)
    watched.box.wait("core again", lambda: watched.box.unit("core", "ActiveState") == ["active"], SAFE + BACK_WITHIN)
    watched.tv.see("the station's card", lambda seen: pictures.card(seen) and not pictures.fault(seen), BACK_WITHIN)


def test_a_player_that_cannot_start_ends_in_safe_mode_with_a_line_on_the_screen(watched: Watched):
    """Its library cannot be read: with nothing to draw, the kernel's console says which unit; mended, it is back."""
    watched.spend()
    with unreadable(watched):
        watched.fail("estation-player")
        watched.tv.see("a line on the console", pictures.console, BACK_WITHIN)
        assert watched.box.unit("safe@estation-player", "ActiveState") == ["active"]
        assert watched.box.unit("core", "ActiveState") == ["active"]
    watched.tv.see("the station's card", pictures.card, SAFE + BACK_WITHIN)
    assert watched.box.unit("player", "ActiveState") == ["active"]


@contextlib.contextmanager
def unreadable(watched: Watched) -> Iterator[None]:
    """What the player draws with is gone."""
    place = f"$(readlink -f {LIBMPV})"
    watched.inside.run(f"mount --bind /dev/null {place}")
    try:
        yield
    finally:
        watched.inside.run(f"umount {place}")


def test_a_card_that_fails_is_said_and_mended_at_the_next_boot(watched: Watched):
    """ext4 finds an error and shuts itself: the image's kernel then refuses to read as well, so that the film ends.

    The box lives, says what is wrong, and after the next boot, whose fsck asks nobody, all that was written is there.
    """
    watched.play()
    before = watched.box.records()
    watched.inside.run("echo 1 >/sys/fs/ext4/$(basename $(findmnt -no SOURCE /data))/trigger_fs_error")
    assert watched.inside.tried("touch /data/there")[0] != 0
    watched.tv.see("that the card fails", pictures.trouble, BACK_WITHIN)
    assert watched.box.estation("status")
    watched.tv.ask("system_reset")
    watched.tv.see("that the screen goes dark", dark, BACK_WITHIN)
    watched.tv.see("card or film", lambda seen: pictures.card(seen) or watched.film.on(seen), BOOT_WITHIN)
    watched.box.wait("the next boot", lambda: watched.box.records()[-1]["boot"] != before[-1]["boot"], BACK_WITHIN)
    watched.inside.run("touch /data/there && rm /data/there")
    assert watched.box.records()[: len(before)] == before


def dark(picture: Image.Image) -> bool:
    """Nothing of the box's is on the screen."""
    return not pictures.card(picture) and picture.getpixel((30, 30)) == (0, 0, 0)
