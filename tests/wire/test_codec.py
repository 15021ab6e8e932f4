"""Bytes to values, once, at the rim."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from estation_wire import codec, messages, records, values
from estation_wire.errors import MalformedError, NewerContractError, TooLargeError, WireError
from estation_wire.schema import kind_name
from estation_wire.topics import Leaf
from tests.support import wire_values
from tests.support.wire_values import steady

STATUS = {"v": 1, "online": True, "boot": "0" * 32, "firmware": "0.1.0"}
HEAD = {"seq": 1, "at": "2026-11-24T11:00:31Z", "boot": "0" * 32, "up": 1.5, "trust": "network"}


def raw(value) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize("leaf", Leaf)
def test_a_message_comes_back_as_it_was_sent(leaf):
    """What the box says is what the centre hears."""

    @settings(steady, max_examples=25)
    @given(wire_values.of_type(codec.MESSAGE_TYPES[leaf]))
    def holds(message):
        again = codec.decode_message(leaf, codec.encode(message))
        if leaf is Leaf.EVENTS:  # records are opaque bytes, equal by their bytes
            assert [bytes(record) for record in again.records] == [bytes(record) for record in message.records]
        else:
            assert again == message

    holds()


@settings(steady, max_examples=100)
@given(wire_values.of_type(records.AnyRecord))
def test_a_record_comes_back_as_it_was_stored(record):
    """What happened in the hall is what is counted."""
    stored = codec.encode(record)
    assert codec.decode_record(stored) == record
    head = codec.decode_head(stored)
    assert (head.kind, head.seq, head.at) == (kind_name(type(record)), record.seq, record.at)


def test_an_instant_is_sent_with_a_z():
    """Instants on the wire are in UTC, whatever zone the hall has."""
    boot = records.Boot(
        seq=1,
        at=datetime(2026, 11, 24, tzinfo=UTC),
        boot="0" * 32,
        up=0.0,
        trust=values.Trust.RTC,
        why="power",
        firmware="1",
    )
    assert b'"at":"2026-11-24T00:00:00Z"' in codec.encode(boot)


@pytest.mark.parametrize("unknown", [None, 1, "word", [1, [2]], {"a": {"b": None}}])
def test_unknown_fields_are_accepted(unknown):
    """A box of a later minor version is understood as far as this version goes."""
    assert codec.decode_message(Leaf.STATUS, raw({**STATUS, "later": unknown})).online
    record = {**HEAD, "kind": "boot", "why": "power", "firmware": "1", "later": unknown}
    assert codec.decode_record(raw(record)).firmware == "1"


def test_records_of_unknown_kinds_are_carried_untouched():
    """A later kind of record is kept to the byte, so that its hash stays right."""
    record = (
        b'{ "kind":"lamp.changed", "hours":8000, "seq":7,"at":"2026-11-24T11:00:31Z","boot":"%s","up":1,"trust":"rtc"}'
        % (b"0" * 32)
    )
    batch = codec.decode_message(Leaf.EVENTS, b'{"v":1,"journal":"%s","records":[%s]}' % (b"0" * 32, record))
    assert bytes(batch.records[0]) == record
    assert codec.decode_head(record).kind == "lamp.changed"
    with pytest.raises(MalformedError, match="kind"):
        codec.decode_record(record)


@pytest.mark.parametrize("leaf", Leaf)
@pytest.mark.parametrize("version", [2, 999, 1000, 10**30])
def test_a_newer_major_version_is_refused_as_newer(leaf, version):
    """An old box says «update me», even where it cannot read the rest."""
    with pytest.raises(NewerContractError, match="update this side first") as refusal:
        codec.decode_message(leaf, raw({"v": version, "all": "new"}))
    assert str(version) in str(refusal.value)


def test_a_newer_version_of_the_same_shape_is_refused_too():
    """A message is not believed only because it still looks the same."""
    with pytest.raises(NewerContractError):
        codec.decode_message(Leaf.STATUS, raw({**STATUS, "v": 2}))


@pytest.mark.parametrize("version", [0, -1, 1.5, "2", None, True, [2]])
def test_a_version_that_is_none_is_malformed(version):
    """Nonsense is not taken for the future."""
    with pytest.raises(MalformedError):
        codec.decode_message(Leaf.STATUS, raw({**STATUS, "v": version}))


@pytest.mark.parametrize("leaf", Leaf)
def test_a_message_above_its_limit_is_refused_unread(leaf):
    """However large it is, a message costs no more than its length."""
    limit = codec.LIMIT_BYTES[leaf]
    with pytest.raises(TooLargeError, match=f"{limit + 1} bytes, at most {limit}"):
        codec.decode_message(leaf, b"x" * (limit + 1))
    with pytest.raises(MalformedError):
        codec.decode_message(leaf, b"x" * limit)


@pytest.mark.parametrize("decode", [codec.decode_head, codec.decode_record])
def test_a_record_above_its_limit_is_refused(decode):
    """No single record can fill a batch."""
    record = raw({**HEAD, "kind": "fault", "what": "x", "detail": "d"})
    full = record + b" " * (codec.RECORD_LIMIT_BYTES - len(record))
    assert decode(full).seq == 1
    with pytest.raises(TooLargeError):
        decode(full + b" ")


def widest(info):
    """The longest value of a type, as JSON: every field there, every list full, the costliest characters."""
    return WIDEST[type(info)](info)


def widest_struct(info):
    tag = {info.tag_field: info.tag} if info.tag_field else {}
    return tag | {field.encode_name: widest(field.type) for field in info.fields}


def widest_text(info):
    costly = {values.ONE_LINE_PATTERN: "😀", values.NO_NUL_PATTERN: "\x01"}  # four bytes; six, as an escape
    return costly.get(info.pattern, "x") * (info.max_length or 64)


WIDEST = {
    inspect.Metadata: lambda info: widest(info.type),
    inspect.StructType: widest_struct,
    inspect.StrType: widest_text,
    inspect.VarTupleType: lambda info: [widest(info.item_type)] * info.max_length,
    inspect.UnionType: lambda info: max((widest(each) for each in info.types), key=lambda each: len(raw(each))),
    inspect.BytesType: lambda info: "x" * (4 * -(-info.max_length // 3)),
    inspect.LiteralType: lambda info: max(info.values, key=len),
    inspect.EnumType: lambda info: max(info.cls, key=len),
    inspect.DateTimeType: lambda _: "2026-11-24T11:00:31.123456+08:00",
    inspect.IntType: lambda info: info.le,
    inspect.FloatType: lambda _: -12345678.123456789,
    inspect.BoolType: lambda _: False,
    inspect.NoneType: lambda _: None,
}
FITTING = [*records.KINDS, messages.Status, messages.Hello, messages.Health, messages.Ack, messages.Reply]


@pytest.mark.parametrize("type_", FITTING, ids=lambda type_: type_.__name__)
def test_whatever_the_types_allow_fits_into_its_limit(type_):
    """No box can make a record or message that the centre then refuses for its size, even in emoji."""
    leaf = (
        {type_: leaf for leaf, type_ in codec.MESSAGE_TYPES.items()}.get(type_) if type_ not in records.KINDS else None
    )
    limit = codec.LIMIT_BYTES[leaf] if leaf else codec.RECORD_LIMIT_BYTES
    size = len(json.dumps(widest(inspect.type_info(type_)), ensure_ascii=False, separators=(",", ":")).encode())
    assert size <= limit


@pytest.mark.parametrize("field", ["v", "online", "boot", "firmware"])
def test_what_must_be_there_must_be_there(field):
    """A message that says less than it must is refused, with the field's name."""
    with pytest.raises(MalformedError, match=field):
        codec.decode_message(Leaf.STATUS, raw({key: value for key, value in STATUS.items() if key != field}))


