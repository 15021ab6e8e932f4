"""The same image on QEMU's Raspberry Pi 3B, as far as that goes: no picture, no sound, but the board's own device tree.

What is plugged where decides here: the port that is soldered on a real 3B is told apart from the others by the tree.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support import machine, machine_inside
from tests.support.library import make_stick

BOOT_WITHIN = 1200.0
CARD_GIB = 4  # QEMU's SD card is a power of two
SEEN = """while sleep 10; do
say() { echo "<2>seen: $*" >/dev/kmsg; }
say model $(tr -d '\\0' </proc/device-tree/model)
say data $(cat /sys/class/block/mmcblk0p7/start /sys/class/block/mmcblk0p7/size)
say watchdog $(cat /sys/class/watchdog/watchdog0/identity)
say core $(systemctl is-active estation-core.service)
for d in /sys/bus/usb/devices/[0-9]*; do
[ -e $d/idVendor ] && say usb ${d##*/} $(cat $d/idVendor):$(cat $d/idProduct) $(cat $d/authorized)
done; say end; done
"""
# QEMU's watchdog of this board does not count: it resets at the moment in which it is started.
WORDS = "console=ttyAMA0,115200 systemd.show_status=1 systemd.watchdog_sec=0"
PLUGGED = ["-device", "usb-hub,port=1"]  # in the place of the LAN9514
PLUGGED += ["-device", "usb-kbd,port=1.1"]  # in the place of its Ethernet
PLUGGED += ["-device", "usb-kbd,port=1.2", "-drive", "file={stick},format=raw,if=none,id=stick"]
PLUGGED += ["-device", "usb-storage,port=1.3,drive=stick"]


def equipped(folder: Path, trust: Path) -> Path:
    """A card with a unit in RAM that says on the console what it sees."""
    card, initrd, tree = machine.card(folder, trust), folder / "initrd", folder / "tree"
    for name, where in (("switch_root", "bin"), ("inside.service", "inside")):
        (tree / where).mkdir(parents=True)
        shutil.copy(machine_inside.HERE / name, tree / where / name)
    (tree / "bin/switch_root").chmod(0o755)
    (tree / "inside/inside.sh").write_text(SEEN)
    packed = "find bin inside | sort | cpio --quiet -o -H newc -R 0:0 | zstd -q -3"
    with initrd.open("ab") as out:
        subprocess.run(["sh", "-c", packed], cwd=tree, stdout=out, check=True, timeout=60)
    os.truncate(card, CARD_GIB << 30)
    return card


def command(folder: Path, card: Path, stick: Path) -> list[str]:
    """QEMU with what the firmware would take from boot A: kernel, initrd, the 3B's tree, the command line."""
    for name in ("vmlinuz", "bcm2837-rpi-3-b.dtb", "cmdline.txt"):
        machine.run("mcopy", "-n", "-o", "-i", f"{card}@@{machine.BOOT_A}M", f"::{name}", folder)
    words = (folder / "cmdline.txt").read_text().strip()
    line = ["qemu-system-aarch64", "-M", "raspi3b", "-accel", "tcg,thread=multi"]
    line += ["-display", "none", "-monitor", "none"]
    line += ["-kernel", f"{folder}/vmlinuz", "-initrd", f"{folder}/initrd", "-dtb", f"{folder}/bcm2837-rpi-3-b.dtb"]
    line += ["-append", f"{words} {WORDS}", "-serial", f"file:{folder}/console", "-no-reboot"]
    line += ["-drive", f"file={card},format=raw,if=sd,cache=writethrough"]
    return line + [word.format(stick=stick) for word in PLUGGED]


@pytest.mark.system
@pytest.mark.soak
@pytest.mark.timeout(BOOT_WITHIN + 300)
def test_the_image_starts_on_a_3b_and_its_tree_says_which_port_is_soldered(tmp_path):
    """Kernel, card, verity, data partition and core come up; of two keyboards the one in a hall's port does nothing."""
    made = make_stick(tmp_path / "made", videos=2)
    card = equipped(tmp_path, made.root)
    stick = machine.stick(tmp_path, made.stick)
    wanted = [
        "seen: model Raspberry Pi 3 Model B$",
        f"seen: data {machine.DATA * 2048} {(CARD_GIB * 1024 - machine.DATA) * 2048}$",
        "seen: watchdog Broadcom BCM2835 Watchdog timer$",
        "seen: core active$",
        "seen: usb 1-1 0409:55aa 1$",
        "seen: usb 1-1.1 0627:0001 1$",
        "seen: usb 1-1.2 0627:0001 0$",
        "seen: usb 1-1.3 46f4:0001 1$",
    ]
    with machine.LOCK.open("w") as lock, (tmp_path / "qemu").open("wb") as said:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with subprocess.Popen(command(tmp_path, card, stick), stdout=said, stderr=said, start_new_session=True) as qemu:
            try:
                missing, ends = wanted, time.monotonic() + BOOT_WITHIN
                while missing and time.monotonic() < ends and qemu.poll() is None:
                    time.sleep(2)
                    text = (tmp_path / "console").read_text(errors="replace").replace("\r", "")
                    missing = [line for line in wanted if not re.search(line, text, re.MULTILINE)]
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(qemu.pid, signal.SIGKILL)
    assert missing == [], (tmp_path / "console").read_text(errors="replace")[-4000:]
