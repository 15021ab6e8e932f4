"""Every parser that reads what comes from outside, by name: what reads it, a right example, and how it may refuse.

A parser that promises to raise nothing has an empty family.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from tuf.api.metadata import Metadata, Root

from estation_box import settings
from estation_box.clock.memory import Kept, Memory, Saved
from estation_box.clock.power_days import PowerDays
from estation_box.clock.rules import Reading
from estation_box.drivers import http_answer
from estation_box.drivers.desk import CHOSEN, TOLD, Desk
from estation_box.drivers.folder import Folder
from estation_box.drivers.keys import BoxKeys
from estation_box.drivers.postbox import ACKS, OUT, Postbox
from estation_box.drivers.profile_store import PROFILE, USED, ProfileStore, load_profile
from estation_box.drivers.seal import Seal
from estation_box.drivers.sync_request import asked
from estation_box.drivers.tuf import TufClient
from estation_box.drivers.two_copies import TwoCopies
from estation_box.library import network, rules, sync_words, trust
from estation_box.library.interfaces import SyncError
from estation_box.library.letters import judge
from estation_box.playout import checkpoint, player_words
from estation_box.programme.pushed import Pushed
from estation_box.provisioning.offering import candidate, claims
from estation_box.remote import phone
from estation_box.reporting.commands import KnownCommands
from estation_box.television import cec_words
from estation_central.authority.certificates import AuthorityError, request_of
from estation_central.collector import rules as collecting
from estation_central.previewing import PreviewError, read_profile
from estation_central.registry.transfer import cells
from estation_wire import (
    blocks,
    bulletin_letter,
    codec,
    library,
    picture,
    stick,
    supervisor_heard,
    supervisor_words,
    topics,
)
from estation_wire import enrolment as enrolling
from estation_wire import profile as profiles
from estation_wire.audience import Place
from estation_wire.bulletin_letter import Letter
from estation_wire.bulletins import Bulletin, Bulletins
from estation_wire.errors import WireError
from estation_wire.expansion import expand
from estation_wire.hours import EVERY_DAY, Calendar, Hours, Term
from estation_wire.library import Programme, Rule
from estation_wire.messages import Health
from estation_wire.values import Trust, Tv
from estation_wire.voices import LetterRefusedError, Voice
from studio import feed, source
from studio import profiles as signing
from studio.errors import StudioError
from studio.keyring import Keyring
from studio.letters import read_draft
from tests.support import contract, write_log
from tests.support.library import NOW, ZONE, Made, make_profile

BOOT = "b" * 32
JOURNAL = "a" * 32
STATION = "hall-0007"
HEALTH = Health(v=1, at=NOW, trust=Trust.STICK, boot="0" * 32, up=90.0, undelivered=3, tv=Tv.UNKNOWN)
NOTICE = Bulletin(id="flood", priority="urgent", titles={"zh-Hans": "洪水"}, issued=NOW)
SPOKEN = Bulletin(
    id="storm-2", priority="emergency", titles={"zh-Hans": "大风", "en": "Storm"}, issued=NOW,
    not_after=NOW + timedelta(hours=6), texts={"ug": "بوران"}, contents=("c" * 64,), every_minutes=30, wakes=True,
)  # fmt: skip
SAID = msgspec.json.encode(Letter(v=1, role="653101", bulletin=NOTICE))
LETTER = bulletin_letter.seal(SAID, (("k", b"s" * 64),))
VOICES = (Voice(role="653101", threshold=1, keys={"k": "00" * 32}),)
PLACE = Place(kind="village", region="653101")


class World(NamedTuple):
    """A publisher with a stick and everything on it, and a folder of the test's own."""

    made: Made
    folder: Path

    def file(self, raw: bytes, name: str = "file") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
        return path


class Parser(NamedTuple):
    """``read`` gets the world and the bytes; ``right`` gives examples that it takes."""

    read: Callable[[World, bytes], Any]
    right: Callable[[World], list[bytes]]
    family: tuple[type[Exception], ...] = ()