@pytest.mark.parametrize("year", ["0001", "1969", "3000", "9999"])
def test_an_instant_that_no_clock_means_is_refused(year):
    """A date that would overflow with its zone is stopped at the rim, not in the middle of counting."""
    with pytest.raises(MalformedError, match="1970 to 2999"):
        codec.decode_head(raw({**HEAD, "kind": "boot", "at": f"{year}-01-01T00:00:00+14:00"}))


def test_the_hash_of_a_record_is_that_of_its_bytes():
    """Two journals that differ in one byte differ in their hash."""
    assert codec.record_hash(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_families_of_errors_are_one():
    """Whoever reads from outside needs to catch one thing."""
    assert issubclass(MalformedError, WireError)
    assert issubclass(TooLargeError, WireError)
    assert issubclass(NewerContractError, WireError)


def test_kinds_have_the_names_of_the_contract():
    """The journal speaks the words that the contract lists, and no two kinds share one."""
    words = """boot day clock.set session.started clip.shown session.ended attendance.counted postponed week.closed
    place.chosen bulletin.shown library.changed stick.seen provisioned fault recovered update.installed
    update.rolled-back"""
    assert sorted(map(kind_name, records.KINDS)) == sorted(words.split())


@pytest.mark.parametrize(
    ("first", "last", "watermark", "lost"),
    [
        (0, 0, 0, None),
        (0, 0, 41, None),
        (1, 45, 0, None),
        (17, 45, 41, None),
        (42, 45, 41, None),
        (43, 45, 41, (42, 42)),
        (100, 120, 41, (42, 99)),
        (2, 2, 0, (1, 1)),
    ],
)
def test_a_box_declares_what_it_no_longer_holds(first, last, watermark, lost):
    """Records that can never come any more are booked as lost, not waited for."""
    state = messages.JournalState(journal="0" * 32, first=first, last=last, watermark=watermark)
    assert messages.first_lost(state) == lost


@steady
@given(st.integers(1, 500), st.integers(0, 500))
def test_the_lost_range_lies_between_watermark_and_first(first, watermark):
    """Nothing that is stored, and nothing that the box still holds, is booked as lost."""
    lost = messages.first_lost(messages.JournalState(journal="0" * 32, first=first, last=500, watermark=watermark))
    between = range(watermark + 1, first)
    assert lost == ((between[0], between[-1]) if between else None)
