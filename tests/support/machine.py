"""The card image in QEMU, seen from outside: what its television shows, what is plugged into it.

Why labgrid does not carry it: `docs/decisions/0024-outside-and-a-hand-inside.md`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from pathlib import Path

from PIL import Image

from tests.support import machine_inside
from tests.support.machine_monitor import Monitor

ROOT = Path(__file__).parents[2]
IMAGE = ROOT / "build/image/estation.img"
SEEN = ROOT / "build/seen"  # pictures of what was waited for in vain: a test's own folder goes with it
BOOT_A, SYSTEM_A, DATA = 20, 280, 1568  # MiB from the card's beginning
MADE_AT = 8  # bytes into squashfs: the second that it was made in, which nobody who mounts it looks at
DATA_MIB = 512
EFI_MIB, STICK_MIB = 32, 160
LOOK_EVERY = 2.0
PULLED_WITHIN = 60.0
Judge = Callable[[Image.Image], bool]
LOCK = Path(tempfile.gettempdir()) / "estation-qemu.lock"
# Of those whose clock counts instructions (-icount): they fill one core, and what shares the machine with them makes
# them slower and their figures no other. They wait for each other, and for nobody who needs this machine's own time.
COUNTED_LOCK = LOCK.with_name("estation-qemu-counted.lock")


def run(*command: str | Path, given: str | None = None, good: Container[int] = (0,)) -> str:
    """A command's output; its error output is in the failure."""
    done = subprocess.run(
        list(map(str, command)), input=given, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode in good, f"{command}: {done.stderr}"
    return done.stdout


def card(folder: Path, trust: Path, *, inside: bool = False, masked: Iterable[str] = (), settings: str = "") -> Path:
    """A copy of the image that trusts the publisher with this root.json.

    ``inside``: with a test's hand in it; ``masked``: units that this hand keeps from ever starting. ``settings``: its
    box.toml.
    """
    copy, initrd, own = folder / "card.img", folder / "initrd", folder / "box.toml"
    run("cp", "--sparse=always", IMAGE, copy)
    run("mcopy", "-i", f"{copy}@@{BOOT_A}M", "::initrd", initrd)
    run(ROOT / "firmware/image/stages/trust", trust, initrd)
    if settings:
        own.write_text(settings)
        run(ROOT / "firmware/image/stages/trust", own, initrd, own.name)
    if inside:
        machine_inside.equip(folder, initrd, masked)
    run("mcopy", "-o", "-i", f"{copy}@@{BOOT_A}M", initrd, "::initrd")
    return copy


def spoil_data(copy: Path) -> None:
    """Nonsense over the card's data partition, its spare superblocks as well."""
    with copy.open("r+b") as card_file:
        card_file.seek(DATA << 20)
        for _ in range(DATA_MIB):
            card_file.write(b"\xa5" * (1 << 20))


def spoil_system(copy: Path) -> None:
    """One wrong bit in the system, of a kind that only its hash can tell."""
    with copy.open("r+b") as card_file:
        card_file.seek((SYSTEM_A << 20) + MADE_AT)
        (byte,) = card_file.read(1)
        card_file.seek((SYSTEM_A << 20) + MADE_AT)
        card_file.write(bytes((byte ^ 1,)))


def stick(folder: Path, content: Path) -> Path:
    """A stick as a computer partitions it: GPT, an EFI partition first, then FAT with ``content``."""
    whole, efi, fat = folder / "stick.img", folder / "efi", folder / "fat"
    for path, mib in ((whole, EFI_MIB + STICK_MIB + 2), (efi, EFI_MIB), (fat, STICK_MIB)):
        path.write_bytes(b"")
        os.truncate(path, mib << 20)
    table = "label: gpt\nstart=2048, size=65536, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B\n"
    table += f"start=67584, size={STICK_MIB * 2048}, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7\n"
    run("sfdisk", "-q", whole, given=table)
    run("mkfs.vfat", "-n", "EFI", efi)
    run("mkfs.vfat", "-F", "32", "-n", "ESTATION", fat)
    run("mcopy", "-s", "-i", fat, *content.iterdir(), "::")
    for path, at in ((efi, 1), (fat, 1 + EFI_MIB)):
        run("dd", f"if={path}", f"of={whole}", "bs=1M", f"seek={at}", "conv=notrunc")
    return whole


def on_stick(whole: Path) -> set[str]:
    """The files on the stick's second partition, with their folders."""
    return set(run("mdir", "-/", "-b", "-i", f"{whole}@@{1 + EFI_MIB}M", "::").split())


class Machine:
    """A running box. Its picture is asked for, its ports are used; nobody can log in."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder, self._process = folder, process
        self._monitor = Monitor(folder / "qmp", process, folder / "qemu")
        self.ask, self.happens = self._monitor.ask, self._monitor.wait

    def written(self) -> int:
        """Bytes that the box has written on its card since the plug went in, as QEMU's block layer counts them."""
        (counted,) = [each for each in self.ask("query-blockstats") if each["device"] == "card"]
        return counted["stats"]["wr_bytes"]

    def picture(self) -> Image.Image:
        """What the television shows now."""
        path = self.folder / "picture.ppm"
        self.ask("screendump", filename=str(path))
        return Image.open(path).convert("RGB")

    def see(
        self,
        what: str,
        judged: Judge,
        within: float,
        *,
        every: float = LOOK_EVERY,
        meanwhile: Judge = lambda _: True,
    ) -> float:
        """Wait until the picture is so; the seconds that it took. ``meanwhile``: what each one before it must be."""
        began = time.monotonic()
        while time.monotonic() < began + within:
            picture = self.picture()
            if judged(picture):
                return time.monotonic() - began
            if not meanwhile(picture):
                raise AssertionError(self._seen(picture, f"something else before {what}"))
            time.sleep(every)
        raise AssertionError(self._seen(self.picture(), f"{what} not within {within:.0f} s"))

    def _seen(self, picture: Image.Image, words: str) -> str:
        """Keep a picture that should have been another; the failure's words."""
        SEEN.mkdir(parents=True, exist_ok=True)
        last = SEEN / f"{time.strftime('%H%M%S')}.png"
        picture.save(last)
        return f"{words}: see {last}\n{(self.folder / 'console').read_text(errors='replace')[-3000:]}"

    def put_in(self, stick_image: Path, bytes_per_second: int = 0) -> None:
        """A stick goes into a USB port; ``bytes_per_second``: how slow it is, 0 for as fast as can be."""
        file = {"driver": "file", "filename": str(stick_image)}
        node = {"driver": "throttle", "throttle-group": "slow", "file": file} if bytes_per_second else file
        if bytes_per_second:
            limits = {"bps-total": bytes_per_second}
            self.ask("object-add", **{"qom-type": "throttle-group", "id": "slow", "limits": limits})
        self.ask("blockdev-add", **{"node-name": "stick", "driver": "raw", "file": node})
        self.ask("device_add", driver="usb-storage", drive="stick", id="plugged", bus="usb.0")

    def pull_out(self) -> None:
        """The stick is pulled, without a word to the box."""
        self.ask("device_del", id="plugged")
        self.happens("DEVICE_DELETED", PULLED_WITHIN, device="plugged")
        self.ask("blockdev-del", **{"node-name": "stick"})
        if any(each["name"] == "slow" for each in self.ask("qom-list", path="/objects")):
            self.ask("object-del", id="slow")

    def cut(self) -> None:
        """The plug is pulled."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextlib.contextmanager
def booted(folder: Path, image: Path, more: Mapping[str, str], *words: str, lock: Path = LOCK) -> Iterator[Machine]:
    """The box, from the plug going in to the plug being pulled; one at a time on this machine.

    ``more``: the environment of `scripts/boot-image`; ``words``: more for QEMU; ``lock``: whom it waits for.
    """
    with lock.open("w") as held, (folder / "qemu").open("wb") as said:
        fcntl.flock(held, fcntl.LOCK_EX)
        command = [str(ROOT / "scripts/boot-image"), str(image), str(folder), *words]
        environment = {**os.environ, **more}
        (folder / "qmp").unlink(missing_ok=True)
        with subprocess.Popen(command, env=environment, stdout=said, stderr=said, start_new_session=True) as process:
            try:
                yield Machine(folder, process)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
