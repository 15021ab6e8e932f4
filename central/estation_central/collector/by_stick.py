"""Reports that came on a stick: verified against the station's certificate, then stored like any batch.

They go through the same `Collector` as batches from the broker, so one watermark counts each record once. What is
stored is acknowledged on the stick, signed by the authority, and the report is removed from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
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
from estation_wire.errors import MalformedError, WireError
from estation_wire.messages import Ack, Events, Stored
from estation_wire.stick import AckHead, ReportHead
from estation_wire.topics import Leaf, Topic
from estation_wire.values import CONTRACT_MAJOR, STATION_PATTERN, matches

MAX_REPORTS: Final = 1000  # looked at for one station; the rest with the next call
_NO_UP: Final = 0.0  # the collector's monotonic time stands still: it sends no commands and writes no health
_NAME: Final = x509.NameOID.COMMON_NAME


class ReportError(Exception):
    """A report is not taken; the text says why and what to do."""


class Verdict(NamedTuple):
    """What became of one report: the words for it, and whether it was refused."""

    words: str
    refused: bool = False


class _Slot:
    """The collector's link, as far as a stick goes: one message in, its acknowledgement out."""

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


class Mailbag:
    """One stick at the centre."""

    def __init__(self, mounted: Path, authority: Authority, store: Store) -> None:
        self._mounted = mounted
        self._authority = authority
        self._store = store
        self._slot = _Slot()
        self._collector = Collector(store, self._slot)

    def take(self, at: datetime) -> Iterator[Verdict]:
        """Take every report on the stick at ``at``, and leave the acks. Raises `OSError` for the stick's faults."""
        for folder in sorted((self._mounted / stick.RETURNED).glob(f"*/{stick.REPORTS}")):
            station = folder.parent.name
            if not matches(STATION_PATTERN, station) or folder.is_symlink() or folder.parent.is_symlink():
                yield Verdict(f"{station[:64]!r}: no station's name", refused=True)
                continue
            yield from self._station(station, folder, at)
        self._store.close()

    def _station(self, station: str, folder: Path, at: datetime) -> Iterator[Verdict]:
        marks: dict[str, int] = {}
        paths = sorted(folder.glob(f"*{stick.REPORT_SUFFIX}"), key=_order)[:MAX_REPORTS]
        done = []
        for path in paths:
            try:
                head, stored = self._report(station, path, at)
            except (WireError, ReportError) as error:
                yield Verdict(f"{station}/{path.name}: {error}", refused=True)
                continue
            marks[head.journal] = max(stored, marks.get(head.journal, 0))
            done.append(path)
            yield Verdict(f"{station}: records {head.first} to {head.last} are here, made {head.at:%Y-%m-%d}")
        if marks:
            self._acknowledge(station, marks, at)
            for path in done:
                path.unlink()

    def _report(self, station: str, path: Path, at: datetime) -> tuple[ReportHead, int]:
        """Verify and store one report; its head, and the journal's watermark then."""
        if path.is_symlink() or not path.is_file():
            msg = "no plain file"
            raise ReportError(msg)
        with path.open("rb") as file:
            raw = file.read(stick.REPORT_LIMIT_BYTES + 1)
        sealed = stick.unseal(raw, stick.REPORT_KIND, stick.REPORT_LIMIT_BYTES)
        region = self._signer(station, sealed)
        head, records = stick.read_report(sealed)
        if head.station != station or head.v > CONTRACT_MAJOR:
            msg = f"it is a report of {head.station}, contract {head.v}; it lies in the wrong folder, or is newer"
            raise ReportError(msg)
        events = Events(v=CONTRACT_MAJOR, journal=head.journal, records=tuple(map(msgspec.Raw, records)))
        batch = rules.read_batch(station, events)
        if (batch.rows[0].seq, batch.rows[-1].seq) != (head.first, head.last):
            msg = f"records {batch.rows[0].seq} to {batch.rows[-1].seq} under a head of {head.first} to {head.last}"
            raise MalformedError(msg)
        return head, self._stored(Topic(region, station, Leaf.EVENTS), codec.encode(events), head, at)

    def _stored(self, topic: Topic, payload: bytes, head: ReportHead, at: datetime) -> int:
        outages = self._collector.counters.outages
        self._slot.acks.clear()
        self._slot.put(Arrival(str(topic), payload, retained=True))  # the box is not on the line: it is not «heard»
        self._collector.turn(at, _NO_UP)
        if self._collector.counters.outages > outages:
            msg = "the database cannot be reached: nothing more was stored; run this again later"
            raise OSError(msg)
        marks = [each.watermark for ack in self._slot.acks for each in ack.journals if each.journal == head.journal]
        if not marks:
            msg = f"what comes before record {head.first} is not here: bring the stick with it, or connect the box"
            raise ReportError(msg)
        brought.keep(self._store, head, at)
        return marks[-1]

    def _signer(self, station: str, sealed: stick.Sealed) -> str:
        """The region in the certificate of the station that signed; raises `ReportError`."""
        certificates = [
            x509.load_pem_x509_certificate(path.read_bytes())
            for path in sorted((self._authority.folder / "issued" / station).glob("*.pem"))
        ]
        if not certificates:
            msg = "the station has no certificate yet: run `estation-central sign-requests` first, then this again"
            raise ReportError(msg)
        for certificate in certificates:
            if _verified(certificate, sealed):
                return str(certificate.subject.get_attributes_for_oid(_NAME)[0].value).partition("/")[0]
        msg = "not signed by this station's box, or changed since; take the stick to the box again"
        raise ReportError(msg)

    def _acknowledge(self, station: str, marks: dict[str, int], at: datetime) -> None:
        journals = tuple(Stored(journal=journal, watermark=mark) for journal, mark in sorted(marks.items()))
        head = msgspec.json.encode(AckHead(v=CONTRACT_MAJOR, station=station, time=at, journals=journals[:16]))
        _, key_file = self._authority.pair(AUTHORITY)
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            msg = f"{key_file} holds a key of another kind"
            raise OSError(msg)
        signature = key.sign(stick.signed_message(stick.ACK_KIND, head), ec.ECDSA(hashes.SHA256()))
        target = self._mounted / stick.ack(station)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".new")
        beside.write_bytes(stick.seal(head, signature))
        beside.replace(target)


def _verified(certificate: x509.Certificate, sealed: stick.Sealed) -> bool:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(sealed.signature, sealed.message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _order(path: Path) -> tuple[str, int, str]:
    """By journal, then by the first record's number."""
    journal, _, first = path.stem.rpartition("-")
    return journal, int(first) if first.isdecimal() and len(first) < 20 else 0, path.name
