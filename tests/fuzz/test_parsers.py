"""Whatever comes from outside is read or refused in its own family's words, at once; nothing breaks."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import resource
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import estation_wire
from tests.fuzz.mutation import broken
from tests.fuzz.parsers import PARSERS, World
from tests.support.library import make_stick
from tests.support.sync_box import Box

MOST_SECONDS = 1.0
MOST_MEMORY_KIB = 100 * 1024
QUICK, LONG, BATCH = 30, 20_000, 500


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A small library, and a box that has left its receipt on the stick."""
    folder = tmp_path_factory.mktemp("world")
    made = make_stick(folder, videos=1)
    Box(folder / "box", made.root).visit(made.stick)
    return World(made, folder)


WORST = (
    b"", b"\0", b"\xff", b"null", b"[]", b"{}", b"[" * 7000, b'{"a":' * 1500, b"[" * 1500 + b"]" * 1500, b"9" * 5000,
    b"NaN", b"1e400", b'"\\u0000"', b'"\\ud800"', b"[" * 900 + b"]" * 900,
    b"a = " + b"[" * 5000, b"a = " + b"9" * 5000, b"hall-0007 " + b"9" * 5000, b'"9999-12-31T23:59:59-23:59"',
    b'"0001-01-01T00:00:00+23:59"', b'<a url="http://[bad"/>', b"a" * 9000,
    b"-----BEGIN CERTIFICATE-----\n" + b"A" * 5000,
    b'<rss><channel><item><enclosure url="http://[bad"/></item></channel></rss>', b"<a>" * 9000,
    b'{"v":1,"station":"hall-0007","at":"0001-01-01T00:00:00Z","epoch":1}',
    b'{"v":1,"station":"hall-0007","at":"9999-12-31T23:59:59Z","epoch":1}',
    b'{"v":1,"station":"hall-0007","at":"9999-12-31T23:59:59-23:59","epoch":1}',
    b'{"floor":"0001-01-01T00:00:00+23:59","proven":"9999-12-31T23:59:59-23:59"}',
)  # fmt: skip


def once(world: World, name: str, raw: bytes) -> None:
    """Read ``raw``: only the family's error may come, within a second of processor time."""
    parser = PARSERS[name]
    before = time.thread_time()
    try:
        parser.read(world, raw)
    except parser.family as error:
        str(error).encode()  # whoever logs it must be able to write it
    assert time.thread_time() - before < MOST_SECONDS, raw[:200]


