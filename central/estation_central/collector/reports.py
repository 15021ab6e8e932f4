"""Reports of boxes without a network: verified against the station's certificate, then stored like any batch.

They go through the same `Collector` as batches from the broker, so one watermark counts each record once. Who brings
one adds nothing to it and can take nothing away: what is believed is the box's signature. What is stored is
acknowledged by the authority's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from estation_central.authority.folder import AUTHORITY, Authority
from estation_central.collector import brought, rules
from estation_central.collector.interfaces import Arrival, Store
from estation_central.collector.service import Collector
from estation_wire import codec, stick
from estation_wire.errors import MalformedError, TooLargeError, WireError
from estation_wire.messages import Ack, Events, Stored
from estation_wire.stick import AckHead, ReportHead
from estation_wire.topics import Leaf, Topic
from estation_wire.values import CONTRACT_MAJOR

ACK_JOURNALS: Final = 16  # as the wire has it
_NO_UP: Final = 0.0  # the collector's monotonic time stands still: it sends no commands and writes no health
_NAME: Final = x509.NameOID.COMMON_NAME


class Why(StrEnum):
    """Why a report is not taken."""

    LARGE = "large"
    BROKEN = "broken"
    """It is cut, changed, or no report at all."""
    PLACE = "place"
    """It lies where another station's, or no file, should lie."""
    NEWER = "newer"
    UNKNOWN = "unknown"
    """The station has no certificate."""
    FOREIGN = "foreign"
    """None of the station's boxes signed this."""
    GAP = "gap"
    """Records before it are not here."""


class ReportError(Exception):
    """A report is not taken; ``why`` says it for programs, the text says why and what to do."""

    def __init__(self, why: Why, words: str) -> None:
        super().__init__(words)
        self.why = why


class Opened(NamedTuple):
    """A report whose records are those of its head; not yet verified."""

    sealed: stick.Sealed
    head: ReportHead
    records: tuple[bytes, ...]


class Taken(NamedTuple):
    """What is stored: of the journal everything up to ``mark``; ``fresh`` of its records were not here before."""

    mark: int
    fresh: int


class _Slot:
    """The collector's link, as far as a report goes: one message in, its acknowledgement out."""

    dropped = 0

    def __init__(self) -> None:
        self._waiting: list[Arrival] = []
        self.acks: list[Ack] = []

    def put(self, arrival: Arrival) -> None:
        self._waiting.append(arrival)

    def take(self, wait: float) -> Arrival | None:  # noqa: ARG002 - nothing more comes, however long one waits
        return self._waiting.pop() if self._waiting else None

    def publish(self, topic: str, payload: bytes) -> None:
        message = codec.decode_message(Leaf.ACK, payload) if topic.endswith(f"/{Leaf.ACK.value}") else None
        if isinstance(message, Ack):
            self.acks.append(message)


def opened(raw: bytes) -> Opened:
    """A report as it was read, at most a byte more than it may have; raises `ReportError`."""
    try:
        sealed = stick.unseal(raw, stick.REPORT_KIND, stick.REPORT_LIMIT_BYTES)
        head, records = stick.read_report(sealed)
    except TooLargeError as error:
        raise ReportError(Why.LARGE, str(error)) from None
    except WireError as error:
        raise ReportError(Why.BROKEN, str(error)) from None
    if head.v > CONTRACT_MAJOR:
        raise ReportError(Why.NEWER, f"it is of contract {head.v}: update this centre, then run this again")
    return Opened(sealed, head, records)


class Counter:
    """Where reports are handed in."""

    def __init__(self, authority: Authority, store: Store) -> None:
        self._authority, self._store = authority, store
        self._slot = _Slot()
        self._collector = Collector(store, self._slot)

    def take(self, report: Opened, at: datetime) -> Taken:
        """Verify one report and store it; raises `ReportError`, and `OSError` where nothing can be stored now."""
        head = report.head
        region = self._signer(head.station, report.sealed)
        events = Events(v=CONTRACT_MAJOR, journal=head.journal, records=tuple(map(msgspec.Raw, report.records)))
        try:
            batch = rules.read_batch(head.station, events)
            if (batch.rows[0].seq, batch.rows[-1].seq) != (head.first, head.last):
                numbers = f"{batch.rows[0].seq} to {batch.rows[-1].seq} under a head of {head.first} to {head.last}"
                msg = f"records {numbers}"
                raise MalformedError(msg)
        except WireError as error:
            raise ReportError(Why.BROKEN, str(error)) from None
        return self._stored(Topic(region, head.station, Leaf.EVENTS), codec.encode(events), head, at)

    def _stored(self, topic: Topic, payload: bytes, head: ReportHead, at: datetime) -> Taken:
        counters = self._collector.counters
        outages, before = counters.outages, counters.stored
        self._slot.acks.clear()
        self._slot.put(Arrival(str(topic), payload, retained=True))  # the box is not on the line: it is not «heard»
        self._collector.turn(at, _NO_UP)
        if counters.outages > outages:
            msg = "the database cannot be reached: nothing more was stored; run this again later"
            raise OSError(msg)
        marks = [each.watermark for ack in self._slot.acks for each in ack.journals if each.journal == head.journal]
        if not marks:
            msg = f"what comes before record {head.first} is not here: bring the stick with it, or connect the box"
            raise ReportError(Why.GAP, msg)
        brought.keep(self._store, head, at)
        return Taken(marks[-1], counters.stored - before)

    def _signer(self, station: str, sealed: stick.Sealed) -> str:
        """The region in the certificate of the station that signed; raises `ReportError`."""
        certificates = [
            x509.load_pem_x509_certificate(path.read_bytes())
            for path in sorted((self._authority.folder / "issued" / station).glob("*.pem"))
        ]
        if not certificates:
            msg = "the station has no certificate yet: run `estation-central sign-requests` first, then this again"
            raise ReportError(Why.UNKNOWN, msg)
        for certificate in certificates:
            if _verified(certificate, sealed):
                return str(certificate.subject.get_attributes_for_oid(_NAME)[0].value).partition("/")[0]
        msg = "not signed by this station's box, or changed since; take the stick to the box again"
        raise ReportError(Why.FOREIGN, msg)


def ack(authority: Authority, station: str, marks: Mapping[str, int], at: datetime) -> bytes:
    """What the next stick tells the box: of each journal (`ACK_JOURNALS` at most) everything up to its mark is here.

    Raises `OSError` where the authority's key is not what it should be.
    """
    named = sorted(marks.items())[:ACK_JOURNALS]
    journals = tuple(Stored(journal=journal, watermark=mark) for journal, mark in named)
    head = msgspec.json.encode(AckHead(v=CONTRACT_MAJOR, station=station, time=at, journals=journals))
    _, key_file = authority.pair(AUTHORITY)
    key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        msg = f"{key_file} holds a key of another kind"
        raise OSError(msg)
    signature = key.sign(stick.signed_message(stick.ACK_KIND, head), ec.ECDSA(hashes.SHA256()))
    return stick.seal(head, signature)


def _verified(certificate: x509.Certificate, sealed: stick.Sealed) -> bool:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(sealed.signature, sealed.message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
