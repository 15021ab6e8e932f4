"""The house profile: what a film, a picture or a sound must be, rule by rule, each fault in a plain sentence. Pure.

H.264 High up to 1280x720 with 30 frames a second, at most 2.5 Mb/s, AAC, a key frame every 2 s, the index in front,
-23 LUFS. A library may declare 1080p30 (5 Mb/s). What a small box cannot show is **grave**: it is never published. The
rest wastes room or patience, and is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from msgspec import Struct

Kind = Literal["video", "still", "audio"]
Declared = Literal["720p30", "1080p30"]
KEY_FRAME_SECONDS: Final = 2.0
LOUDNESS_LUFS: Final = -23.0  # EBU R128
LOUDNESS_WITHIN: Final = 2.0  # LU; less is heard by nobody between two films
SLACK: Final = 1.1  # of rate and key frames: a coder hits neither to the bit
H264_PROFILES: Final = frozenset({"Constrained Baseline", "Baseline", "Main", "High", ""})
EIGHT_BITS: Final = frozenset({"yuv420p", "yuvj420p", ""})
STILL_CODECS: Final = frozenset({"png", "mjpeg"})


class Limits(NamedTuple):
    """The largest picture, frames a second, and bits a second of the whole file."""

    width: int
    height: int
    fps: float
    bits: float


HOUSE: Final[dict[Declared, Limits]] = {
    "720p30": Limits(1280, 720, 30.0, 2.5e6),
    "1080p30": Limits(1920, 1080, 30.0, 5e6),
}


class Facts(Struct, frozen=True, kw_only=True):
    """What was found in a file; ``sounds`` and ``words``: the codings of its tracks. None: not looked for, or none."""

    kind: Kind
    seconds: float = 0.0
    codec: str = ""
    profile: str = ""
    pixels: str = ""
    width: int = 0
    height: int = 0
    fps: float | None = None
    interlaced: bool = False
    sounds: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    bits: float = 0.0
    gap: float | None = None
    index_first: bool | None = None
    loudness: tuple[float | None, ...] = ()
    """LUFS of each sound track; None: silent."""
    hidden: bool = False
    """A picture carries where and with what it was taken (EXIF)."""


class Fault(NamedTuple):
    """One rule that is broken, in both languages; what helps is `TO_DO`."""

    rule: str
    grave: bool
    en: str
    zh: str


Rule = Callable[[Facts, Limits], tuple[str, str] | None]
TO_DO: Final = ("press «fix», or run `estation-studio check SOURCE --fix`", "请按“修复”")
"""What helps against every one of them."""


def _picture(facts: Facts, _limits: Limits) -> tuple[str, str] | None:
    if facts.kind == "audio":
        return "it has no picture: a TV would stay dark; a card is put to it", "没有画面，电视会黑屏；将配上一张图片"
    return None


def _codec(facts: Facts, _limits: Limits) -> tuple[str, str] | None:
    good = STILL_CODECS if facts.kind == "still" else {"h264"}
    if facts.kind == "audio" or facts.codec in good:
        return None
    wanted = "PNG and JPEG" if facts.kind == "still" else "H.264"
    return f"it is coded as {facts.codec}; boxes show {wanted}", f"编码是 {facts.codec}，盒子只播放 {wanted}"


def _coding(facts: Facts, _limits: Limits) -> tuple[str, str] | None:
    if facts.kind != "video" or facts.codec != "h264":
        return None
    if facts.profile in H264_PROFILES and facts.pixels in EIGHT_BITS:
        return None
    told = f"{facts.profile}, {facts.pixels}"
    return f"its H.264 is of a kind that boxes cannot show ({told})", f"H.264 类型（{told}）盒子无法播放"


def _size(facts: Facts, limits: Limits) -> tuple[str, str] | None:
    if facts.width <= limits.width and facts.height <= limits.height:
        return None
    told, most = f"{facts.width}x{facts.height}", f"{limits.width}x{limits.height}"
    return f"its picture is {told}; boxes show up to {most}", f"画面为 {told}，盒子最大 {most}"


def _frames(facts: Facts, limits: Limits) -> tuple[str, str] | None:
    if facts.kind != "video" or facts.fps is None or facts.fps <= limits.fps + 0.1:
        return None
    return (
        f"it has {facts.fps:g} frames a second; boxes show up to {limits.fps:g}",
        f"每秒 {facts.fps:g} 帧，盒子最多 {limits.fps:g} 帧",
    )


def _hidden(facts: Facts, _limits: Limits) -> tuple[str, str] | None:
    if not facts.hidden:
        return None
    return (
        "it carries where, when and with what it was taken (EXIF), which nobody should send on",
        "图片带有拍摄地点、时间和设备信息（EXIF），不应发布",
    )


def _interlaced(facts: Facts, _limits: Limits) -> tuple[str, str] | None:
    return ("it is interlaced: a TV shows combs", "隔行扫描，画面会有梳状条纹") if facts.interlaced else None


def _rate(facts: Facts, limits: Limits) -> tuple[str, str] | None:
    if facts.kind != "video" or facts.bits <= limits.bits * SLACK:
        return None
    told, most = facts.bits / 1e6, limits.bits / 1e6
    return (
        f"it takes {told:.1f} Mb/s; {most:g} are enough, and sticks and networks are slow",
        f"码率 {told:.1f} Mb/s，{most:g} 已足够；U盘和网络都很慢",
    )


def _sound(facts: Facts, _limits: Limits) -> tuple[str, str] | None:
    other = sorted({one for one in facts.sounds if one != "aac"})
    if facts.kind != "video" or not other:
        return None
    return f"its sound is {', '.join(other)}; AAC is ours", f"声音编码为 {', '.join(other)}，应为 AAC"


def _keys(facts: Facts, _limits: Limits) -> tuple[str, str] | None:
    if facts.gap is None or facts.gap <= KEY_FRAME_SECONDS * SLACK:
        return None
    return (
        f"up to {facts.gap:.0f} s pass between key frames; after a power cut it could not go on where it was",
        f"关键帧间隔长达 {facts.gap:.0f} 秒，断电后无法从原处续播",
    )


def _index(facts: Facts, _limits: Limits) -> tuple[str, str] | None:
    if facts.index_first is not False:
        return None
    return (
        "its index stands at the end: a film cut short would be lost whole",
        "索引在文件末尾，文件不完整时整片无法播放",
    )


def _loud(facts: Facts, _limits: Limits) -> tuple[str, str] | None:
    off = [one for one in facts.loudness if one is not None and abs(one - LOUDNESS_LUFS) > LOUDNESS_WITHIN]
    if facts.kind != "video" or not off:
        return None
    worst = max(off, key=lambda one: abs(one - LOUDNESS_LUFS))
    loud = worst > LOUDNESS_LUFS
    en, zh = ("loud", "太响") if loud else ("quiet", "太轻")
    return (
        f"its sound is too {en} ({worst:.1f} LUFS; {LOUDNESS_LUFS:g} is the rule): people would reach for the remote",
        f"声音{zh}（{worst:.1f} LUFS，应为 {LOUDNESS_LUFS:g}），观众会去找遥控器",
    )


RULES: Final[tuple[tuple[str, bool, Rule], ...]] = (
    ("picture", True, _picture),
    ("codec", True, _codec),
    ("coding", True, _coding),
    ("size", True, _size),
    ("frames", True, _frames),
    ("hidden", True, _hidden),
    ("interlaced", False, _interlaced),
    ("rate", False, _rate),
    ("sound", False, _sound),
    ("keys", False, _keys),
    ("index", False, _index),
    ("loudness", False, _loud),
)
"""Each rule's name, whether breaking it is grave, and what judges it."""


def judge(facts: Facts, declared: Declared = "720p30") -> tuple[Fault, ...]:
    """Every fault of a file, the grave ones first."""
    limits = HOUSE[declared]
    found = ((name, grave, rule(facts, limits)) for name, grave, rule in RULES)
    return tuple(Fault(name, grave, *words) for name, grave, words in found if words is not None)
