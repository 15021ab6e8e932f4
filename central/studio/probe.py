"""What ffprobe says of a file: kind, duration, frame rate, tracks; or why the file cannot be a programme."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from estation_wire.decoding import decoder
from estation_wire.library import Track, Use
from estation_wire.values import LANGUAGE_PATTERN, matches
from studio import ffmpeg
from studio.errors import StudioError
from studio.house_profile import Facts

MP4: Final = "mov,mp4,m4a,3gp,3g2,mj2"
VIDEO_FORMATS: Final = frozenset({MP4, "matroska,webm"})
STILL_FORMATS: Final = frozenset({"png_pipe", "jpeg_pipe", "image2"})
CONVERTIBLE: Final = frozenset({"avi", "mpeg", "mpegts", "flv", "asf", "rm", "mxf", "dv"})
CONVERTIBLE_STILLS: Final = frozenset({"bmp_pipe", "webp_pipe", "tiff_pipe", "jpegls_pipe"})
HEAD_BYTES: Final = 256 * 1024  # EXIF stands in front of a picture, within 64 KiB in JPEG
MAX_BOXES: Final = 10_000
LONG_BOX: Final = (1).to_bytes(4, "big")  # the size follows in 64 bits
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
    """A file that cannot be a programme; the text says why, ``zh`` the same in Chinese."""

    def __init__(self, why: str, zh: str = "") -> None:
        super().__init__(why)
        self.zh = zh or f"不能使用（{why}）"


class Probed(Struct, frozen=True, kw_only=True):
    """What a file holds. ``seconds`` is 0 for a still; ``facts`` is what the house profile judges."""

    kind: Literal["video", "still", "audio"]
    seconds: float
    tracks: tuple[Track, ...]
    fps: float | None
    facts: Facts


class _Stream(Struct, frozen=True):
    codec_type: str = ""
    codec_name: str = ""
    profile: str = ""
    pix_fmt: str = ""
    width: int = 0
    height: int = 0
    field_order: str = ""
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


def probe(
    path: Path,
    *,
    audio: tuple[str, ...] | None = None,
    subtitles: tuple[str, ...] | None = None,
    convertible: bool = False,
    about: bytes = b"",
) -> Probed:
    """What the file at ``path`` holds; ``audio`` and ``subtitles`` name the languages of its tracks, in order.

    ``convertible``: take also what no box plays and the studio can turn into the house profile. ``about``: what ffprobe
    said of it before. Raises `Refused` for the file, `StudioError` where ffprobe is missing.
    """
    if not path.is_file():
        msg = "there is no such file"
        raise Refused(msg, "找不到这个文件")
    answer = _ask(path, about)
    name = answer.format.format_name
    pictures = [one for one in answer.streams if one.codec_type == "video" and not one.disposition.get("attached_pic")]
    sounds = [one for one in answer.streams if one.codec_type == "audio"]
    if not pictures and not (sounds and convertible):
        msg = "it has no picture" + (": put a card to its sound with --fix" if sounds else "")
        raise Refused(msg, "没有画面：请用“修复”为声音配上图片" if sounds else "没有画面")
    if pictures and name in STILL_FORMATS | (CONVERTIBLE_STILLS if convertible else frozenset()):
        return Probed(kind="still", seconds=0.0, tracks=(), fps=None, facts=_still(path, pictures[0]))
    if pictures and name not in VIDEO_FORMATS | (CONVERTIBLE if convertible else frozenset()):
        msg = f"its container is {name}, and boxes take MP4, Matroska, WebM, PNG and JPEG"
        raise Refused(msg, f"文件格式是 {name}；盒子只播放 MP4、Matroska、WebM、PNG 和 JPEG")
    seconds = _number(pictures[0].duration if pictures else "") or _number(answer.format.duration)
    if not seconds:
        msg = "it does not say how long it is; it may be cut off"
        raise Refused(msg, "没有时长信息，文件可能不完整")
    seconds = round(seconds, 3)
    tracks = (*_tracks(answer, "audio", audio), *_tracks(answer, "subtitles", subtitles))
    facts = _facts(path, answer, pictures[0] if pictures else None, seconds)
    return Probed(kind=facts.kind, seconds=seconds, tracks=tracks, fps=facts.fps, facts=facts)


def _facts(path: Path, answer: _Answer, picture: _Stream | None, seconds: float) -> Facts:
    sounds = tuple(one.codec_name for one in answer.streams if one.codec_type == "audio")
    bits = path.stat().st_size * 8 / seconds
    if picture is None:
        return Facts(kind="audio", seconds=seconds, sounds=sounds, bits=bits)
    return Facts(
        kind="video",
        seconds=seconds,
        codec=picture.codec_name,
        profile=picture.profile,
        pixels=picture.pix_fmt,
        width=picture.width,
        height=picture.height,
        fps=_rate(picture.avg_frame_rate),
        interlaced=picture.field_order in {"tt", "bb", "tb", "bt"},
        sounds=sounds,
        words=tuple(one.codec_name for one in answer.streams if one.codec_type == "subtitle"),
        bits=bits,
        index_first=_index_first(path) if answer.format.format_name == MP4 else None,
    )


def _still(path: Path, picture: _Stream) -> Facts:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    hidden = b"Exif\0\0" in head or b"eXIf" in head
    return Facts(kind="still", codec=picture.codec_name, width=picture.width, height=picture.height, hidden=hidden)


def _index_first(path: Path) -> bool:
    """Whether an MP4 file's index (``moov``) stands before its media; raises `Refused` where the file is cut off."""
    end = path.stat().st_size
    at = 0
    names: list[bytes] = []
    with path.open("rb") as file:
        while at < end and len(names) < MAX_BOXES:
            file.seek(at)
            head = file.read(16)
            size = int.from_bytes(head[8:16] if head[:4] == LONG_BOX else head[:4], "big")
            names.append(head[4:8])
            if size < 8:  # 0: up to the end of the file
                break
            at += size
    if at > end:
        msg = f"it is cut off: {(at - end) // 1024 + 1} KiB are missing; copy it again"
        raise Refused(msg, "文件不完整，请重新拷贝")
    return b"mdat" not in names[: names.index(b"moov")] if b"moov" in names else False


