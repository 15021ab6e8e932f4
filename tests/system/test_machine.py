"""The image's habits in a box that runs: what its USB ports let in, what it keeps and opens, its TV, its watchdog.

One box, one boot, one story, on a card larger than the image; the test's hand inside it looks, the box acts. The last
test ends that boot.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from estation_wire.network import Modem, Network, Wifi
from tests.support import machine, machine_inside
from tests.support.library import make_stick
from tests.support.machine_box import BoxInside
from tests.system import pictures

pytestmark = pytest.mark.system
BOOT_WITHIN, STICK_WITHIN = 900.0, 300.0
CARD_GIB = 5
RESET_WITHIN = 90.0  # the chip counts to 15 s of the guest's time
ANSWER_WITHIN = 60.0
PANIC_AND_STAY = "echo 0 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger"
TV = (
    "set -e; modprobe vivid; udevadm settle; v4l2-ctl -d0 -c hdmi_000_0_is_connected_to=2; "
    "cec-ctl -s -d0 --tv; cec-ctl -s -d1 --playback; (cec-follower -s -d0 >/dev/null 2>&1 &)"
)
KEYBOARD, NET_GADGET = "0627:0001", "0525:a4a2"  # as QEMU's own say of themselves
SERIAL, HUB, STORAGE = "0403:6001", "0409:55aa", "46f4:0001"
STRANGERS = "-global qemu-xhci.p2=8 -global qemu-xhci.p3=8"  # of four ports none would be left for the stick
STRANGERS += " -device usb-kbd,bus=usb.0 -device usb-hub,bus=usb.0 -chardev null,id=nobody"
STRANGERS += " -device usb-serial,chardev=nobody,always-plugged=on,bus=usb.0 -netdev user,id=gadget,restrict=on"
STRANGERS += " -device usb-net,netdev=gadget,bus=usb.0"
USB = r"""cd /sys/bus/usb/devices; for d in [0-9]*; do [ -e $d/idVendor ] || continue
echo "$(cat $d/idVendor):$(cat $d/idProduct) $(cat $d/authorized) $(ls -d $d/$d:* 2>/dev/null | wc -l)"; done"""
AIR = """network={
ssid=e69687e58c96e7ab99
mode=2
frequency=2437
key_mgmt=WPA-PSK
proto=RSN
pairwise=CCMP
psk="eight or more"
}"""  # the profile's wireless network, as it is on the air: the name's letters in UTF-8
SCAN = (
    "busctl call org.freedesktop.ModemManager1 /org/freedesktop/ModemManager1 org.freedesktop.ModemManager1 ScanDevices"
)
PINS = """import lgpio
line = lgpio.gpio_claim_input(lgpio.gpiochip_open(0), 5)
print('pin', line)"""


class Hall(NamedTuple):
    """A box that is on, and a stick whose profile names a wireless network and a modem."""

    tv: machine.Machine
    inside: machine_inside.Inside
    box: BoxInside
    stick: Path

    def usb(self) -> dict[str, tuple[bool, int]]:
        """Each device on a USB port: whether it was let in, and how many interfaces the kernel made of it."""
        lines = [line.split() for line in self.inside.run(USB).splitlines()]
        return {name: (authorized == "1", int(count)) for name, authorized, count in lines}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("booted")
    network = Network(wifi=(Wifi(ssid="文化站", passphrase="eight or more"),), modem=Modem(usb=NET_GADGET, apn="cmnet"))
    made = make_stick(folder / "made", now=datetime.now(UTC), network=network)
    card = machine.card(folder, made.root, inside=True)
    os.truncate(card, CARD_GIB << 30)
    with ExitStack() as stack:
        words = [*machine_inside.arguments(folder), *STRANGERS.split()]
        wide = {"NETWORK": "restrict=off"}  # else QEMU names no name server
        tv = stack.enter_context(machine.booted(folder, card, wide, *words))
        inside = machine_inside.Inside(folder)
        hall = Hall(tv, inside, BoxInside(inside), machine.stick(folder, made.stick))
        settled = "systemctl is-system-running --wait"
        state = inside.tried(settled, BOOT_WITHIN)
        words = "systemctl --failed --no-pager; journalctl -b -p warning -o cat --no-pager | tail -50"
        assert state == (0, "running"), (state, inside.tried(words))
        yield hall
    shutil.rmtree(folder)


def test_a_larger_card_is_used_to_its_end(hall):
    """What was paid for is there after the first start, partition and file system."""
    data = int(hall.inside.run("cat /sys/class/block/vda7/size")) * 512
    start = int(hall.inside.run("cat /sys/class/block/vda7/start")) * 512
    assert start + data == CARD_GIB << 30
    hall.box.wait(
        "the file system's own size", lambda: hall.box.unit("grow", "ActiveState") == ["inactive"], BOOT_WITHIN
    )
    blocks, size = hall.inside.run("stat -f -c '%b %S' /data").split()
    assert int(blocks) * int(size) > 0.95 * data
    assert hall.box.unit("grow", "Result", "ExecMainStatus") == ["success", "0"]


@pytest.mark.parametrize("stranger", [KEYBOARD, NET_GADGET, SERIAL, HUB])
def test_what_is_neither_storage_nor_the_modem_does_nothing(hall, stranger):
    """A keyboard, a network card, a serial adapter or a hub in the hall's USB port: the kernel makes nothing of it."""
    assert hall.usb()[stranger] == (False, 0)


