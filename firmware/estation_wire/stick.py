"""What lies where on a stick. Names are ours alone: nothing else on the stick is ever opened.

::

    ESTATION/
      READ-ME.txt
      library/metadata/        TUF metadata: N.root.json (all of them), timestamp.json, N.snapshot.json, N.targets.json
      library/targets/         the signed documents, named HASH.catalogue.json as consistent snapshots want
      library/blocks/ID        block lists, named by content id
      library/content/ID       the videos, named by content id
      profiles/STATION.json    a signed profile (DSSE) for each station
      certificates/STATION.pem the station's certificate, signed at the centre from its request
      acks/STATION.ack         what the centre has of the station's journals, signed by its authority
      returned/STATION/        what the box leaves: receipt.html, receipt.json, request.pem
      returned/STATION/diagnostics.json   how the box is, for whoever has to mend it; not signed, and counted nowhere
      returned/STATION/reports/JOURNAL-FIRST.report   records that the centre does not have, signed by the box

Reports and acks are *sealed*: a first line of JSON, a second with the signature over it (ECDSA P-256 with SHA-256,
DER, base64), and then, in a report, the very bytes of the records, a newline after each. The signature is made over
a line that names the kind (``E-Station report 1`` or ``E-Station ack 1``), a newline, and the first line without its
newline. Two real first lines::

    {"v":1,"station":"hall-0007","journal":"…","first":41,"last":43,"sha256":"…","at":"2026-11-23T08:00:00Z"}
    {"v":1,"station":"hall-0007","time":"2026-11-24T08:00:00Z","journals":[{"journal":"…","watermark":43}]}

``sha256`` is that of everything after the second newline. ``at`` is the box's clock, as far as it knew it. The newest
report of a visit says in ``health`` how the box was then: the message of the network, without what was on the screen.
"""

from __future__ import annotations

import hashlib
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from estation_wire.decoding import decoder
from estation_wire.errors import MalformedError, TooLargeError
from estation_wire.messages import Health, Stored
from estation_wire.records import Fault
from estation_wire.values import Instant, JournalId, Major, RecordHash, Sequence, Station, Title, refuse_far

ROOT: Final = "ESTATION"
METADATA: Final = f"{ROOT}/library/metadata"
TARGETS: Final = f"{ROOT}/library/targets"
BLOCKS: Final = f"{ROOT}/library/blocks"
CONTENT: Final = f"{ROOT}/library/content"
PROFILES: Final = f"{ROOT}/profiles"
CERTIFICATES: Final = f"{ROOT}/certificates"
RETURNED: Final = f"{ROOT}/returned"
ACKS: Final = f"{ROOT}/acks"
READ_ME: Final = f"{ROOT}/READ-ME.txt"

RECEIPT_PAGE: Final = "receipt.html"
RECEIPT: Final = "receipt.json"
REQUEST: Final = "request.pem"
DIAGNOSTICS: Final = "diagnostics.json"
REPORTS: Final = "reports"
REPORT_SUFFIX: Final = ".report"

REPORT_LIMIT_BYTES: Final = 256 * 1024  # one batch as on the wire
ACK_LIMIT_BYTES: Final = 8 * 1024
HEAD_LIMIT_BYTES: Final = 4 * 1024
SIGNATURE_LIMIT_BYTES: Final = 200  # a P-256 signature has 72 at most, 96 as base64
REPORT_KIND: Final = b"E-Station report 1"
ACK_KIND: Final = b"E-Station ack 1"


