"""What sync tells core over the Unix socket ``core.sock``, and what core asks of sync: JSON, one value a line.

Core writes one `SyncRequest` to the file ``sync-request``, or to ``stick-request`` where a stick must be mounted; a
path unit starts what takes it. Real lines::

    {"source":"stick","root":"/run/estation/stick"}
    {"source":"stick","root":"","device":"/dev/sda1","filesystem":"exfat"}
    {"tell":"progress","words":"正在装载 3/5 科普天地","fraction":0.42,"bytes_per_second":18400000,"seconds_left":240}
    {"tell":"synced","source":"stick","taken":4,"refused":1,"reasons":["…"],"catalogue":1,"programme":1,"changed":true}
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from estation_box.library.pace import MOST_BYTES_PER_SECOND, MOST_SECONDS
from estation_wire.values import ContentId

MAX_LINE_BYTES: Final = 64 * 1024
MAX_DOUBTED: Final = 20  # films of one request: as many as a long session has
Source = Literal["stick", "network", "timer"]
Occasion = Literal["stick", "network", "timer"]
"""Why sync worked: a source was read, or the timer had the rules expanded anew, and nothing was read."""
Words = Annotated[str, Meta(max_length=500)]


class SyncRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Take what is new from ``root`` (a stick's mount point, or a URL), or mount ``device`` first.

    ``doubted``: films that broke off while they were shown; they are read again from the card before anything else.
    """

    source: Source
    root: Annotated[str, Meta(max_length=4096)]
    device: Annotated[str, Meta(max_length=20, pattern=r"^(?:/dev/[a-z0-9]+)?\Z")] = ""
    filesystem: Literal["", "vfat", "exfat"] = ""
    doubted: Annotated[tuple[ContentId, ...], Meta(max_length=MAX_DOUBTED)] = ()


class Progress(Struct, frozen=True, kw_only=True, tag_field="tell", tag="progress", omit_defaults=True):
    """Work is going on: words for the screen, and how much is done (0 to 1).

    ``ready``: all that this week needs is on the card and the receipt on the stick: it may be pulled. Until then
    ``fraction`` and ``seconds_left`` are those of this week's films, then those of the rest. 0 is not known.
    """

    words: Words
    fraction: float = 0.0
    ready: bool = False
    bytes_per_second: Annotated[int, Meta(ge=0, le=MOST_BYTES_PER_SECOND)] = 0
    seconds_left: Annotated[int, Meta(ge=0, le=MOST_SECONDS)] = 0


class Synced(Struct, frozen=True, kw_only=True, tag_field="tell", tag="synced", omit_defaults=True):
    """Sync is over. ``refused`` things are told in ``reasons``, in plain words, as in the receipt.

    ``provisioned``: a new profile was taken. ``certified``: a new certificate was taken. ``changed``: the library
    (catalogue, programme, slots or content) is another than before. ``signed``: the latest time that a verified
    document states. ``ready``: all that this week needs is on the card, so that a pulled stick is no fault.
    ``rotten``: films of which a look at the card found damaged parts, whether they are mended by now or not.
    """

    source: Occasion
    taken: int
    refused: int
    reasons: Annotated[tuple[Words, ...], Meta(max_length=20)] = ()
    catalogue: int = 0
    programme: int = 0
    changed: bool = False
    provisioned: bool = False
    certified: bool = False
    signed: datetime | None = None
    ready: bool = False
    rotten: Annotated[int, Meta(ge=0, le=100_000)] = 0


class Ask(Struct, frozen=True, kw_only=True, tag_field="tell", tag="ask", omit_defaults=True):
    """The `estation` command asks core a question, or does what a hand would; core answers with one line of JSON.

    ``word``: for `press` how (short, long), for `set-clock` the instant with its zone.
    """

    question: Literal["status", "why", "press", "key", "set-clock"]
    word: Annotated[str, Meta(max_length=64)] = ""


AnyWord = Progress | Synced | Ask
_WORD: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(AnyWord)


def decode_word(line: bytes) -> AnyWord:
    """One line to core; raises `ValueError` for anything else."""
    if len(line) > MAX_LINE_BYTES:
        msg = f"line of {len(line)} bytes, at most {MAX_LINE_BYTES} are allowed"
        raise ValueError(msg)
    try:
        return _WORD.decode(line)  # type: ignore[no-any-return]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from None