class Bytes:
    """A document in memory. See `Document`."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def read(self) -> bytes:
        return self.raw

    def write(self, data: bytes) -> None:
        self.raw = data


def examples(*beginnings: str) -> Callable[[World], list[bytes]]:
    """The contract's own good examples whose names begin so."""

    def found(_: World) -> list[bytes]:
        paths = sorted((contract.FOLDER / "examples/good").glob("*.json"))
        chosen = [path.read_bytes() for path in paths if path.name.startswith(beginnings)]
        return [msgspec.json.encode(msgspec.json.decode(raw)["value"]) for raw in chosen]

    return found


def lines(*texts: str) -> Callable[[World], list[bytes]]:
    return lambda _: [text.encode() for text in texts]


def on_stick(*patterns: str) -> Callable[[World], list[bytes]]:
    return lambda world: [path.read_bytes() for each in patterns for path in sorted(world.made.stick.rglob(each))]


def _unsealed(kind: bytes, read: Callable[[stick.Sealed], Any]) -> Callable[[World, bytes], Any]:
    return lambda _, raw: read(stick.unseal(raw, kind, stick.REPORT_LIMIT_BYTES))


def _report(_: World) -> list[bytes]:
    head, body = stick.report_head(STATION, JOURNAL, 1, (b'{"seq":1}', b'{"seq":2}'), NOW)
    told, more = stick.report_head(STATION, JOURNAL, 1, (b'{"seq":1}', b'{"seq":2}'), NOW, health=HEALTH)
    return [stick.seal(head, b"signature", body), stick.seal(told, b"signature", more)]


def _ack(_: World) -> list[bytes]:
    head = stick.AckHead(v=1, station=STATION, time=NOW, journals=(stick.Stored(journal=JOURNAL, watermark=5),))
    return [stick.seal(msgspec.json.encode(head), b"signature")]


def _cec(text: str) -> None:
    """What cec-ctl wrote, line by line as the driver reads it."""
    cec_words.sent(text)
    for line in text.splitlines():
        message = cec_words.frame(line)
        cec_words.told(message or b"", cec_words.place(line) or 0x1000)


def _claims(world: World, raw: bytes) -> Any:
    """A receipt on a stick that has several profiles: shown to people, with the time at which it was taken."""
    world.file(raw, f"stick/{stick.returned(STATION)}/{stick.RECEIPT}")
    for path in (world.made.stick / stick.PROFILES).iterdir():
        world.file(path.read_bytes(), f"stick/{stick.PROFILES}/{path.name}")
    with Folder(world.folder / "stick") as folder:
        for at in claims(folder, [STATION]).values():
            candidate(make_profile(world.made.authority.pem), at)


def _metadata(name: str) -> Callable[[World, bytes], Any]:
    def read(world: World, raw: bytes) -> None:
        """The publisher's metadata with one file of it as it comes."""
        for path in (world.made.stick / stick.METADATA).iterdir():
            world.file(path.read_bytes(), f"stick/{stick.METADATA}/{path.name}")
        world.file(raw, f"stick/{stick.METADATA}/{name}")
        client = TufClient(world.folder / "tuf", world.made.root)
        with Folder(world.folder / "stick") as folder, client.attempt(folder, NOW) as attempt:
            trust.judge(attempt, trust.Mark())
            attempt.digest(library.CATALOGUE_NAME)

    return read


def _next_root(world: World) -> list[bytes]:
    """The root once more with the next number, signed by its own keys."""
    root = Metadata[Root].from_file(str(world.made.root))
    root.signed.version += 1
    root.signatures.clear()
    for signer in Keyring(world.made.studio / "keys").signers("root"):
        root.sign(signer, append=True)
    return [root.to_bytes()]


def _event(_: World, raw: bytes) -> Any:
    rule = Rule(id="x", event=raw.decode(errors="replace")[:8192] or "x", timezone=ZONE, contents=("a" * 64,))
    programme = Programme(v=1, version=1, rules=(rule,))
    zone = ZoneInfo(ZONE)
    place = make_profile("x").place
    expand(
        programme, place, Hours(Calendar(), zone, {}), {},
        after=NOW, until=NOW + timedelta(days=14), minimum_seconds=600.0,
    )  # fmt: skip


