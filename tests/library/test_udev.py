"""Which stick is read: udev's facts through the real libudev over umockdev's testbed, and the rule that judges them."""

from __future__ import annotations

import pytest

from estation_box.drivers.udev import mounted
from estation_box.library import said
from estation_box.library.sticks import Disk, Pulled, Reading, Refused, Turns, Volume, choose
from tests.support.udev_bed import Bed

EFI = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
DATA = "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"
SEQUENCE = iter(range(1, 100000))


def properties(name: str, minor: int, **more: str) -> dict[str, str]:
    kind = "disk" if not name[-1].isdigit() else "partition"
    words = {"DEVTYPE": kind, "DEVNAME": f"/dev/{name}", "MAJOR": "8", "MINOR": str(minor), "ID_BUS": "usb"}
    return {**words, **more}


@pytest.fixture
def bed():
    with Bed() as made:
        yield made


def put_in(
    bed: Bed, name: str, *volumes: tuple[str, str], table: str = "", filesystem: str = "", bus: str = "usb"
) -> None:
    """Plug a disk; ``volumes``: type and file system of each partition. ``size`` of the empty reader is 0."""
    base = 16 * (ord(name[-1]) - ord("a"))
    own = {"DISKSEQ": str(next(SEQUENCE)), "ID_BUS": bus}
    own |= {"ID_PART_TABLE_TYPE": table} if table else {}
    own |= {"ID_FS_TYPE": filesystem} if filesystem else {}
    bed.does(do="add", name=name, parent=None, size=60_000_000, properties=properties(name, base, **own))
    for number, (kind, inner) in enumerate(volumes, 1):
        more = {"PARTN": str(number), "ID_PART_ENTRY_TYPE": kind, "ID_BUS": bus}
        more |= {"ID_FS_TYPE": inner} if inner else {}
        part = f"{name}{number}"
        bed.does(do="add", name=part, parent=name, size=1000, properties=properties(part, base + number, **more))


def understood(disks: tuple[Disk, ...]) -> bool:
    """Whether the first has been seen whole: umockdev makes a disk file by file, and in between it has no size."""
    return bool(disks) and choose(disks[0]) is not None


