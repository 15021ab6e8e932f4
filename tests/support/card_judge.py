"""What a box finds on its card after a power cut. Needs root.

The card is looked after as the initrd does it, and opened by the product's own classes, up to a whole core that takes
up what was interrupted.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from estation_box.clock.memory import Memory
from estation_box.drivers.folder import Folder
from estation_box.drivers.journal_store import SqliteJournalStore
from estation_box.drivers.library_store import LibraryStore
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.drivers.profile_store import CERTIFICATE, KEY, ProfileStore, lives, load_profile
from estation_box.drivers.tuf import TufClient
from estation_box.drivers.two_copies import TwoCopies
from estation_box.journal.interfaces import JournalUnavailableError
from estation_box.library.interfaces import CardError, StickError
from estation_box.library.shelf import SteadyShelf
from estation_box.library.trust import NO_TIME, Trust, read_mark
from estation_wire import codec
from estation_wire.blocks import BLOCK_BYTES, content_id, digest
from estation_wire.errors import WireError
from estation_wire.records import ClipShown, Record, SessionEnded, SessionStarted
from tests.support.box import SimulatedBox

FSCK: Final = ("-p",)
THOROUGH: Final = ("-fy",)
OPTIONS: Final = "noatime,nodev,nosuid,noexec,commit=300,errors=remount-ro"
UNWRITABLE: Final = "noatime,nodev,nosuid,noexec,ro,noload"  # a card that takes nothing any more: no card of ours here
UNMENDED: Final = 4  # e2fsck's status from which on it did not mend everything
MOST_RECORDS: Final = 100_000
DARK: Final = timedelta(seconds=40)  # between the last record and the next boot: an interrupted session goes on
TAKES_UP_SECONDS: Final = 6.0  # a core needs so long after its start to be back in a session
SLACK_SECONDS: Final = 1.0  # by how much a film may have been shown longer than it is: a frame at each part's edge


class NeedsAPersonError(Exception):
    """The box does not come up with its card by itself."""


class Publisher(NamedTuple):
    """Who signs the library: the box's root of trust, and a stick that must still be taken after every cut."""

    root: Path
    stick: Path


class Found(NamedTuple):
    """What lies on a card. ``ranks``: what must never become less, by name; ``papers``: what must not go."""

    journal: str = ""
    records: tuple[bytes, ...] = ()
    held: frozenset[str] = frozenset()
    corrupt: frozenset[str] = frozenset()
    papers: tuple[tuple[str, bytes], ...] = ()
    ranks: tuple[tuple[str, tuple[object, ...]], ...] = ()
    repeated: tuple[str, ...] = ()
    """What the core that comes up has booked twice, in words."""
    open: tuple[str, ...] = ()
    """Sessions that begin and never end, once the core has come up."""


class Verdict(NamedTuple):
    """What fell short, in words; all empty is as promised."""

    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    corrupt: tuple[str, ...] = ()


def judge(found: Found, promised: Found, said: int = 0) -> Verdict:
    """A cut's card against what was on the card for good before the cut, and how many records the box spoke of."""
    lost = list(found.open)
    if len(found.records) < said:
        lost.append(f"records: the box had spoken of {said}, {len(found.records)} are there")
    if promised.records and found.journal != promised.journal:
        lost.append(f"{len(promised.records)} records: another journal began")
    elif found.records[: len(promised.records)] != promised.records:
        lost.append(f"records: {len(found.records)} of at least {len(promised.records)}, or others")
    there, ranks = dict(found.papers), dict(found.ranks)
    lost += [name for name, content in promised.papers if there.get(name) != content]
    lost += [f"{name}: {ranks.get(name)} after {rank}" for name, rank in promised.ranks if _less(ranks.get(name), rank)]
    lost += [f"film {content[:12]}" for content in promised.held - found.held]
    return Verdict(tuple(lost), found.repeated, (), tuple(f"film {content[:12]}" for content in found.corrupt))


def _less(rank: tuple[object, ...] | None, before: tuple[object, ...]) -> bool:
    return rank is None or any(one < other for one, other in zip(rank, before, strict=True))  # type: ignore[operator]


@contextmanager
def healed(image: Path, at: Path) -> Iterator[Path]:
    """The data partition in ``image``, checked and mounted at ``at`` as the initrd does.

    Raises `NeedsAPersonError` where that does not mend it: the box then works in memory, without its records.
    """
    if _fsck(image, FSCK) >= UNMENDED and _fsck(image, THOROUGH) >= UNMENDED:
        msg = "e2fsck leaves faults behind"
        raise NeedsAPersonError(msg)
    command = ["mount", "-t", "ext4", "-o", f"loop,{OPTIONS}", str(image), str(at)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise NeedsAPersonError(done.stderr.strip())
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True, timeout=60, capture_output=True)


def _fsck(image: Path, options: tuple[str, ...]) -> int:
    command = ["e2fsck", *options, str(image)]
    return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode


def found(card: Path, publisher: Publisher | None = None) -> Found:
    """What the product finds on a mounted data partition; raises `NeedsAPersonError` where it does not open.

    With a ``publisher`` its stick is read last of all, as far as the trust in it goes.
    """
    state = card / "estation"
    try:
        if not state.exists():
            return Found()
        machine = _bytes(card / "machine-id")
        serial = machine.decode(errors="replace").strip()
        life = f"{serial} {before}" if (before := lives(state)) else serial
        with ExitStack() as stack:
            journal, records = _journal(state, life)
            held, corrupt, versions = _films(state)
            marks = read_mark(TwoCopies(state / "tuf-mark").read()).versions
            saved = Memory(TwoCopies(state / "clock"), TwoCopies(state / "none"), "").saved()
            used = ProfileStore(state, serial).used()
            papers = {"machine-id": machine, "certificate": _certified(state), "key": _bytes(state / KEY)}
            profile = load_profile(state, serial)
            papers["profile"] = f"{profile.station} {profile.epoch}".encode() if profile else b""
            ranks = {
                "trust": (marks.root, marks.timestamp, marks.snapshot, marks.targets),
                "library": versions,
                "clock": (saved.floor if saved else datetime.min.replace(tzinfo=UTC),),
                "used profiles": (len(used),),
            }
            known = [codec.decode_record(raw) for raw in records]
            after = _taken_up(state, life, known, stack) if profile else known
        if publisher is not None:
            _trusts(state, publisher, profile.region if profile else "")
    except (CardError, StickError, JournalUnavailableError, OSError, WireError) as error:
        raise NeedsAPersonError(repr(error)) from error
    return Found(
        journal, records, held, corrupt, tuple((name, text) for name, text in papers.items() if text),
        tuple(ranks.items()), repeated(after), unclosed(after),
    )  # fmt: skip


def _journal(state: Path, life: str) -> tuple[str, tuple[bytes, ...]]:
    """The journal's id and its records, which must be numbered without a gap."""
    if not (state / "journal.db").exists():
        return "", ()
    store = SqliteJournalStore(state / "journal.db", life, lambda: "f" * 32)
    held = store.open()
    rows = store.read(0, MOST_RECORDS)
    store.close()
    assert [row.seq for row in rows] == list(range(1, held.last + 1)), "the numbers have a gap"
    return held.journal, tuple(row.raw for row in rows)


def _films(state: Path) -> tuple[frozenset[str], frozenset[str], tuple[int, int]]:
    """What the player would be given, what of it is corrupt, and the library's versions."""
    if not (state / "library.db").exists():
        return frozenset(), frozenset(), (0, 0)
    with LibraryWriter(state / "library.db") as books:
        paths = {content: books.held(content) for content in books.kept()}
        versions = books.versions()
    offered = {content: path for content, path in paths.items() if path is not None}
    return frozenset(offered), frozenset(each for each, path in offered.items() if _id(path) != each), versions


def _id(path: Path) -> str:
    blocks = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            blocks += digest(block)
    return content_id(blocks)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _certified(state: Path) -> bytes:
    """The key that the certificate is for, which outlives its renewal; nothing where it cannot be read."""
    try:
        key = x509.load_pem_x509_certificate(_bytes(state / CERTIFICATE)).public_key()
    except ValueError:
        return b""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _taken_up(state: Path, life: str, known: list[Record], stack: ExitStack) -> list[Record]:
    """The records once a core has come up on this card and told the centre of all of them."""
    profile = load_profile(state, life.split(" ", maxsplit=1)[0])
    stock = stack.enter_context(LibraryStore(state / "library.db"))
    at = max((record.at for record in known), default=datetime.now(UTC)) + DARK
    box = SimulatedBox(state, SteadyShelf(stock, stock), profile, serial=life, at=at)
    box.run(TAKES_UP_SECONDS)
    told: list[Record] = box.centre.told(Record)
    box.cut_power()
    assert told[: len(known)] == known, "the centre is told something else than what lies on the card"
    return told


def _trusts(state: Path, publisher: Publisher, region: str) -> None:
    """Read what a stick has signed; raises `StickError` where the box refuses it, and would refuse every other."""
    with LibraryWriter(state / "library.db") as books, Folder(publisher.stick) as stick:
        client = TufClient(state / "tuf", publisher.root)
        Trust(client, TwoCopies(state / "tuf-mark"), books).refresh(stick, NO_TIME, region)


def repeated(records: list[Record]) -> tuple[str, ...]:
    """What of a journal's sessions is told twice: a part's beginning, its end, a film's seconds."""
    words, seen = [], set()
    shown: dict[tuple[str, str], float] = {}
    for record in records:
        key: tuple[object, ...] = ()
        if isinstance(record, SessionStarted | SessionEnded):
            key = (type(record), record.session, record.part)
        elif isinstance(record, ClipShown):
            film = (record.session, record.content)
            shown[film] = shown.get(film, 0.0) + record.shown
            if shown[film] > record.has + SLACK_SECONDS:
                words.append(f"{record.title}: {shown[film]:.1f} s of {record.has:.1f}")
        if key and key in seen:
            words.append(f"{type(record).__name__} of part {record.part} of session {record.session[:8]}")
        seen.add(key)
    return tuple(words)


def unclosed(records: list[Record]) -> tuple[str, ...]:
    """The parts of sessions that have begun and not ended; the last one may still run."""
    began = [(each.session, each.part) for each in records if isinstance(each, SessionStarted)]
    ended = {(each.session, each.part) for each in records if isinstance(each, SessionEnded)}
    missing = [each for each in began[:-1] if each not in ended]
    return tuple(f"the end of part {part} of session {session[:8]}" for session, part in missing)


def judged(
    image: Path, at: Path, promised: Found, *, said: int = 0, publisher: Publisher | None = None
) -> tuple[Found | None, Verdict]:
    """What is found in an image, and how it stands against what was promised, ``said`` records at least."""
    try:
        with healed(image, at) as card:
            there = found(card, publisher)
    except NeedsAPersonError as error:
        return None, Verdict(person=(str(error),))
    except AssertionError as error:
        return None, Verdict(lost=(str(error),))
    return there, judge(there, promised, said)