def test_the_boxs_own_network_is_the_only_one(hall):
    """What came by USB is no network card; the board's own has its address, and names can be asked for."""
    names = hall.inside.run("ls /sys/class/net").split()
    assert sorted(names) == ["eth0", "lo"]
    hall.box.wait("an address", lambda: addressed(hall), STICK_WITHIN)
    hall.box.wait("a name server", lambda: "nameserver 10.0.2.3" in names_by(hall), ANSWER_WITHIN)


def names_by(hall: Hall) -> list[str]:
    """What the box's programs ask for names."""
    return hall.inside.tried("cat /etc/resolv.conf")[1].splitlines()


def addressed(hall: Hall) -> bool:
    """Whether DHCP has given the box its address."""
    return "10.0.2.15" in hall.inside.run("cat /proc/net/fib_trie")


def test_a_stick_is_let_in_and_the_profiles_modem_with_it(hall):
    """The stick names the modem, which is in its port already: it is let in, and nothing else is."""
    assert hall.inside.tried("systemctl is-active ModemManager polkit")[1].split() == ["inactive", "inactive"]
    hall.tv.put_in(hall.stick)
    hall.box.record("provisioned", STICK_WITHIN)
    usb = hall.usb()
    assert usb[STORAGE] == (True, 1)
    hall.box.wait("the modem", lambda: hall.usb()[NET_GADGET][0], STICK_WITHIN)
    after = hall.usb()
    assert after[NET_GADGET][1] > 0
    assert {name for name, (let_in, _) in after.items() if let_in} - usb.keys() == set()
    assert not any(after[stranger][0] for stranger in (KEYBOARD, SERIAL, HUB))


def test_networkmanager_knows_the_profiles_networks_and_nobody_else_can_read_them(hall):
    """The passphrase lies in RAM, for root alone; NetworkManager has read it."""
    folder = "/run/NetworkManager/system-connections"
    files = hall.inside.run(f"stat -c '%n %U %a' {folder}/*").splitlines()
    ours = {line.split("/")[-1] for line in files}
    assert {"wifi-0.nmconnection root 600", "modem.nmconnection root 600"} <= ours

    def known() -> bool:
        said = hall.inside.tried("nmcli -t -f NAME,TYPE connection show")[1]
        return {"wifi-0:802-11-wireless", "modem:gsm"} <= set(said.splitlines())

    hall.box.wait("the connections", known, ANSWER_WITHIN)
    assert addressed(hall), "the profile has taken the cable's connection away"
    refused = hall.inside.tried(
        f"setpriv --reuid estation --regid estation --clear-groups cat {folder}/wifi-0.nmconnection"
    )
    assert "Permission denied" in refused[1]
    stored = hall.inside.run("grep -rl psk /data/NetworkManager || true")
    assert stored == ""


def test_the_modems_keeper_runs_where_the_profile_names_a_modem_and_obeys(hall):
    """ModemManager is up behind its walls, and does what root tells it: polkit, whom it asks, is up as well."""
    for name in ("ModemManager", "polkit"):
        hall.box.wait(name, lambda name=name: hall.inside.tried(f"systemctl is-active {name}")[0] == 0, STICK_WITHIN)
    assert hall.inside.run(SCAN) == ""


