"""Minutes of a box in QEMU with every write of its card logged: sticks with new films, papers and reports, sessions.

The card says that it has a cache of its own, so that the box sends it flushes; the log keeps both.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct

from estation_wire import stick as layout
from estation_wire.messages import Stored
from estation_wire.profile import Minimum
from tests.support import machine, machine_inside
from tests.support.card_judge import Publisher
from tests.support.cut_series import Life, Promise, Span
from tests.support.hall import Hall
from tests.support.library import Authority, make_authority, make_video, padded
from tests.support.machine_box import BoxInside
from tests.support.machine_inside import Inside
from tests.system import pictures
from tests.system.office import BOOT_WITHIN, STICK_WITHIN

FILM_SECONDS: Final = 10.0
FILM_BYTES: Final = 4_000_000
FILMS_A_STICK: Final = 2
SESSION_IN: Final = timedelta(seconds=120)  # a stick is read in a minute; the countdown; some rest between the two
SHOWN_WITHIN: Final = 600.0
LOOK_SECONDS: Final = 2.0
NAME, ROOT_NAME, STICK_NAME = "recording.json", "root.json", "stick"
PARTITION: Final = 7  # the data partition's number on the card
SECTOR: Final = 512


class Recording(Struct, frozen=True):
    """What was recorded; the partition's image ``before`` and the ``log`` lie beside the file that says so."""

    span: Span
    promises: tuple[Promise, ...]
    """What the box had told of its journal when: such a record must never be missing on the card."""
    seconds: float
    sticks: int
    sessions: int

    def life(self, folder: Path) -> Life:
        """What its cuts are judged by; ``folder`` keeps the recording."""
        return Life(self.promises, Publisher(folder / ROOT_NAME, folder / STICK_NAME))

    def keep(self, folder: Path, stick: Path) -> None:
        """Write it down, with what the last stick has signed."""
        shutil.rmtree(folder / STICK_NAME, ignore_errors=True)
        shutil.copytree(stick, folder / STICK_NAME, ignore=shutil.ignore_patterns(Path(layout.CONTENT).name))
        (folder / NAME).write_bytes(msgspec.json.encode(self))

    @classmethod
    def of(cls, folder: Path) -> Recording | None:
        """The recording in a folder; None where there is none."""
        path = folder / NAME
        return msgspec.json.decode(path.read_bytes(), type=cls) if path.exists() else None


