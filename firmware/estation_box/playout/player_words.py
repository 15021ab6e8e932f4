"""What core and player say to each other: JSON lines over the Unix socket ``player.sock``.

Core asks, the player answers each request by its number ``n``, and tells its `State` five times a second
and at once on every change. Two real lines::

    {"do":"prepare","n":7,"session":"…32 hex…","entries":[{"id":"0","path":"/var/lib/…","kind":"video","seconds":31.0}]}
    {"tell":"answer","n":7,"ok":true}

The player outlives core: it plays its list on to the tail card and keeps what was shown; a new core
connects, reads the state and goes on. Several cores may be connected; each is told everything.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from estation_box.playout.leads import Lack
from estation_wire.values import ContentId

MAX_LINE_BYTES: Final = 2 * 1024 * 1024  # a list of a hundred cards, each with its words and its square of dots
MAX_ASS: Final = 32 * 1024  # a bulletin's words, and a square of 57 modules, which alone is 22,000
TELL_EVERY_SECONDS: Final = 0.2  # 5 Hz: the sampling that the accounting of shown seconds was proved at

EntryId = Annotated[str, Meta(min_length=1, max_length=40)]


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file of a session's list. ``seconds``: a still's time on the screen, a video's own duration.

    ``audio`` and ``subtitles`` are mpv's track numbers (from 1), 0 for none, None for mpv's choice.
    ``position``: where to begin, in seconds; ``fps`` as probed at publishing, None for the container's.
    ``gain``: decibels that make it as loud as everything else; ``words``: ASS events, 1280x720, over its picture.
    """

    id: EntryId
    path: str
    kind: Literal["video", "still"]
    seconds: float
    position: float = 0.0
    fps: float | None = None
    audio: int | None = None
    subtitles: int | None = None
    gain: Annotated[float, Meta(ge=-60, le=12)] = 0.0
    words: Annotated[str, Meta(max_length=12288)] = ""


class Request(Struct, frozen=True, kw_only=True, tag_field="do", omit_defaults=True):
    """The base of what core asks."""

    n: int


class Prepare(Request, frozen=True, kw_only=True, tag="prepare", omit_defaults=True):
    """Load the first entry paused behind the cover, and queue the rest; what was shown before is forgotten."""

    session: str
    entries: Annotated[tuple[Entry, ...], Meta(min_length=1, max_length=100)]


class Start(Request, frozen=True, kw_only=True, tag="start", omit_defaults=True):
    """Take the cover away and let the prepared session run."""

    session: str


class Skip(Request, frozen=True, kw_only=True, tag="skip", omit_defaults=True):
    """Go to the next entry of the running session."""

    session: str


class Rest(Request, frozen=True, kw_only=True, tag="rest", omit_defaults=True):
    """End the running session, if any, and show the tail card with the cover."""


class Chime(Request, frozen=True, kw_only=True, tag="chime", omit_defaults=True):
    """Play two tones behind the cover, for people who want to hear whether there is sound; nothing in a session."""


class Hung(Struct, frozen=True, array_like=True):
    """A film's small picture on a card: its content id, its corner, how wide and high it is (1280x720)."""

    name: ContentId
    x: Annotated[int, Meta(ge=0, le=1280)]
    y: Annotated[int, Meta(ge=0, le=720)]
    width: Annotated[int, Meta(ge=1, le=1280)]
    height: Annotated[int, Meta(ge=1, le=720)]


class Cover(Request, frozen=True, kw_only=True, tag="cover", omit_defaults=True):
    """What the full-screen cover shows whenever no session is on the screen: ASS events, 1280x720, and pictures."""

    ass: Annotated[str, Meta(max_length=MAX_ASS)]
    pictures: Annotated[tuple[Hung, ...], Meta(max_length=8)] = ()


class Banner(Request, frozen=True, kw_only=True, tag="banner", omit_defaults=True):
    """Words over whatever is on the screen: ASS events, 1280x720; empty takes them away."""

    ass: Annotated[str, Meta(max_length=MAX_ASS)]


class Volume(Request, frozen=True, kw_only=True, tag="volume", omit_defaults=True):
    """How much quieter than usual everything is from now on: the house's quiet hours."""

    decibels: Annotated[float, Meta(ge=-60, le=0)]


class Speak(Request, frozen=True, kw_only=True, tag="speak", omit_defaults=True):
    """Other tracks for entries of the running session: by entry the numbers of sound and captions, as in `Entry`."""

    session: str
    tracks: Annotated[dict[EntryId, tuple[int | None, int | None]], Meta(max_length=100)]


class Capture(Request, frozen=True, kw_only=True, tag="capture", omit_defaults=True):
    """Write what is on the screen to ``path`` as a JPEG file, in the player's runtime directory."""

    path: str


class Renew(Request, frozen=True, kw_only=True, tag="renew", omit_defaults=True):
    """Make way for another player process: no clip moves in this one any more. It gives no answer."""


AnyRequest = Prepare | Start | Skip | Rest | Chime | Cover | Banner | Volume | Speak | Capture | Renew


class Phase(StrEnum):
    """What the player is at."""

    CARD = "card"  # no session: the tail card behind the cover
    PREPARED = "prepared"  # a session stands ready behind the cover
    PLAYING = "playing"
    ENDED = "ended"  # the list is over: tail card and cover, what was shown is kept for core


class EntryState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far one entry has come.

    ``shown``: seconds really on the screen, cumulative. ``started``: CLOCK_MONOTONIC of the first frame.
    ``end``: how it ended; ``eof`` proves nothing by itself.
    """

    id: EntryId
    shown: float = 0.0
    position: float = 0.0
    started: float | None = None
    end: Literal["eof", "error", "skipped", "rest"] | None = None
    error: str = ""


class Answer(Struct, frozen=True, kw_only=True, tag_field="tell", tag="answer", omit_defaults=True):
    """The answer to one request; ``error`` says what was wrong."""

    n: int
    ok: bool
    error: str = ""


class State(Struct, frozen=True, kw_only=True, tag_field="tell", tag="state", omit_defaults=True):
    """Everything that core must know. ``player``: random id of this player process.

    ``still_for``: seconds for which the picture should have moved and did not; 0 while healthy.
    ``at``: CLOCK_MONOTONIC of the sample. ``frames_ok`` is False where libmpv has no video output. ``leaving``: the
    last word of a player that makes way for a new one at night, in order. ``lacks``: leads that `box.toml` asks for
    and this machine does not have.
    """

    player: str
    phase: Phase
    at: float
    session: str | None = None
    current: EntryId | None = None
    entries: tuple[EntryState, ...] = ()
    still_for: float = 0.0
    frames_ok: bool = True
    leaving: bool = False
    lacks: tuple[Lack, ...] = ()


AnyTelling = Answer | State

_REQUEST: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(AnyRequest)
_TELLING: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(AnyTelling)


def decode_request(line: bytes) -> AnyRequest:
    """One request; raises `ValueError` for anything else."""
    return _decode(_REQUEST, line)  # type: ignore[no-any-return]


def decode_telling(line: bytes) -> AnyTelling:
    """One thing that the player tells; raises `ValueError` for anything else."""
    return _decode(_TELLING, line)  # type: ignore[no-any-return]


def _decode(decoder: msgspec.json.Decoder[Any], line: bytes) -> Any:
    if len(line) > MAX_LINE_BYTES:
        msg = f"line of {len(line)} bytes, at most {MAX_LINE_BYTES} are allowed"
        raise ValueError(msg)
    try:
        return decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from None