def fuzzed(world: World, name: str, count: int) -> None:
    right = PARSERS[name].right(world)
    assert right, "no example: nothing would be proved"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    @settings(
        max_examples=count, deadline=None, derandomize=count == QUICK, database=None,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def run(data: st.DataObject) -> None:
        once(world, name, data.draw(broken(right)))

    run()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < MOST_MEMORY_KIB


@pytest.mark.parametrize("name", PARSERS)
def test_right_examples_are_read(world: World, name: str):
    """Every parser reads what it is made for: else its refusals would mean nothing."""
    parser = PARSERS[name]
    taken = 0
    for raw in parser.right(world):
        try:
            parser.read(world, raw)
            taken += 1
        except parser.family:
            continue
    assert taken


@pytest.mark.parametrize("name", PARSERS)
def test_the_worst_that_is_known_breaks_nothing(world: World, name: str):
    """What broke some reader once is put before every one: nests, numbers of many digits, dates that are none."""
    for raw in WORST:
        once(world, name, raw)
    for right in PARSERS[name].right(world):
        if right.startswith(b"{"):
            for worst in WORST:
                once(world, name, right.replace(b"{", b'{"later":' + worst + b",", 1))


@pytest.mark.parametrize("name", PARSERS)
def test_whatever_is_wrong_with_it_nothing_breaks(world: World, name: str):
    """Cut, flipped, nested, doubled, of another kind, size or encoding: it is read or refused, and at once."""
    fuzzed(world, name, QUICK)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", PARSERS)
def test_nothing_breaks_in_the_long_run(world: World, name: str):
    """The same for hours, each time with other faults."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(LONG // BATCH):  # hypothesis remembers every example of a run: its memory is not the parser's
        fuzzed(world, name, BATCH)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < MOST_MEMORY_KIB, "it grows"


def test_no_reader_of_the_wire_is_forgotten():
    """Who adds a reader to the contract adds it to the table of these tests."""
    readers = set()
    for module in pkgutil.iter_modules(estation_wire.__path__):
        for name, value in vars(importlib.import_module(f"estation_wire.{module.name}")).items():
            own = inspect.isfunction(value) and value.__module__ == f"estation_wire.{module.name}"
            if own and re.match(r"(decode|read|parse|unseal|split)(_|$)", name):
                readers.add(f"{module.name}.{name}")
    assert readers - NO_READERS <= {name.partition(" ")[0] for name in PARSERS}


def test_no_decoder_in_the_box_or_the_office_is_forgotten():
    """Every module that decodes anything is known here; a new one is looked at before it passes."""
    root = Path(__file__).parents[2]
    calls = r"msgspec\.(json|toml|msgpack)\.(decode|Decoder)|json\.loads|ET\.fromstring|from_ical|\bdecoder\("
    decoding = re.compile(calls)
    found = {
        path.relative_to(root).as_posix()
        for folder in ("firmware", "central")
        for path in (root / folder).rglob("*.py")
        if decoding.search(path.read_text(encoding="utf-8"))
    }
    assert found <= KNOWN, "put its parser into tests/fuzz/parsers.py, and its name here"


NO_READERS = {"languages.read_by"}  # says which tag a person reads: a choice between words, it parses none
KNOWN = {
    "central/estation_central/previewing.py",
    "central/estation_central/registry/transfer/cells.py",  # the other cells: tests/centre/registry/test_transfer.py
    "central/studio/feed.py",
    "central/studio/profiles.py",
    "central/studio/source.py",
    "firmware/estation_box/guarding/budget.py",  # its own file, in two copies with their sums: tests/guarding/
    "firmware/estation_wire/decoding.py",  # makes the decoders of all others, and reads nothing itself
    "firmware/estation_box/apps/sync.py",  # the saved time, as the clock reads it
    "firmware/estation_box/clock/memory.py",
    "firmware/estation_box/clock/power_days.py",
    "firmware/estation_box/drivers/desk.py",
    "firmware/estation_box/drivers/postbox.py",
    "firmware/estation_box/drivers/profile_store.py",
    "firmware/estation_box/drivers/sync_request.py",
    "firmware/estation_box/drivers/tuf.py",
    "firmware/estation_box/library/sync_words.py",
    "firmware/estation_box/library/trust.py",
    "firmware/estation_box/playout/checkpoint.py",
    "firmware/estation_box/playout/player_words.py",
    "firmware/estation_box/programme/pushed.py",
    "firmware/estation_box/provisioning/offering.py",
    "firmware/estation_box/provisioning/service.py",
    "firmware/estation_box/remote/phone.py",
    "firmware/estation_box/reporting/commands.py",
    "firmware/estation_box/settings.py",
    "firmware/estation_wire/bulletin_letter.py",
    "firmware/estation_wire/codec.py",
    "firmware/estation_wire/dsse.py",  # profile.decode_envelope, bulletin_letter.open_envelope
    "firmware/estation_wire/library.py",
    "firmware/estation_wire/recurrence.py",
    "firmware/estation_wire/stick.py",
    # what reads only what the same program has written before, or a child's output
    "central/estation_central/publication/library.py",  # bulletins of the verified library, as `store` encodes them
    "central/estation_central/site/weeks.py",  # the reckoner's own rows
    "central/estation_central/stations/models.py",  # the word of an order that a page made
    "central/estation_central/stations/queries.py",  # what the collector has read before
    "central/estation_central/upkeep/backup.py",  # the copy's list; a wrong byte of it: tests/centre/upkeep
    "central/studio/ffmpeg.py",
    "central/studio/importing.py",
    "central/studio/probe.py",
    "central/studio/recalls.py",
    "central/studio/workshop.py",
    "firmware/estation_box/apps/fetch.py",
    "firmware/estation_box/drivers/last_boot.py",
    "firmware/estation_box/drivers/library_store.py",
    "firmware/estation_box/drivers/library_writer.py",
    "firmware/image/flash.py",  # lsblk's list of the disks
    # the desk's page: tests/studio/test_page.py
    "central/studio/page.py",
}
