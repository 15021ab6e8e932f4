"""The image's habits in a box that runs: what its USB ports let in, what it keeps and opens, its TV, its watchdog.

One box, one boot, one story, on a card larger than the image. The last test ends that boot.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from estation_wire.network import Modem, Network, Wifi
from tests.support import machine, machine_cec, machine_inside
from tests.support.library import make_stick
from tests.support.machine_box import BoxInside
from tests.system import pictures

pytestmark = pytest.mark.system
BOOT_WITHIN, STICK_WITHIN = 900.0, 300.0
CARD_GIB = 5
RESET_WITHIN = 90.0  # the chip counts to 15 s of the guest's time
ANSWER_WITHIN = 60.0
FILM_SECONDS = 60.0  # of two: longer than a TV needs to come on and say so, on a busy machine
DHCP = (68, 546)  # the client's ports: whoever has no answer yet listens on them
FLOOD, KEPT = 20_000, 1500  # lines at once; so many stay of half a minute, of 500 and some more where there is room
PANIC_AND_STAY = "echo 0 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger"
FIRST = (
    "journalctl -b -o cat --no-pager -u estation-player -u estation-core | "
    "grep -m 1 -oE '^(Started estation-player|Starting estation-core)'"
)
KEYBOARD, NET_GADGET = "0627:0001", "0525:a4a2"  # as QEMU's own say of themselves
SERIAL, HUB, STORAGE = "0403:6001", "0409:55aa", "46f4:0001"
STRANGERS = "-global qemu-xhci.p2=8 -global qemu-xhci.p3=8"  # of four ports none would be left for the stick
STRANGERS += " -device usb-kbd,bus=usb.0 -device usb-hub,bus=usb.0 -chardev null,id=nobody"
STRANGERS += " -device usb-serial,chardev=nobody,always-plugged=on,bus=usb.0 -netdev user,id=gadget,restrict=on"
STRANGERS += " -device usb-net,netdev=gadget,bus=usb.0"
LOGINS = "for name in agetty getty login sshd dropbear telnetd; do command -v $name || true; done"
UNITS = "systemctl list-units --no-legend --plain '*getty*' '*login*' '*shell*' 'rescue*' 'emergency*' 'ssh*'"
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
    made = make_stick(folder / "made", now=datetime.now(UTC), network=network, seconds=FILM_SECONDS)
    card = machine.card(folder, made.root, inside=True, settings=machine_cec.SETTINGS)
    os.truncate(card, CARD_GIB << 30)
    with ExitStack() as stack:
        words = [*machine_inside.arguments(folder), *STRANGERS.split()]
        wide = {"NETWORK": "restrict=off"}  # else QEMU names no name server
        tv = stack.enter_context(machine.booted(folder, card, wide, *words))
        inside = machine_inside.Inside(folder)
        hall = Hall(tv, inside, BoxInside(inside), machine.stick(folder, made.stick))
        state = inside.tried("systemctl is-system-running --wait", BOOT_WITHIN)
        assert state == (0, "running"), (state, inside.tried("systemctl --failed; journalctl -b -p warning | tail -50"))
        yield hall
    shutil.rmtree(folder)


def test_the_card_is_drawn_before_the_head_is_up(hall):
    """People look at the TV: the player has its card on it, and only then the box's head begins."""
    drawn, waited = hall.box.unit("drawn", "ActiveEnterTimestampMonotonic", "ExecMainStatus")
    began, starts = hall.box.unit("core", "InactiveExitTimestampMonotonic", "NRestarts")
    assert (waited, starts) == ("0", "0")
    assert 0 < int(drawn) <= int(began)
    assert hall.inside.run(FIRST) == "Started estation-player"


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
    assert hall.inside.run("grep -rl psk /data/NetworkManager || true") == ""


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


