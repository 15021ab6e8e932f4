"""What ffprobe says of a file: kind, duration, frame rate, tracks; or why the file cannot be a programme."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from estation_wire.library import Track
from estation_wire.values import LANGUAGE_PATTERN, matches
from studio.errors import StudioError

TIMEOUT_SECONDS: Final = 60.0  # a file of 4 GB on a slow disk takes 5
ANSWER_LIMIT_BYTES: Final = 4 * 1024 * 1024
VIDEO_FORMATS: Final = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"})
STILL_FORMATS: Final = frozenset({"png_pipe", "jpeg_pipe", "image2"})
TAGS: Final = {  # ISO 639-2, as containers carry it, to the field's BCP 47 with the script where it matters
    "chi": "zh-Hans",
    "zho": "zh-Hans",
    "eng": "en",
    "uig": "ug-Arab",
    "kaz": "kk-Arab",
    "kir": "ky-Arab",
}
UNDETERMINED: Final = "und"


class Refused(StudioError):  # noqa: N818 - it reads as what it is: a file refused
    """A file that cannot be a programme; the text says why."""


class Probed(Struct, frozen=True, kw_only=True):
    """What a file holds. ``seconds`` is 0 for a still."""

    kind: Literal["video", "still"]
    seconds: float
    tracks: tuple[Track, ...]
    fps: float | None


class _Stream(Struct, frozen=True):
    codec_type: str = ""
    avg_frame_rate: str = "0/0"
    duration: str = ""
    tags: dict[str, str] = {}
    disposition: dict[str, int] = {}


class _Format(Struct, frozen=True):
    format_name: str = ""
    duration: str = ""


class _Answer(Struct, frozen=True):
    streams: tuple[_Stream, ...] = ()
    format: _Format = _Format()


def probe(path: Path, *, audio: tuple[str, ...] | None = None, subtitles: tuple[str, ...] | None = None) -> Probed:
    """What the file at ``path`` holds; ``audio`` and ``subtitles`` name the languages of its tracks, in order.

    Raises `Refused` for the file, `StudioError` where ffprobe is missing.
    """
    if not path.is_file():
        msg = "there is no such file"
        raise Refused(msg)
    answer = _ask(path)
    pictures = [one for one in answer.streams if one.codec_type == "video" and not one.disposition.get("attached_pic")]
    if not pictures:
        msg = "it has no picture"
        raise Refused(msg)
    if answer.format.format_name in STILL_FORMATS:
        return Probed(kind="still", seconds=0.0, tracks=(), fps=None)
    if answer.format.format_name not in VIDEO_FORMATS:
        msg = f"its container is {answer.format.format_name}, and boxes take MP4, Matroska, WebM, PNG and JPEG"
        raise Refused(msg)
    seconds = _number(pictures[0].duration) or _number(answer.format.duration)
    if not seconds:
        msg = "it does not say how long it is; it may be cut off"
        raise Refused(msg)
    tracks = (*_tracks(answer, "audio", audio), *_tracks(answer, "subtitles", subtitles))
    return Probed(kind="video", seconds=round(seconds, 3), tracks=tracks, fps=_rate(pictures[0].avg_frame_rate))


def _ask(path: Path) -> _Answer:
    command = ["ffprobe", "-v", "error", "-protocol_whitelist", "file", "-of", "json"]
    command += ["-show_format", "-show_streams", "-i", f"file:{path}"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
    except FileNotFoundError:
        msg = "ffprobe is missing: install the package ffmpeg"
        raise StudioError(msg) from None
    except subprocess.TimeoutExpired:
        msg = "ffprobe does not come to an end with it"
        raise Refused(msg) from None
    if done.returncode != 0 or len(done.stdout) > ANSWER_LIMIT_BYTES:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2].replace(f"file:{path}: ", "")
        msg = f"it is no video or picture that can be read ({last[:200]})"
        raise Refused(msg)
    try:
        return msgspec.json.decode(done.stdout, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        msg = "ffprobe's answer cannot be understood"
        raise Refused(msg) from None


def _tracks(answer: _Answer, kind: Literal["audio", "subtitles"], named: tuple[str, ...] | None) -> list[Track]:
    stream_type = "audio" if kind == "audio" else "subtitle"
    languages = [_language(one.tags) for one in answer.streams if one.codec_type == stream_type]
    if named is not None:
        if len(named) != len(languages):
            msg = f"{len(named)} languages are named for its {len(languages)} {kind} tracks"
            raise Refused(msg)
        languages = list(named)
    return [Track(kind=kind, number=number, language=language) for number, language in enumerate(languages, 1)]


def _language(tags: dict[str, str]) -> str:
    tag = tags.get("language", UNDETERMINED)
    tag = TAGS.get(tag, tag)
    return tag if matches(LANGUAGE_PATTERN, tag) else UNDETERMINED


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0 < number < 1e9 else 0.0


def _rate(text: str) -> float | None:
    above, _, below = text.partition("/")
    if not (above.isdecimal() and below.isdecimal() and int(below)):
        return None
    rate = round(int(above) / int(below), 3)
    return rate if 0 < rate <= 240 else None