WEEKLY = """BEGIN:VEVENT
DTSTART;TZID=Asia/Urumqi:20261124T090000
RRULE:FREQ=WEEKLY;BYDAY=TU,TH
END:VEVENT"""
MOVED = """BEGIN:VEVENT
DTSTART;TZID=Asia/Urumqi:20200101T090000
RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=300
EXDATE;TZID=Asia/Urumqi:20261127T090000
RDATE;TZID=Asia/Urumqi:20261129T100000
END:VEVENT
BEGIN:VEVENT
RECURRENCE-ID;TZID=Asia/Urumqi:20261127T090000
DTSTART;TZID=Asia/Urumqi:20261128T090000
END:VEVENT"""
SELDOM = """BEGIN:VEVENT
DTSTART;TZID=Asia/Urumqi:19700101T000000
RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=29
END:VEVENT"""
BY_WEEK = """BEGIN:VEVENT
DTSTART;TZID=Asia/Urumqi:20000101T000000
RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYSETPOS=-1
END:VEVENT"""
EVENTS = lines(WEEKLY, MOVED, SELDOM, BY_WEEK)


STATE = '{"tell":"state","player":"x","phase":"idle","at":1.5,"entries":[]}'
PREPARE = '{"do":"prepare","n":7,"session":"s","entries":[{"id":"0","path":"/x","kind":"video","seconds":31.0}]}'


def _saved(world: World, raw: bytes) -> Any:
    return Memory(Bytes(raw), Bytes(raw), BOOT).saved()


def _kept(world: World, raw: bytes) -> Any:
    return Memory(Bytes(raw), Bytes(raw), BOOT).kept()


def _answer(_: World, raw: bytes) -> Any:
    """The headers of a web server's answer, one a line: status, range, length, retry, location, kind, body."""
    words = [*raw.decode(errors="replace").split("\n"), *[""] * 7]
    status = int(words[0]) if words[0].isdecimal() and len(words[0]) < 4 else 206
    network.body_of(status, words[1], words[2], 5)
    network.wait_before(3, 0.5, network.asked_wait(words[3], NOW))
    http_answer.redirected("https://kepu.example/library/x", words[4])
    network.is_portal(words[5], words[6].encode(errors="replace"))


ANSWER = (
    "206\nbytes 5-9/20\n5\nFri, 27 Nov 2026 08:00:00 GMT\nhttps://kepu.example/other\nvideo/mp4\n<!doctype html",
    "200\n\n20\n120\n../other\ntext/html; charset=gb2312\nftyp",
    "206\nbytes 0-0/9999999999999999999\n-1\nThu, 01 Jan 0001 00:00:00 -9999\n//[::1\n\n<?xml",
)
RSS = """<?xml version="1.0"?><rss><channel><title>T</title><language>zh-CN</language><item><title>洗手</title>
<enclosure url="hand-washing.mp4" length="52100" type="video/mp4"/></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><title>x</title>
<link rel="enclosure" href="https://kepu.example/a.mp4"/></entry></feed>"""
BOMB = """<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>
<rss><channel><item><title>&b;&c;</title></item></channel></rss>"""
BOX_TOML = '[video]\noutput = "x11"\n[button]\nbcm = 17\n[stick]\nfolder = "/x"\n'
LIBRARY_TOML = """name = "x"
[[items]]
id = "a"
file = "a.mp4"
titles = { en = "A" }
topic = "health"
[[rules]]
id = "w"
timezone = "Asia/Urumqi"
start = 2026-11-24T09:00:00
rrule = "FREQ=WEEKLY"
items = ["a"]
"""
PROFILE_TOML = """station = "hall-0007"
region = "653101"
name = "x"
timezone = "Asia/Urumqi"
[site]
id = "s"
kind = "village"
name = "x"
[centre]
host = "localhost"
authority = "x"
"""


