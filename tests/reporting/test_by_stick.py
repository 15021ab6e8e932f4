"""Records that travel home on a stick: what the box leaves, and what it believes when the stick comes back."""

from __future__ import annotations

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from estation_box.apps.core_post import Post
from estation_box.drivers.folder import Folder
from estation_box.drivers.journal_store import SqliteJournalStore
from estation_box.drivers.postbox import Postbox
from estation_box.drivers.seal import Seal
from estation_box.drivers.two_copies import TwoCopies
from estation_box.journal.interfaces import CardBrokenError
from estation_box.journal.service import Journal
from estation_box.reporting import by_stick
from estation_box.reporting.by_stick import MAX_LETTERS, StickPost
from estation_box.simulated.journal_store import SimulatedJournalStore
from estation_wire import stick as layout
from estation_wire.errors import MalformedError, TooLargeError, WireError
from estation_wire.messages import Health, Playing, Stored
from estation_wire.records import Fault
from estation_wire.stick import AckHead
from estation_wire.values import Trust, Tv
from tests.journal.values import moment
from tests.support.library import NOW, Authority, make_authority
from tests.support.troubled_stick import TroubledStick

STATION, JOURNAL = "hall-0007", "a" * 32


FIRMWARE = "estation-1.2.3"
HEALTH = Health(v=1, at=NOW, trust=Trust.STICK, boot="0" * 32, up=90.0, undelivered=3, tv=Tv.UNKNOWN)


class Box:
    """Journal, core's half and sync's half of the post, and a folder that is the stick."""

    def __init__(self, folder) -> None:
        self.stick = folder / "stick"
        self.stick.mkdir()
        store = SqliteJournalStore(folder / "journal.db", "serial", lambda: JOURNAL)
        self.journal = Journal(store, TwoCopies(folder / "session"))
        self.postbox = Postbox(folder)
        self.core = Post(self.journal, store, self.postbox)
        self.seal = Seal(folder / "key.pem")
        self.sync = StickPost(self.seal, self.postbox)
        self.centre = make_authority()
        self._written = 0

    def write(self, count: int) -> None:
        for _ in range(count):
            self._written += 1
            self.journal.append(moment(self._written * 4000.0), Fault, what="disk", detail=f"n {self._written}")

    def visit(self, stick=None):
        self.core.send(moment(0.0), FIRMWARE, HEALTH)
        if stick is None:
            with Folder(self.stick) as opened:
                lines = self.sync.visit(opened, STATION, self.centre.pem)
        else:
            lines = self.sync.visit(stick, STATION, self.centre.pem)
        self.core.collect()
        return lines

    @property
    def reports(self):
        """Every report on the stick, verified: its head and its records."""
        folder = self.stick / layout.reports(STATION)
        read = []
        for path in sorted(folder.glob("*.report"), key=lambda each: int(each.stem.split("-")[1])):
            sealed = layout.unseal(path.read_bytes(), layout.REPORT_KIND, layout.REPORT_LIMIT_BYTES)
            public = self.seal._key().public_key()
            public.verify(sealed.signature, sealed.message, ec.ECDSA(hashes.SHA256()))
            read.append(layout.read_report(sealed))
        return read

    def acknowledge(self, watermark: int, *, by: Authority | None = None, station: str = STATION, v: int = 1) -> None:
        """The office leaves its word on the stick."""
        stored = (Stored(journal=JOURNAL, watermark=watermark),)
        head = msgspec.json.encode(AckHead(v=v, station=station, time=NOW, journals=stored))
        signature = (by or self.centre).key.sign(
            layout.signed_message(layout.ACK_KIND, head), ec.ECDSA(hashes.SHA256())
        )
        path = self.stick / layout.ack(STATION)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(layout.seal(head, signature))


@pytest.fixture
def box(tmp_path) -> Box:
    return Box(tmp_path)


def test_the_very_bytes_that_are_stored_go_home_signed(box):
    """What the office reads is what the box wrote, byte for byte, under the box's own signature."""
    box.write(3)
    (line,) = box.visit()
    assert line.ok
    assert "3" in line.said.zh
    ((head, records),) = box.reports
    assert (head.station, head.journal, head.first, head.last) == (STATION, JOURNAL, 1, 3)
    assert records == box.journal.batch().records