def _ask(path: Path, about: bytes) -> _Answer:
    try:
        return decoder(_Answer).decode(about or ffmpeg.about(path))
    except ffmpeg.Unreadable as error:
        msg = f"it is no video or picture that can be read ({error})"
        raise Refused(msg, "不是可以读取的视频、图片或声音") from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        msg = "ffprobe's answer cannot be understood"
        raise Refused(msg) from None


def _tracks(answer: _Answer, kind: Literal["audio", "subtitles"], named: tuple[str, ...] | None) -> list[Track]:
    stream_type = "audio" if kind == "audio" else "subtitle"
    languages = [_language(one.tags) for one in answer.streams if one.codec_type == stream_type]
    if named is not None:
        if len(named) != len(languages):
            msg = f"{len(named)} languages are named for its {len(languages)} {kind} tracks"
            raise Refused(msg, f"写明了 {len(named)} 种语言，但文件有 {len(languages)} 条轨道")
        languages = list(named)
    marks = [_use(one.disposition, kind) for one in answer.streams if one.codec_type == stream_type]
    return [
        Track(kind=kind, number=number, language=language, use=use)
        for number, (language, use) in enumerate(zip(languages, marks, strict=True), 1)
    ]


def _use(disposition: dict[str, int], kind: str) -> Use:
    """What a container says that a track is for."""
    if kind == "subtitles":
        return "captions" if disposition.get("hearing_impaired") else "plain"
    return "description" if disposition.get("visual_impaired") else "plain"


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