CASES = {
    "as bought, without partitions": ({"filesystem": "vfat"}, (), Reading("/dev/sda", "vfat")),
    "as bought, one partition": ({"table": "dos"}, (("0xc", "vfat"),), Reading("/dev/sda1", "vfat")),
    "from a Mac": ({"table": "gpt"}, ((EFI, "vfat"), (DATA, "exfat")), Reading("/dev/sda2", "exfat")),
    "an EFI partition alone": ({"table": "gpt"}, ((EFI, "vfat"),), Reading("/dev/sda1", "vfat")),
    "NTFS": ({"table": "dos"}, (("0x7", "ntfs"),), Refused(said.NTFS)),
    "not formatted": ({}, (), Refused(said.NO_FILE_SYSTEM)),
    "from a Linux": ({"table": "gpt"}, ((DATA, "ext4"),), Refused(said.STRANGE_FILE_SYSTEM.about(kind="ext4"))),
    "locked": ({"filesystem": "crypto_LUKS"}, (), Refused(said.STRANGE_FILE_SYSTEM.about(kind="crypto_LUKS"))),
    "a Mac's own": (
        {"table": "gpt"}, ((EFI, "vfat"), (DATA, "hfsplus")), Refused(said.STRANGE_FILE_SYSTEM.about(kind="hfsplus"))
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("when", ["in at the start", "put in later"])
def test_every_stick_that_is_sold_is_understood(bed: Bed, case: str, when: str):
    """FAT and exFAT are read, whatever stands before them; all else is refused with a sentence on what to do."""
    words, volumes, expected = CASES[case]
    if when == "in at the start":
        put_in(bed, "sda", *volumes, **words)
    bed.does(do="listen")
    if when == "put in later":
        put_in(bed, "sda", *volumes, **words)
    *_, told = bed.until(lambda disks: understood(disks) and len(disks[0].volumes) == len(volumes))
    assert choose(told[0]) == expected


def test_a_pulled_stick_is_gone_and_nothing_else_is_said_of_it(bed: Bed):
    """Partitions go before their disk; that makes no stick «not formatted», and the next one is read."""
    bed.does(do="listen")
    turns = Turns()
    for kind in (EFI, "0xc"):
        put_in(bed, "sda", (kind, "vfat"), (DATA, "exfat"), table="gpt")
        moves = []
        for disks in bed.until(lambda disks: understood(disks) and len(disks[0].volumes) == 2):
            moves += turns.seen(disks)
        assert turns.current == moves[-1]
        for name in ("sda2", "sda1", "sda"):
            bed.does(do="remove", name=name)
        moves = []
        for disks in bed.until(lambda disks: not disks):
            moves += turns.seen(disks)
        assert moves == [Pulled()]
        assert turns.current is None


def test_the_boxs_own_disks_are_no_sticks(bed: Bed):
    """The inner disk, the card, and a reader without a card: nothing is read and nothing is said."""
    put_in(bed, "sdb", (DATA, "vfat"), table="gpt", bus="ata")
    mmc = properties("mmcblk0p", 0, DEVNAME="/dev/mmcblk0", MAJOR="179", DEVTYPE="disk", ID_FS_TYPE="vfat")
    del mmc["ID_BUS"]
    bed.does(do="add", name="mmcblk0", parent=None, size=1000, properties=mmc)
    bed.does(do="add", name="sdc", parent=None, size=0, properties=properties("sdc", 32, DISKSEQ="7"))
    bed.does(do="listen")
    (told,) = bed.until(lambda _: True)
    assert [disk.node for disk in told] == ["/dev/sdc"]
    assert Turns().seen(told) == ()


def test_a_hundred_sticks_in_a_row(bed: Bed):
    """A bad contact: in and out a hundred times, now and then long enough to be seen, and then it is read."""
    bed.does(do="listen")
    turns = Turns()
    for number in range(100):
        name = "sda" if number % 5 else f"sd{chr(ord('b') + number // 5)}"
        put_in(bed, name, ("0xc", "vfat"), table="dos")
        if name != "sda":  # umockdev gives up where some dozens of events have not been heard yet
            for disks in bed.until(lambda disks, name=name: any(disk.node == f"/dev/{name}" for disk in disks)):
                turns.seen(disks)
        bed.does(do="remove", name=f"{name}1")
        bed.does(do="remove", name=name)
    put_in(bed, "sdz", ("0xc", "exfat"), table="dos")
    for disks in bed.until(lambda disks: len(disks) == 1 and disks[0].node == "/dev/sdz" and understood(disks)):
        turns.seen(disks)
    assert turns.current == Reading("/dev/sdz1", "exfat")


def test_a_hub_full_of_sticks(bed: Bed):
    """Twenty at once: each that is seen has its turn, one after the other."""
    for number in range(20):
        put_in(bed, f"sd{chr(ord('a') + number)}", filesystem="vfat")
    bed.does(do="listen")
    (told,) = bed.until(lambda _: True)
    assert len(told) == 16
    turns = Turns()
    read = list(turns.seen(told))
    while moves := turns.read():
        read += moves
    assert len(set(read)) == len(read) == 16


def disk(visit: str = "1", *volumes: Volume, **more) -> Disk:
    fields = {"node": "/dev/sda", "sectors": 9, "table": "dos", "filesystem": "", "settled": True, "own": False}
    return Disk(visit=visit, volumes=volumes, **{**fields, **more})


FAT = Volume(1, "/dev/sda1", "vfat", "0xc")
FIRST = disk("first", FAT)
SECOND = disk("second", Volume(1, "/dev/sdb1", "exfat", "0x7"), node="/dev/sdb")


@pytest.mark.parametrize("more", [{"own": True}, {"sectors": 0}, {"settled": False}])
def test_nothing_is_said_too_early(more):
    """A disk that this machine works with, an empty reader, and what udev has not looked at yet."""
    assert choose(disk("1", FAT, **more)) is None
    assert choose(disk("1")) is None


def test_one_stick_after_the_other():
    """The second waits until the first is read, or pulled; a stick that stays in is read once."""
    turns = Turns()
    assert turns.seen((FIRST, SECOND)) == (Reading("/dev/sda1", "vfat"),)
    assert turns.seen((FIRST, SECOND)) == ()
    assert turns.read() == (Reading("/dev/sdb1", "exfat"),)
    assert turns.read() == ()
    assert turns.seen((FIRST,)) == (Pulled(),)
    assert turns.current == Reading("/dev/sda1", "vfat")
    assert turns.seen((FIRST, SECOND)) == (Reading("/dev/sdb1", "exfat"),)
    assert turns.seen((FIRST,)) == (Pulled(),)
    assert turns.seen(()) == (Pulled(),)
    assert turns.read() == ()
    assert turns.current is None


def test_a_stick_that_is_refused_keeps_nobody_waiting():
    """NTFS is told once, and the good stick beside it is read."""
    bad = disk("bad", Volume(1, "/dev/sdc1", "ntfs", "0x7"), node="/dev/sdc")
    turns = Turns()
    assert turns.seen((bad, FIRST)) == (Refused(said.NTFS), Reading("/dev/sda1", "vfat"))
    assert turns.seen((bad, FIRST)) == ()


def test_a_stick_that_loses_its_partition_and_gets_it_back_is_read_again():
    """A disk is looked through anew: nothing else of it is read meanwhile."""
    efi = Volume(2, "/dev/sda2", "vfat", EFI)
    turns = Turns()
    turns.seen((disk("1", FAT, efi),))
    assert turns.seen((disk("1", efi),)) == (Pulled(),)
    assert turns.seen((disk("1", efi),)) == ()
    assert turns.seen((disk("1", FAT, efi),)) == (Reading("/dev/sda1", "vfat"),)


def test_what_is_mounted_in_this_machine_is_known():
    """By the kernel's numbers."""
    assert mounted("22 1 8:2 / / rw - ext4 /dev/sda2 rw\n\n23 22 0:5 / /dev rw - devtmpfs u rw\n") == {"8:2", "0:5"}