def test_a_years_records_go_in_batches_and_no_more_than_one_visit_takes(box, tmp_path):
    """However much has gathered, a stick is not held for hours: the rest goes with the next."""
    box.write(250)
    box.visit()
    assert [(head.first, head.last) for head, _ in box.reports] == [(1, 100), (101, 200), (201, 250)]
    assert box.sync.complete()
    rows = [by_stick.Row(seq, b"x" * 500) for seq in range(1, 60_001)]
    state = layout_state(last=60_000)
    chosen = by_stick.letters(state, lambda after, limit: rows[after : after + limit])
    assert len(chosen) <= MAX_LETTERS
    assert sum(len(each) for letter in chosen for each in letter.records) <= by_stick.MAX_LETTER_BYTES
    assert chosen[0].first == 1


def layout_state(last: int, watermark: int = 0, first: int = 1):
    return by_stick.JournalState(journal=JOURNAL, first=first, last=last, watermark=watermark)


def test_a_journal_that_gives_nothing_leaves_nothing(box):
    """Without undelivered records, or with a card that does not answer, the stick is left as it is."""
    assert box.visit() == ()
    assert by_stick.letters(None, lambda _after, _limit: []) == ()
    assert by_stick.letters(layout_state(last=9), lambda _after, _limit: []) == ()


def test_how_the_box_is_goes_home_too(box):
    """Whoever has to mend a box without a network finds its health and its latest faults on the stick."""
    box.write(25)
    box.visit()
    raw = (box.stick / layout.returned(STATION) / layout.DIAGNOSTICS).read_bytes()
    told = msgspec.json.decode(raw, type=layout.Diagnostics)
    assert (told.station, told.firmware, told.health) == (STATION, FIRMWARE, HEALTH)
    assert [fault.detail for fault in told.faults] == [f"n {number}" for number in range(6, 26)]
    assert len(raw) < 64 * 1024


def test_the_newest_report_says_how_the_box_is_under_its_signature(box):
    """The office may believe what the box says of its card, its clock and its library; a stranger cannot write it."""
    box.write(150)
    box.visit()
    assert [head.health for head, _ in box.reports] == [None, HEALTH]
    box.write(1)
    box.visit()
    assert [(head.last, head.health) for head, _ in box.reports] == [(100, None), (151, HEALTH)]


def test_a_box_with_much_to_say_of_itself_still_fits_the_first_line(box):
    """What is on the screen and what went wrong is told elsewhere: the signed line has its bound."""
    long = "\x01" * 500
    told = msgspec.structs.replace(HEALTH, fault=long, playing=Playing(session="0" * 32, title="水" * 200))
    head, body = layout.report_head("h" * 48, JOURNAL, 2**53 - 200, (b"{}",), NOW, health=told)
    assert len(head) < layout.HEAD_LIMIT_BYTES / 2
    sealed = layout.unseal(layout.seal(head, b"s", body), layout.REPORT_KIND, layout.REPORT_LIMIT_BYTES)
    assert layout.read_report(sealed)[0].health == HEALTH


def test_the_offices_word_on_the_next_stick_raises_the_watermark(box):
    """What the office has is not carried again."""
    box.write(150)
    box.visit()
    box.acknowledge(100)
    lines = box.visit()
    assert lines[0].said == by_stick.ACK_TAKEN
    assert box.journal.undelivered() == 50
    box.acknowledge(150)
    box.visit()
    assert box.journal.undelivered() == 0


def test_an_old_stick_never_takes_the_offices_word_back(box):
    """A stick from last year says less than the box knows: nothing is sent twice for it."""
    box.write(10)
    box.acknowledge(8)
    box.visit()
    box.acknowledge(3)
    box.visit()
    assert box.journal.undelivered() == 2


@pytest.mark.parametrize("wrong", ["stranger", "station", "newer", "changed", "cut", "large", "no signature"])
def test_a_word_that_is_not_the_offices_is_refused(box, wrong):
    """Only the centre's own signature makes a box believe that its records are safe."""
    box.write(5)
    changes = {"stranger": {"by": make_authority()}, "station": {"station": "hall-0008"}, "newer": {"v": 2}}
    box.acknowledge(5, **changes.get(wrong, {}))
    path = box.stick / layout.ack(STATION)
    raw = path.read_bytes()
    harmed = {
        "changed": raw.replace(b'"watermark":5', b'"watermark":4'),
        "cut": raw[:40],
        "large": raw * 100,
        "no signature": raw.partition(b"\n")[0] + b"\nAAAA\n",
    }
    path.write_bytes(harmed.get(wrong, raw))
    lines = box.visit()
    assert by_stick.ACK_REFUSED in [line.said for line in lines]
    assert box.journal.undelivered() == 5


def test_a_stick_pulled_while_the_reports_are_written_loses_nothing(box):
    """The box says so, and the next stick takes them."""
    box.write(3)
    with TroubledStick(box.stick, pulled_after=-1) as stick:
        lines = box.visit(stick)
    assert not any(line.ok for line in lines)
    assert box.journal.undelivered() == 3
    box.visit()
    assert len(box.reports) == 1