def _hours(_: World, raw: bytes) -> None:
    """A cell of a table: what is taken from it, a database must keep."""
    hours = cells.json_of(raw.decode(errors="replace"))
    try:
        kept = json.dumps(hours, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise AssertionError(raw[:200]) from error
    assert b"\\u0000" not in kept.replace(b"\\\\", b""), raw[:200]


def _hours_right(_: World) -> list[bytes]:
    term = Term(first="2026-W36", last="2027-W02")
    return [msgspec.json.encode(Calendar(opening=EVERY_DAY, make_up=EVERY_DAY, terms=(term,))), b"{}"]


def _two_copies(world: World, raw: bytes) -> Any:
    return TwoCopies(world.file(raw)).read()


def _two_right(world: World) -> list[bytes]:
    path = world.folder / "two"
    kept = TwoCopies(path)
    kept.write(b"one")
    kept.write(b"two")
    return [path.read_bytes()]


def _pem(world: World, raw: bytes) -> Any:
    keys = BoxKeys(world.folder / "key.pem")
    keys.fits(raw, station=STATION, authority=world.made.authority.pem)
    keys.is_authority(raw.decode(errors="replace"))
    Seal(world.folder / "key.pem").vouched(world.made.authority.pem, raw, b"x")


def _pem_right(world: World) -> list[bytes]:
    keys = BoxKeys(world.folder / "key.pem")
    return [world.made.authority.certify(keys.request(STATION)), world.made.authority.pem.encode()]


def _block_right(world: World) -> list[bytes]:
    return on_stick(f"{stick.BLOCKS.rpartition('/')[2]}/*")(world)


def _split(world: World, raw: bytes) -> Any:
    (path, *_) = sorted((world.made.stick / stick.BLOCKS).iterdir())
    return blocks.split(raw, content=path.name, size=(world.made.stick / stick.CONTENT / path.name).stat().st_size)


def _in_state(name: str, read: Callable[[Path], Any]) -> Callable[[World, bytes], Any]:
    return lambda world, raw: read(world.file(raw, name).parent)


WIRE: dict[str, Parser] = {
    **{
        f"codec.decode_message {leaf.value}": Parser(
            lambda _, raw, leaf=leaf: codec.decode_message(leaf, raw), examples(leaf.value), (WireError,)
        )
        for leaf in topics.Leaf
    },
    "codec.decode_head": Parser(lambda _, raw: codec.decode_head(raw), examples("record-"), (WireError,)),
    "codec.decode_record": Parser(lambda _, raw: codec.decode_record(raw), examples("record-"), (WireError,)),
    "codec.decode_records": Parser(
        lambda _, raw: codec.decode_records(raw.decode("utf-8", "replace")),  # a database holds no other text
        lambda world: [b"[%s,%s]" % (raw, raw) for raw in examples("record-")(world)], (WireError,),
    ),
    "topics.parse": Parser(
        lambda _, raw: topics.parse(raw.decode("utf-8", "surrogateescape")),
        lines("estation/v1/653101/hall-0007/events"), (WireError,),
    ),
    **{
        f"library.decode_document {type_.__name__}": Parser(
            lambda _, raw, type_=type_: library.decode_document(type_, raw), examples(f"document-{name}"), (WireError,)
        )
        for type_, name in (
            (library.Catalogue, "catalogue"), (library.Programme, "programme"), (library.Provisioners, "provisioners"),
            (Bulletins, "bulletins"), (profiles.Profile, "profile."), (enrolling.EnrolmentRequest, "enrolment-request"),
            (enrolling.EnrolmentRefused, "enrolment-refused"),
        )
    },
    "profile.decode_envelope": Parser(
        lambda _, raw: profiles.decode_envelope(raw), examples("document-profile-envelope"), (WireError,)
    ),
    "bulletin_letter.open_envelope": Parser(
        lambda _, raw: bulletin_letter.open_envelope(raw), lambda _: [LETTER], (WireError,)
    ),
    "bulletin_letter.read": Parser(lambda _, raw: bulletin_letter.read(raw), lambda _: [SAID], (WireError,)),
    "letters.judge": Parser(
        lambda _, raw: judge(raw, VOICES, PLACE, NOW, lambda *_: True), lambda _: [LETTER], (LetterRefusedError,)
    ),
    "stick.unseal": Parser(_unsealed(stick.REPORT_KIND, lambda sealed: sealed), _report, (WireError,)),
    "stick.read_report": Parser(_unsealed(stick.REPORT_KIND, stick.read_report), _report, (WireError,)),
    "stick.read_ack": Parser(_unsealed(stick.ACK_KIND, stick.read_ack), _ack, (WireError,)),
    "phone.decode_asked": Parser(
        lambda _, raw: phone.decode_asked(raw),
        lambda _: [b'{"do":"count","number":27}', b'{"do":"play","content":"' + b"a" * 64 + b'"}'],
        (ValueError,),
    ),
    "cec_words": Parser(
        lambda _, raw: _cec(raw.decode(errors="replace")),
        lines("\tRaw: 0x04 0x44 0x01 ( D )\n", "Event: State Change: PA: 1.0.0.0, LA mask: 0x0010\n", "\tTx, Ok (1)\n"),
    ),
    "supervisor_words.read": Parser(
        lambda _, raw: [supervisor_words.read(kind, raw) for kind in supervisor_words.FORMS], lambda _: [bytes(12)]
    ),
    "supervisor_heard.read_line": Parser(lambda _, raw: supervisor_heard.read_line(raw), lambda _: [b"\x14words"]),
    "supervisor_heard.pulses": Parser(lambda _, raw: supervisor_heard.pulses(raw), lambda _: [b"\x28\x23\x94\x11"]),
    "picture.decode": Parser(
        lambda _, raw: picture.decode(raw),
        lambda _: [picture.encode(picture.Picture(bytes(range(256)) * 4, bytes(picture.WIDTH * picture.HEIGHT)))],
        (WireError,),
    ),
    "blocks.split": Parser(_split, _block_right, (WireError,)),
}  # fmt: skip
BOX: dict[str, Parser] = {
    "receipt on a stick": Parser(_claims, on_stick("receipt.json")),
    "RFC 5545 event": Parser(_event, EVENTS),
    "TUF timestamp": Parser(_metadata("timestamp.json"), on_stick("timestamp.json"), (SyncError,)),
    "TUF snapshot": Parser(_metadata("1.snapshot.json"), on_stick("1.snapshot.json"), (SyncError,)),
    "TUF targets": Parser(_metadata("1.targets.json"), on_stick("1.targets.json"), (SyncError,)),
    "TUF next root": Parser(_metadata("2.root.json"), _next_root, (SyncError,)),
    "certificates and keys": Parser(_pem, _pem_right),
    "sync words": Parser(
        lambda _, raw: sync_words.decode_word(raw),
        lines(
            '{"tell":"progress","words":"x","fraction":0.42}', '{"tell":"ask","question":"press","word":"long"}',
            '{"tell":"synced","source":"stick","taken":4,"refused":1,"reasons":["x"],"signed":"2026-11-23T08:00:00Z"}',
        ), (ValueError,),
    ),
    "player's requests": Parser(
        lambda _, raw: player_words.decode_request(raw), lines(PREPARE, '{"do":"rest","n":8}'), (ValueError,)
    ),
    "player's words": Parser(
        lambda _, raw: player_words.decode_telling(raw),
        lines(STATE, '{"tell":"answer","n":1,"ok":true}'), (ValueError,),
    ),
    "sync's request": Parser(
        lambda world, raw: asked(world.file(raw)),
        lines('{"source":"stick","root":"","device":"/dev/sda1","filesystem":"exfat"}'),
    ),
    "box.toml": Parser(
        _in_state("box.toml", settings.read), lines(BOX_TOML), (settings.SettingsError,)
    ),
    "two copies": Parser(_two_copies, _two_right),
    "mark": Parser(
        lambda _, raw: trust.read_mark(raw), lambda _: [msgspec.json.encode(trust.Mark(signed=NOW, keys="x"))]
    ),
    "saved time": Parser(_saved, lambda _: [msgspec.json.encode(Saved(floor=NOW, proven=NOW))]),
    "kept time": Parser(
        _kept, lambda _: [msgspec.json.encode(Kept(BOOT, Reading(NOW, 1.0, Trust.NETWORK, NOW, NOW)))]
    ),
    "power-on day": Parser(
        lambda _, raw: PowerDays(Bytes(raw), BOOT)._read(),
        lines(f'{{"boot":"{BOOT}","up":5.0,"began":1.0}}'),
    ),
    "checkpoint": Parser(
        lambda _, raw: checkpoint.decode(raw),
        lines(
            '{"show":{"session":"s","origin":"planned","clips":[],"part":1},'
            '"saved":{"up":1.0,"at":"2026-11-23T08:00:00Z","trust":"rtc","boot":"b"},"player":"p"}'
        ),
    ),
    "commands that are known": Parser(
        lambda _, raw: KnownCommands(Bytes(raw)), lines(f'[["{JOURNAL}","done"],["{BOOT}",null]]')
    ),
    "bulletins that came by a command": Parser(
        lambda _, raw: Pushed(Bytes(raw)).bulletins, lambda _: [msgspec.json.encode([NOTICE, SPOKEN])]
    ),
    "drafts of bulletins": Parser(
        lambda world, raw: read_draft(world.file(raw)),
        lambda _: [SAID, LETTER], (StudioError,),
    ),
    "core's word to sync": Parser(
        _in_state(f"desk/{CHOSEN}", lambda folder: Desk(folder).chosen()), lines(STATION)
    ),
    "sync's word to core": Parser(
        _in_state(f"desk/{TOLD}", lambda folder: Desk(folder).told()),
        lines('{"candidates":[{"station":"a","name":"b","done":"10:42"}],"refused":["x","y"]}'),
    ),
    "reports handed over": Parser(
        _in_state(f"post/{OUT}", lambda folder: Postbox(folder).outgoing()),
        lambda _: [msgspec.msgpack.encode([NOW, [[JOURNAL, 1, [b'{"seq":1}']]]])],
    ),
    "acks handed over": Parser(
        _in_state(f"post/{ACKS}", lambda folder: Postbox(folder).acknowledgements()),
        lines(f'[{{"journal":"{JOURNAL}","watermark":5}}]'),
    ),
    "profile on the card": Parser(
        _in_state(f"state/{PROFILE}", lambda folder: load_profile(folder, "")), examples("document-profile.")
    ),
    "used profiles": Parser(
        _in_state(f"state/{USED}", lambda folder: ProfileStore(folder, "").used()), lines("hall-0007 1\nhall-0008 22\n")
    ),
    "answers of a web server": Parser(_answer, lines(*ANSWER)),
    "head of a film": Parser(
        lambda _, raw: rules.known_container(raw), lambda _: [b"\0\0\0\x18ftypisom", b"\x89PNG\r\n\x1a\n----"]
    ),
}  # fmt: skip
OFFICE: dict[str, Parser] = {
    "record at the centre": Parser(lambda _, raw: collecting.read_row(raw), examples("record-"), (WireError,)),
    "certificate request": Parser(
        lambda _, raw: request_of(raw),
        lambda world: [BoxKeys(world.folder / "key.pem").request(STATION)], (AuthorityError,),
    ),
    "hours in a table's cell": Parser(_hours, _hours_right, (ValueError,)),
    "profile at the centre": Parser(
        lambda world, raw: read_profile(world.file(raw)), examples("document-profile-envelope"), (PreviewError,)
    ),
    "feed": Parser(
        lambda _, raw: feed.offers(raw, "https://kepu.example/feed.xml"), lines(RSS, ATOM, BOMB), (StudioError,)
    ),
    "library.toml": Parser(
        _in_state("source/library.toml", source.read), lines(LIBRARY_TOML), (StudioError,)
    ),
    "profile in TOML": Parser(
        lambda world, raw: signing.sign_file(
            world.made.studio, world.file(raw, "profile.toml"), now=datetime(2026, 11, 23, tzinfo=UTC)
        ), lines(PROFILE_TOML), (StudioError,),
    ),
    "profile in the studio": Parser(
        lambda world, raw: signing.read(world.file(raw)), on_stick(f"{STATION}.json"), (StudioError,)
    ),
}  # fmt: skip
TOOLS: dict[str, Parser] = {
    "log of a card's writes": Parser(
        lambda _, raw: list(write_log.within(write_log.entries(raw), 512, 1024)),
        lambda _: [
            write_log.HEAD.pack(write_log.MAGIC, 1, 2, 512).ljust(512, b"\0")
            + write_log.ENTRY.pack(1, 1, 0, 0).ljust(1024, b"a")
            + write_log.ENTRY.pack(0, 0, 1, 0).ljust(512, b"\0")
        ], (write_log.LogError,),
    ),
}  # fmt: skip
PARSERS = {**WIRE, **BOX, **OFFICE, **TOOLS}
