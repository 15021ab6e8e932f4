"""What core asks for when sticks come and go."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from estation_box.apps.core_stick import NO_STICK, DisksSeen, StickSlot
from estation_box.apps.events import StickMoved, SyncSays
from estation_box.library import said
from estation_box.library.sticks import Disk
from estation_box.library.sync_words import Synced, SyncRequest
from estation_box.settings import Folders

NOW = datetime(2026, 11, 25, tzinfo=UTC)


class Heard:
    """Core, as far as the slot speaks to it."""

    def __init__(self) -> None:
        self.events: list = []

    def handle(self, event, moment) -> None:
        self.events.append(event)


def disk(name: str, filesystem: str) -> Disk:
    return Disk(f"/dev/{name}", name, 9, "", filesystem, (), settled=True, own=False)


def test_real_sticks_are_asked_for_one_after_the_other(tmp_path):
    """NTFS is told at the TV, the good stick is read with the reports prepared, the next one after it."""
    prepared: list[str] = []
    folders = Folders(state=tmp_path, runtime=tmp_path, configuration=tmp_path)
    slot = StickSlot(folders, "", prepare=lambda: prepared.append("reports"), languages=lambda: ("en",))
    core = Heard()

    def asked() -> SyncRequest:
        return msgspec.json.decode(folders.stick_request.read_bytes(), type=SyncRequest)

    assert slot.ask() == NO_STICK
    slot.moved(DisksSeen((disk("sda", "ntfs"), disk("sdb", "vfat"), disk("sdc", "exfat"))), core, NOW)
    assert [event.word.reasons for event in core.events] == [(said.NTFS.en,)]
    assert asked() == SyncRequest(source="stick", root="", device="/dev/sdb", filesystem="vfat")
    assert prepared == ["reports"]
    read = SyncSays(Synced(source="stick", taken=1, refused=0), lambda _: None)
    slot.moved(read, core, NOW)
    assert asked().device == "/dev/sdb", "what is told of the stick before does not end this one's turn"
    folders.stick_request.unlink()
    slot.moved(read, core, NOW)
    assert asked() == SyncRequest(source="stick", root="", device="/dev/sdc", filesystem="exfat")
    slot.moved(DisksSeen(()), core, NOW)
    assert core.events[-1] == StickMoved(None)
    assert slot.expand() == ""
    assert msgspec.json.decode(folders.sync_request.read_bytes(), type=SyncRequest).source == "timer"


def test_a_film_that_broke_off_is_read_again_and_put_right_by_a_stick_that_is_there(tmp_path):
    """Without a stick it is only read; a stick that is or comes in mends it; what was done is not done anew."""
    folders = Folders(state=tmp_path, runtime=tmp_path, configuration=tmp_path)
    slot = StickSlot(folders, "", prepare=lambda: None, languages=lambda: ("en",))
    core, film = Heard(), "a" * 64

    def asked(file) -> SyncRequest:
        return msgspec.json.decode(file.read_bytes(), type=SyncRequest)

    assert slot.check((film,)) == ""
    assert asked(folders.sync_request) == SyncRequest(source="timer", root="", doubted=(film,))
    slot.moved(DisksSeen((disk("sdb", "vfat"),)), core, NOW)
    assert asked(folders.stick_request).doubted == (film,)
    folders.stick_request.unlink()
    slot.moved(SyncSays(Synced(source="stick", taken=1, refused=0), lambda _: None), core, NOW)
    slot.ask()
    assert asked(folders.stick_request).doubted == ()
    slot.check((film,))
    assert asked(folders.stick_request).doubted == (film,)


def test_an_order_without_a_stick_goes_to_the_network(tmp_path):
    """The centre orders a sync: a site with a library on the network fetches it; a stick in the slot is read first."""
    folders = Folders(state=tmp_path, runtime=tmp_path, configuration=tmp_path)
    slot = StickSlot(folders, "", prepare=lambda: None, languages=lambda: ("en",), networked=lambda: True)
    assert slot.ask() == ""
    asked = msgspec.json.decode(folders.fetch_request.read_bytes(), type=SyncRequest)
    assert asked == SyncRequest(source="network", root="")
    folders.fetch_request.unlink()
    slot.moved(StickMoved(tmp_path), Heard(), NOW)
    assert folders.sync_request.exists()
    assert not folders.fetch_request.exists()
