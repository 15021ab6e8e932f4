"""Bytes to values and back, once, at the rim. Whatever is too large, malformed or newer is refused here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from estation_wire.errors import MalformedError, NewerContractError, TooLargeError
from estation_wire.messages import Ack, AnyCommand, Events, Health, Hello, Message, Reply, Status
from estation_wire.records import AnyRecord, Head
from estation_wire.topics import Leaf
from estation_wire.values import CONTRACT_MAJOR

T = TypeVar("T")

RECORD_LIMIT_BYTES: Final = 8 * 1024
LIMIT_BYTES: Final[Mapping[Leaf, int]] = {
    Leaf.STATUS: 1024,
    Leaf.HELLO: 8 * 1024,
    Leaf.HEALTH: 8 * 1024,
    Leaf.EVENTS: 256 * 1024,
    Leaf.ACK: 4 * 1024,
    Leaf.COMMAND: 96 * 1024,
    Leaf.REPLY: 96 * 1024,  # 64 kB of attachment, one third more as base64
}
MESSAGE_TYPES: Final[Mapping[Leaf, Any]] = {
    Leaf.STATUS: Status,
    Leaf.HELLO: Hello,
    Leaf.HEALTH: Health,
    Leaf.EVENTS: Events,
    Leaf.ACK: Ack,
    Leaf.COMMAND: AnyCommand,
    Leaf.REPLY: Reply,
}
_DECODERS: Final[Mapping[Leaf, msgspec.json.Decoder[Any]]] = {
    leaf: msgspec.json.Decoder(type_) for leaf, type_ in MESSAGE_TYPES.items()
}
_ENCODER: Final = msgspec.json.Encoder()


class _Version(msgspec.Struct):
    v: int


_VERSION: Final = msgspec.json.Decoder(_Version)
_HEAD: Final = msgspec.json.Decoder(Head)
_RECORD: Final[msgspec.json.Decoder[AnyRecord]] = msgspec.json.Decoder(AnyRecord)
_RECORDS: Final = msgspec.json.Decoder(list[AnyRecord])


def encode(value: msgspec.Struct) -> bytes:
    """``value`` as compact JSON in UTF-8, fields in the order of the type."""
    return _ENCODER.encode(value)


def decode_message(leaf: Leaf, payload: bytes) -> Message:
    """The message that came on a topic ending in ``leaf``.

    Raises `TooLargeError`, `NewerContractError` or `MalformedError`, and nothing else.
    """
    if len(payload) > LIMIT_BYTES[leaf]:
        raise TooLargeError(leaf.value, len(payload), LIMIT_BYTES[leaf])
    try:
        message: Message = _DECODERS[leaf].decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        _refuse_newer(payload)
        msg = f"{leaf.value}: {error}"
        raise MalformedError(msg) from None
    if message.v > CONTRACT_MAJOR:
        raise NewerContractError(message.v, CONTRACT_MAJOR)
    return message


def _refuse_newer(payload: bytes) -> None:
    """Say «newer» rather than «malformed» where the message gives its version."""
    try:
        version = _VERSION.decode(payload).v
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError):
        return
    if version > CONTRACT_MAJOR:
        raise NewerContractError(version, CONTRACT_MAJOR)


def decode_head(raw: bytes) -> Head:
    """What every record has; raises `MalformedError` or `TooLargeError`. The kind may be unknown."""
    return _decode(_HEAD, raw)


def decode_record(raw: bytes) -> AnyRecord:
    """A record of a known kind; raises `MalformedError` or `TooLargeError`."""
    return _decode(_RECORD, raw)


def decode_records(array: str) -> list[AnyRecord]:
    """Records that were read one by one before, as a JSON array: a database joins them faster than a loop reads them.

    Whoever asks has bounded them; raises `MalformedError`.
    """
    try:
        return _RECORDS.decode(array)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        msg = f"records: {error}"
        raise MalformedError(msg) from None


def _decode(decoder: msgspec.json.Decoder[T], raw: bytes) -> T:
    if len(raw) > RECORD_LIMIT_BYTES:
        what = "record"
        raise TooLargeError(what, len(raw), RECORD_LIMIT_BYTES)
    try:
        return decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        msg = f"record: {error}"
        raise MalformedError(msg) from None


def record_hash(raw: bytes) -> str:
    """SHA-256 of a record's stored bytes, in hex: it tells a journal from its copy on a cloned card."""
    return hashlib.sha256(raw).hexdigest()