def test_a_press_wakes_the_tv_by_cec_and_the_session_counts_as_seen(hall):
    """The TV is in standby; somebody presses the button: it comes on, shows the box's picture, and tells so."""
    tv = machine_cec.CecTv(hall.inside)
    tv.plug_in()
    hall.box.wait("the box on the TV's lead", lambda: "E-Station" in tv.lead(), ANSWER_WITHIN)
    hall.box.wait("a TV that is on", lambda: tv.power() == "on", ANSWER_WITHIN)
    tv.switch_off()
    hall.box.wait("the TV in standby", lambda: tv.power() == "standby", ANSWER_WITHIN)
    assert hall.box.estation("status")["health"]["tv"] != "on"
    assert hall.box.play()
    hall.box.wait("evidence", lambda: hall.box.estation("status")["health"]["tv"] == "on", ANSWER_WITHIN, 5)
    assert (tv.power(), tv.shows()) == ("on", machine_cec.OURS)
    hall.box.press("long")
    assert hall.box.record("session.ended", ANSWER_WITHIN, reason="keeper")["tv"] == "on"
    assert hall.box.unit("core", "NRestarts") == ["0"]


def test_the_system_cannot_be_written_and_every_byte_of_it_is_checked(hall):
    """It is read through dm-verity, by the hash on the kernel's command line, and nothing wrong is let through."""
    mounted = hall.inside.run("awk '$2 == \"/\" {print $1, $3, $4}' /proc/mounts").split()
    assert mounted[:2] == ["/dev/dm-0", "squashfs"]
    assert "ro" in mounted[2].split(",")
    assert hall.inside.run("cat /sys/block/dm-0/dm/name /sys/block/dm-0/ro").split() == ["system", "1"]
    words = dict(word.partition("=")[::2] for word in hall.inside.run("cat /proc/cmdline").split())
    digest, salt, blocks = words["estation.verity"].split(",")
    table = hall.inside.run("dmsetup table system").split()
    assert table[2:3] + table[6:] == ["verity", "4096", "4096", blocks, blocks, "sha256", digest, salt]
    assert hall.inside.run("dmsetup status system").split()[2:] == ["verity", "V"]
    assert "Read-only file system" in hall.inside.tried("touch /usr/there")[1]


def test_nobody_can_log_in(hall):
    """No account opens by a word, nothing in the image asks for a name, and no shell waits for anybody."""
    shadow = dict(line.split(":")[:2] for line in hall.inside.run("cat /etc/shadow").splitlines())
    assert shadow.keys() >= {"root", "estation"}
    assert {name for name, word in shadow.items() if not word.startswith(("!", "*"))} == set()
    assert hall.inside.run("awk -F: '$2 != \"x\"' /etc/passwd") == ""
    assert hall.inside.run(LOGINS) == ""
    assert hall.inside.run(UNITS) == ""


def test_no_port_is_open(hall):
    """Nobody can reach the box: it calls, and is not called. Two clients hear answers: DHCP's, and the clock's."""
    assert hall.box.ports("tcp", "0A") == []
    clock = hall.inside.run("id -u systemd-timesync")
    heard = [(port, owner) for port, owner in hall.box.ports("udp", "07") if port not in DHCP and owner != clock]
    assert heard == []


def test_there_is_no_swap_on_the_card(hall):
    """Memory is pressed, never written out."""
    assert hall.inside.run("tail -n +2 /proc/swaps | cut -d ' ' -f 1").split() == ["/dev/zram0"]


def test_the_systems_journal_is_in_ram_and_bounded_and_nobody_floods_it(hall):
    """It ends with the plug; it has 16 MB and no more, and who talks too much is cut short."""
    assert hall.inside.run("ls /var/log/journal /run/log/journal 2>&1 | head -1").startswith(
        "ls: cannot access '/var/log/"
    )
    said = hall.inside.run("journalctl -b -u systemd-journald -o cat --no-pager").splitlines()
    assert (own := [line for line in said if " Journal (" in line])
    assert all(line.startswith("Runtime Journal (/run/log/journal/") and "max 16M" in line for line in own)
    began = hall.box.time()
    hall.inside.run(f"systemd-run --quiet --wait --unit=flood seq {FLOOD}; journalctl --sync")
    windows = 1 + (hall.box.time() - began) // timedelta(seconds=30)
    assert 0 < int(hall.inside.run("journalctl -b -u flood -o cat --no-pager | wc -l")) < KEPT * windows


def test_what_is_inside_is_written_down_on_the_card(hall):
    """Whoever is handed a card can read what is on it, and under which licence."""
    assert int(hall.inside.run("grep -c pkg:deb/debian/systemd@ /usr/share/estation/sbom.cdx.json")) > 0


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
