"""MQTT topics of the contract: ``estation/v1/{region}/{station}/{leaf}``.

One real topic: ``estation/v1/653101/hall-0007/events``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from estation_wire.errors import MalformedError
from estation_wire.values import CONTRACT_MAJOR, REGION_PATTERN, STATION_PATTERN, matches

ROOT: Final = f"estation/v{CONTRACT_MAJOR}"
MAX_TOPIC_BYTES: Final = 128  # the longest legal topic has 78 bytes


class Leaf(StrEnum):
    """The last part of a topic: what kind of message it carries."""

    STATUS = "status"
    HELLO = "hello"
    HEALTH = "health"
    EVENTS = "events"
    ACK = "ack"
    COMMAND = "command"
    REPLY = "reply"


FROM_BOX: Final = (Leaf.STATUS, Leaf.HELLO, Leaf.HEALTH, Leaf.EVENTS, Leaf.REPLY)
TO_BOX: Final = (Leaf.ACK, Leaf.COMMAND)
RETAINED: Final = frozenset({Leaf.STATUS, Leaf.HEALTH})
QOS: Final = {leaf: (0 if leaf is Leaf.HEALTH else 1) for leaf in Leaf}


class Topic(NamedTuple):
    """One channel of one station."""

    region: str
    station: str
    leaf: Leaf

    def __str__(self) -> str:
        """The topic as it stands on the wire."""
        return f"{ROOT}/{self.region}/{self.station}/{self.leaf.value}"


def parse(text: str) -> Topic:
    """The topic ``text``; raises `MalformedError` for anything that is not one of ours."""
    parts = text.split("/") if len(text) <= MAX_TOPIC_BYTES else []
    if len(parts) != 5 or f"{parts[0]}/{parts[1]}" != ROOT:
        msg = f"not a topic of {ROOT}: {text[:80]!r}"
        raise MalformedError(msg)
    region, station, leaf = parts[2:]
    if not matches(REGION_PATTERN, region) or not matches(STATION_PATTERN, station):
        msg = f"not a region and station: {text[:80]!r}"
        raise MalformedError(msg)
    try:
        return Topic(region, station, Leaf(leaf))
    except ValueError:
        msg = f"no such channel: {text[:80]!r}"
        raise MalformedError(msg) from None


def listen(leaf: Leaf, region: str = "+") -> str:
    """The filter with which a centre listens to one kind of message of a region (default: all)."""
    return f"{ROOT}/{region}/+/{leaf.value}"