def test_the_profiles_wireless_network_is_joined_when_it_is_on_the_air(hall):
    """Of two radios that the kernel plays the one is the hall's; with the other the box joins it by its passphrase."""
    hall.inside.run("modprobe mac80211_hwsim radios=2")
    unmanaged = "nmcli device set wlan1 managed no"
    hall.box.wait("the second radio left alone", lambda: hall.inside.tried(unmanaged)[0] == 0, ANSWER_WITHIN)
    hall.inside.run(f"cat >/run/air.conf <<'END'\n{AIR}\nEND")
    hall.inside.run("wpa_supplicant -B -D nl80211 -i wlan1 -c /run/air.conf -P /run/air.pid")
    said = "journalctl -b -u wpa_supplicant -o cat --no-pager | grep '^wlan0: CTRL-EVENT-CONNECTED'"
    hall.box.wait("the box on the air", lambda: hall.inside.tried(said)[0] == 0, STICK_WITHIN)
    hall.inside.run("kill $(cat /run/air.pid); sleep 1; modprobe -r mac80211_hwsim")


def test_no_port_is_open(hall):
    """Nobody can reach the box: it calls, and is not called."""
    listening = hall.inside.run("awk '$4 == \"0A\" {print $2}' /proc/net/tcp /proc/net/tcp6")
    assert listening == ""


def test_what_is_written_is_in_ram_and_there_is_no_swap_on_the_card(hall):
    """The journal ends with the plug; memory is pressed, never written out."""
    swaps = hall.inside.run("tail -n +2 /proc/swaps").split()
    assert swaps[0] == "/dev/zram0"
    assert hall.inside.run("ls /var/log/journal /run/log/journal 2>&1 | head -1").startswith(
        "ls: cannot access '/var/log/"
    )
    assert int(hall.inside.run("stat -c %Y /usr/lib/clock-epoch")) <= int(hall.inside.run("date +%s"))


def test_core_may_open_the_pins_where_the_button_is(hall):
    """The library for the pins writes where it runs, and finds a place: tried with core's own walls around it."""
    hall.inside.run("mkdir -p /run/systemd/system/estation-core.service.d")
    hall.inside.run(f"printf '%s' \"{PINS}\" >/run/pins.py")
    drop_in = "[Service]\\nExecStartPre=/usr/lib/estation/bin/python /run/pins.py\\n"
    hall.inside.run(f"printf '{drop_in}' >/run/systemd/system/estation-core.service.d/tried.conf")
    hall.inside.run("systemctl daemon-reload && systemctl restart estation-core.service")

    def said() -> list[str]:
        words = "journalctl -b -u estation-core.service -o cat --no-pager | grep -E '^pin|lgd-nfy|xInit' || true"
        return hall.inside.run(words).splitlines()

    assert hall.box.wait("the pin", said, ANSWER_WITHIN) == ["pin 0"]
    hall.inside.run("rm /run/systemd/system/estation-core.service.d/tried.conf && systemctl daemon-reload")
    assert hall.box.unit("core", "ActiveState") == ["active"]


def test_what_is_inside_is_written_down_on_the_card(hall):
    """Whoever is handed a card can read what is on it, and under which licence."""
    said = hall.inside.run("grep -c pkg:deb/debian/systemd@ /usr/share/estation/sbom.cdx.json")
    assert int(said) > 0


def test_the_images_kernel_can_play_a_tv_that_obeys_cec(hall):
    """The kernel's own TV says that it is on, goes to standby and comes back: a CEC driver will be held to it."""
    hall.inside.run(TV)

    def says(state: str) -> bool:
        _, told = hall.inside.tried("cec-ctl -s -d1 --to 0 --give-device-power-status")
        return f"pwr-state: {state} " in told

    hall.box.wait("the TV answers that it is on", lambda: says("on"), ANSWER_WITHIN)
    hall.inside.run("cec-ctl -s -d1 --to 0 --standby")
    hall.box.wait("the TV in standby", lambda: says("standby"), ANSWER_WITHIN)
    hall.inside.run("cec-ctl -s -d1 --to 0 --image-view-on")
    hall.box.wait("the TV on again", lambda: says("on"), ANSWER_WITHIN)


def test_a_hung_kernel_is_reset_by_the_chip_and_the_box_says_so(hall):
    """Nothing answers any more: the watchdog resets the box, its card is back, and the journal holds the reason."""
    before = hall.box.record("boot", 120.0)
    hall.inside.send(PANIC_AND_STAY)
    hall.tv.happens("WATCHDOG", RESET_WITHIN, action="reset")
    hall.tv.see("no card", lambda seen: not pictures.card(seen), RESET_WITHIN)
    hall.tv.see("the card again", pictures.card, BOOT_WITHIN)
    after = hall.box.record("boot", 120.0, why="watchdog")
    assert after["boot"] != before["boot"]
    assert after["seq"] > before["seq"]