class Diagnostics(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a box is: its firmware, its last health, its latest faults. Nothing secret, and nobody's name."""

    v: Major
    station: Station
    firmware: Title
    health: Health
    faults: Annotated[tuple[Fault, ...], Meta(max_length=20)] = ()


class ReportHead(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a box vouches for: records ``first`` to ``last`` of its journal, by their hash; and how it is itself."""

    v: Major
    station: Station
    journal: JournalId
    first: Sequence
    last: Sequence
    sha256: RecordHash
    at: Instant
    health: Health | None = None

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.at)


class AckHead(Struct, frozen=True, kw_only=True):
    """What the centre vouches for: everything up to each watermark is stored. It only ever raises the box's own."""

    v: Major
    station: Station
    time: Instant
    journals: Annotated[tuple[Stored, ...], Meta(max_length=16)]

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.time)


class Sealed(NamedTuple):
    """A sealed file, not yet verified: its first line, the signature, what follows, and what was signed."""

    head: bytes
    signature: bytes
    body: bytes
    message: bytes


def profile(station: str) -> str:
    """Where the profile of ``station`` lies."""
    return f"{PROFILES}/{station}.json"


def certificate(station: str) -> str:
    """Where the certificate of ``station`` lies."""
    return f"{CERTIFICATES}/{station}.pem"


def returned(station: str) -> str:
    """The folder in which the box of ``station`` leaves its receipt and its request."""
    return f"{RETURNED}/{station}"


def reports(station: str) -> str:
    """The folder in which the box of ``station`` leaves its reports."""
    return f"{returned(station)}/{REPORTS}"


def ack(station: str) -> str:
    """Where the centre's ack for ``station`` lies."""
    return f"{ACKS}/{station}.ack"


def content(identity: str) -> str:
    """Where the bytes of a content id lie."""
    return f"{CONTENT}/{identity}"


def block_list(identity: str) -> str:
    """Where the block list of a content id lies."""
    return f"{BLOCKS}/{identity}"


def check_code(station: str, epoch: int, fingerprint: str) -> str:
    """Six digits by which people compare the box in the hall with the one that the office knows.

    The first eight bytes, big-endian, of the SHA-256 over four lines, modulo a million: ``E-Station check code 1``,
    the station, the profile's epoch, and the SHA-256 of the box's public key (DER, SubjectPublicKeyInfo) in hex; each
    line ends with a newline. It convicts a mistake, not an attacker: the certificate does that.
    """
    text = f"E-Station check code 1\n{station}\n{epoch}\n{fingerprint}\n"
    return f"{int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], 'big') % 1_000_000:06d}"


def signed_message(kind: bytes, head: bytes) -> bytes:
    """What the signature of a sealed file is made over."""
    return kind + b"\n" + head


def seal(head: bytes, signature: bytes, body: bytes = b"") -> bytes:
    """A sealed file."""
    return head + b"\n" + b2a_base64(signature) + body


def unseal(raw: bytes, kind: bytes, limit: int) -> Sealed:
    """The parts of a sealed file; raises `TooLargeError` or `MalformedError`. Nothing is verified by it."""
    what = kind.decode()
    if len(raw) > limit:
        raise TooLargeError(what, len(raw), limit)
    head, first, rest = raw.partition(b"\n")
    line, second, body = rest.partition(b"\n")
    if not first or not second or len(head) > HEAD_LIMIT_BYTES or len(line) > SIGNATURE_LIMIT_BYTES:
        msg = f"{what}: it is cut, or no such file"
        raise MalformedError(msg)
    try:
        signature = a2b_base64(line, strict_mode=True)
    except Base64Error as error:
        msg = f"{what}: {error}"
        raise MalformedError(msg) from None
    return Sealed(head, signature, body, signed_message(kind, head))


def report_head(
    station: str, journal: str, first: int, records: tuple[bytes, ...], at: Instant, *, health: Health | None = None
) -> tuple[bytes, bytes]:
    """The first line of a report of ``records``, numbered from ``first``, and its body.

    Of ``health`` goes along what has its bound: neither the film on the screen nor the words of a fault.
    """
    body = b"".join(record + b"\n" for record in records)
    digest = hashlib.sha256(body).hexdigest()
    last = first + len(records) - 1
    short = replace(health, playing=None, fault=None) if health is not None else None
    head = ReportHead(v=1, station=station, journal=journal, first=first, last=last, sha256=digest, at=at, health=short)
    return msgspec.json.encode(head), body


def read_report(sealed: Sealed) -> tuple[ReportHead, tuple[bytes, ...]]:
    """The head of a report and its records, which its signature covers; raises `MalformedError`."""
    head: ReportHead = _decoded(sealed.head, ReportHead)
    if hashlib.sha256(sealed.body).hexdigest() != head.sha256:
        msg = "report: the records are not those that were signed"
        raise MalformedError(msg)
    records = tuple(sealed.body.split(b"\n")[:-1])
    if len(records) != head.last - head.first + 1 or not 1 <= len(records) <= 100:
        msg = f"report: {len(records)} records, not those from {head.first} to {head.last}"
        raise MalformedError(msg)
    return head, records


def read_ack(sealed: Sealed) -> AckHead:
    """The head of an ack; raises `MalformedError`."""
    head: AckHead = _decoded(sealed.head, AckHead)
    return head


def _decoded(head: bytes, kind: type[Struct]) -> Any:
    try:
        return decoder(kind).decode(head)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        msg = f"{kind.__name__}: {error}"
        raise MalformedError(msg) from None