def test_a_torn_file_between_core_and_sync_is_nothing(box, tmp_path):
    """Half a hand-over is none."""
    box.write(1)
    (tmp_path / "reports-out").write_bytes(b"\x92\xff")
    (tmp_path / "stick-acks").write_bytes(b"[{")
    assert box.postbox.outgoing() is None
    assert box.postbox.acknowledgements() == ()
    Postbox(tmp_path / "journal.db").acknowledged(())  # no folder at all: sync goes on


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", MalformedError),
        (b"{}\n", MalformedError),
        (b"{}\n!!!\n", MalformedError),
        (b"x" * 5000 + b"\nAAAA\n", MalformedError),
        (b"{}\n" + b"A" * 300 + b"\n", MalformedError),
        (b"x" * 300_000, TooLargeError),
    ],
)
def test_what_is_no_report_is_refused_before_anything_is_believed(raw, error):
    """Rubbish under a report's name is rubbish."""
    with pytest.raises(error):
        layout.unseal(raw, layout.REPORT_KIND, layout.REPORT_LIMIT_BYTES)


def test_a_report_whose_records_do_not_fit_its_head_is_refused():
    """Neither other records nor fewer than are signed for."""
    head, body = layout.report_head(STATION, JOURNAL, 1, (b"{}", b"{}"), NOW)
    good = layout.unseal(layout.seal(head, b"sig", body), layout.REPORT_KIND, layout.REPORT_LIMIT_BYTES)
    assert layout.read_report(good)[1] == (b"{}", b"{}")
    with pytest.raises(MalformedError):
        layout.read_report(good._replace(body=body[:-3]))
    with pytest.raises(MalformedError):
        layout.read_report(good._replace(head=head.replace(b'"last":2', b'"last":3')))
    with pytest.raises(MalformedError):
        layout.read_report(good._replace(head=b"[]"))


def test_a_card_that_gives_nothing_leaves_the_stick_as_it_is(tmp_path):
    """Where the journal cannot be read, the visit goes on without reports."""
    store = SimulatedJournalStore(lambda: JOURNAL)
    journal = Journal(store, TwoCopies(tmp_path / "session"))
    journal.append(moment(0.0), Fault, what="disk", detail="n 1")
    store.refusal = CardBrokenError("EIO")
    box = Postbox(tmp_path)
    Post(journal, store, box).send(moment(1.0), FIRMWARE, HEALTH)
    outgoing = box.outgoing()
    assert outgoing is not None
    assert (outgoing.letters, outgoing.left) == ((), 1)
    assert not StickPost(Seal(tmp_path / "key.pem"), box).complete()


@settings(max_examples=300, deadline=None)
@given(raw=st.binary(max_size=400), kind=st.sampled_from([layout.REPORT_KIND, layout.ACK_KIND]))
def test_whatever_lies_under_these_names_nothing_breaks(raw, kind):
    """Any bytes are a sealed file or a plain refusal."""
    for text in (raw, b"{}\nAAAA\n" + raw, raw.replace(b"\n", b"") + b"\nAAAA\n"):
        try:
            sealed = layout.unseal(text, kind, layout.ACK_LIMIT_BYTES)
            layout.read_report(sealed) if kind is layout.REPORT_KIND else layout.read_ack(sealed)
        except WireError:
            continue


SIGNER = ec.generate_private_key(ec.SECP256R1())


def verified(raw: bytes):
    """What the office reads of a report; None where it refuses it."""
    try:
        sealed = layout.unseal(raw, layout.REPORT_KIND, layout.REPORT_LIMIT_BYTES)
        SIGNER.public_key().verify(sealed.signature, sealed.message, ec.ECDSA(hashes.SHA256()))
        return layout.read_report(sealed)
    except (WireError, InvalidSignature):
        return None


@settings(max_examples=200, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_changes_no_figure(share, bit):
    """The report is refused; where base64 has bits that mean nothing, it says what was signed all the same."""
    head, body = layout.report_head(STATION, JOURNAL, 1, (b'{"seq":1}', b'{"seq":2}'), NOW)
    signature = SIGNER.sign(layout.signed_message(layout.REPORT_KIND, head), ec.ECDSA(hashes.SHA256()))
    raw = bytearray(layout.seal(head, signature, body))
    good = verified(bytes(raw))
    assert good is not None
    raw[int(len(raw) * share)] ^= 1 << bit
    assert verified(bytes(raw)) in {None, good}