class Living:
    """A box in QEMU without a network, its office's sticks, and what it tells of its journal."""

    def __init__(self, folder: Path, log: Path | None = None) -> None:
        """``log``: gets every write of the card."""
        self._folder, self._log = folder, log
        self._authority: Authority = make_authority()
        self.hall = Hall(
            folder / "hall", films(folder / "films", 0), datetime.now(UTC), authority=self._authority.pem,
            minimum=Minimum(sessions=1, seconds=15),
        )  # fmt: skip
        self._sign(timedelta(days=2))
        self.card = machine.card(folder, self.hall.root, inside=True)
        self.promises: list[Promise] = []

    @contextmanager
    def powered(self) -> Iterator[machine.Machine]:
        """From the plug going in to the plug being pulled."""
        words = machine_inside.arguments(self._folder)
        more = {}
        if self._log is not None:
            files = {"file": self.card, "log": self._log}
            logger: dict[str, Any] = {"driver": "blklogwrites", "log-sector-size": SECTOR}
            logger |= {name: {"driver": "file", "filename": str(path)} for name, path in files.items()}
            name = "json:" + json.dumps({"driver": "raw", "file": logger})
            more["CARD"] = name.replace(",", ",,")  # as QEMU's words have a comma in a value
            words += ["-global", "virtio-blk-device.write-cache=on"]
        with machine.booted(self._folder, self.card, more, *words) as tv:
            self.tv, self.box = tv, BoxInside(Inside(self._folder))
            yield tv

    def records(self) -> list[dict[str, Any]]:
        """The whole journal, as the running box has it; from now on it is promised."""
        found = self.box.records()
        if self._log is not None:
            self.promises.append(Promise(self._log.stat().st_size, len(found)))
        return found

    def wait(self, kind: str, count: int, within: float) -> None:
        """Until there are so many records of a kind."""

        def enough() -> bool:
            time.sleep(LOOK_SECONDS)  # reading the journal takes the guest a second
            return sum(each["kind"] == kind for each in self.records()) >= count

        self.box.wait(f"{kind}, {count}", enough, within)

    def join(self) -> None:
        """The bare box becomes a station, gets its certificate, and is told the time by the keeper's hand."""
        self.tv.see("the welcome", pictures.welcome, BOOT_WITHIN)
        self.stick(1)
        self.stick(2)
        self.box.estation("set-clock", datetime.now(UTC).isoformat(timespec="seconds"))
        self.wait("clock.set", 1, STICK_WITHIN)

    def stick(self, number: int) -> None:
        """A stick with what the office has, until it is read; what the box leaves on it goes to the office."""
        stick = self.hall.stick()
        self.tv.put_in(stick)
        self.wait("stick.seen", number, STICK_WITHIN)
        self.tv.pull_out()
        self.hall.take_back(stick)
        self._answer()

    def _answer(self) -> None:
        """The office signs the request, and says what it has of the box's reports."""
        request = self.hall.content / layout.returned(self.hall.station) / layout.REQUEST
        if request.exists():
            path = self.hall.content / layout.certificate(self.hall.station)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(self._authority.certify(request.read_bytes()))
        told = [_head(path) for path in (self.hall.content / layout.reports(self.hall.station)).glob("*.report")]
        if told:
            newest = max(told, key=lambda head: head.last)
            stored = (Stored(journal=newest.journal, watermark=newest.last),)
            ack = layout.AckHead(v=1, station=self.hall.station, time=datetime.now(UTC), journals=stored)
            head = msgspec.json.encode(ack)
            message = layout.signed_message(layout.ACK_KIND, head)
            path = self.hall.content / layout.ack(self.hall.station)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(layout.seal(head, self._authority.key.sign(message, ec.ECDSA(hashes.SHA256()))))

    def plan(self, number: int, soon: timedelta = SESSION_IN) -> None:
        """The office's next library: more films, and a session with all of them soon."""
        self.hall.add(films(self._folder / "films", number))
        self._sign(soon)

    def _sign(self, soon: timedelta) -> None:
        """Publish; what is signed says what time it is."""
        self.hall.now = datetime.now(UTC)
        self.hall.sign((self.hall.now + soon).replace(microsecond=0))


def record(folder: Path, seconds: float) -> Recording:
    """Let a bare box live for so many seconds; ``folder`` keeps the recording, also what there is of one that fails."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    log = folder / "log"
    log.write_bytes(b"")
    living = Living(folder, log)
    shutil.copy(living.hall.root, folder / ROOT_NAME)
    span = span_of(living.card)
    part = ["dd", f"if={living.card}", f"of={folder}/before", "bs=1M", "conv=sparse", "status=none"]
    machine.run(*part, "iflag=skip_bytes,count_bytes", f"skip={span.start}", f"count={span.length}")
    with living.powered() as tv:
        began = time.monotonic()
        living.join()
        visits = 0
        while time.monotonic() < began + seconds:
            visits += 1
            living.plan(visits)
            living.stick(2 + visits)
            living.wait("session.ended", visits, SHOWN_WITHIN)
            made = Recording(span, tuple(living.promises), time.monotonic() - began, 2 + visits, visits)
            made.keep(folder, living.hall.content)
            print(f"{made.seconds:.0f} s, {visits} sessions, {living.promises[-1].records} records", flush=True)
        tv.ask("quit")
    return made


def span_of(card: Path) -> Span:
    """Where the data partition lies on a card: the last one, which at the first boot grows up to the card's end."""
    table = json.loads(machine.run("sfdisk", "-J", card))["partitiontable"]["partitions"]
    (found,) = [each for each in table if each["node"] == f"{card}{PARTITION}"]
    start = found["start"] * SECTOR
    return Span(start, card.stat().st_size - start)


def films(folder: Path, number: int) -> list[Path]:
    """Films that no other visit brings; light for a processor that is emulated, and of a size."""
    folder.mkdir(exist_ok=True)
    first = number * FILMS_A_STICK
    return [
        padded(make_video(folder / f"{each}.mp4", seconds=FILM_SECONDS, size="640x360", pattern=each + 1), FILM_BYTES)
        for each in range(first, first + FILMS_A_STICK)
    ]


def _head(path: Path) -> layout.ReportHead:
    sealed = layout.unseal(path.read_bytes(), layout.REPORT_KIND, layout.REPORT_LIMIT_BYTES)
    return layout.read_report(sealed)[0]
