"""How ffmpeg is told to make the house profile out of something, and what that will take. Pure.

The result hangs on the source's bytes and the recipe's own text alone: `key` names it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from studio.ffmpeg import Heard
from studio.house_profile import HOUSE, KEY_FRAME_SECONDS, Declared, Kind
from studio.probe import TAGS, Probed

EDITION: Final = "1"  # another number: everything is made again
SOUND_BITS: Final = 128_000
LEAST_PICTURE_BITS: Final = 600_000
USUAL_SHARE: Final = 0.6  # of the allowed rate: what most films take at this quality
SPEED: Final = 2.0  # seconds of film a second on two cores; it decides nothing but the minutes told beforehand
STILL_BYTES: Final = 400_000
CARD_COLOUR: Final = "0x0b3d5c"
CARD_FPS: Final = 10
TEXT: Final = frozenset({"mov_text", "subrip", "ass", "ssa", "webvtt", "text"})
ISO_639_2: Final[Mapping[str, str]] = {ours: theirs for theirs, ours in TAGS.items()}
LOUDNORM: Final = "loudnorm=I=-23:TP=-1.5:LRA=11"
CONTAINER: Final = ("-movflags", "+faststart", "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact")


class Expected(NamedTuple):
    """What making it will take, roughly."""

    bytes: int
    seconds: float


def key(content: str, declared: Declared, card: str = "") -> str:
    """The name of what is made of ``content``; ``card``: the content id of the picture put to a sound."""
    told = f"{EDITION} {declared} {content} {card}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def suffix(probed: Probed) -> str:
    """The ending of what is made: a drawing stays a PNG, a photograph becomes a JPEG."""
    if probed.kind == "still":
        return ".png" if probed.facts.codec == "png" else ".jpg"
    return ".mp4"


def expected(kind: Kind, seconds: float, declared: Declared = "720p30") -> Expected:
    """Bytes and seconds of work for one file."""
    if kind == "still":
        return Expected(STILL_BYTES, 1.0)
    if kind == "audio":
        return Expected(int(seconds * SOUND_BITS / 8 * 1.5), seconds / SPEED / 10)
    return Expected(int(seconds * HOUSE[declared].bits * USUAL_SHARE / 8), seconds / SPEED)


def arguments(
    path: Path, probed: Probed, heard: Sequence[Heard | None], declared: Declared, card: Path | None = None
) -> list[str]:
    """What ffmpeg is told, but for the target; ``heard``: the loudness of each sound track, measured before."""
    if probed.kind == "still":
        return ["-i", f"file:{path}", "-map", "0:v:0", "-frames:v", "1", "-vf", _fitted(declared), *_drawn(probed)]
    if probed.kind == "audio":
        return _card_and_sound(path, probed, heard, declared, card)
    facts = probed.facts
    words = [at for at, coding in enumerate(facts.words) if coding in TEXT]
    filters = ["yadif=deint=interlaced"] if facts.interlaced else []
    filters.append(_fitted(declared))
    if (facts.fps or 0) > HOUSE[declared].fps:
        filters.append(f"fps={HOUSE[declared].fps:g}")
    chosen = ["-i", f"file:{path}", "-map", "0:V:0", "-map", "0:a?"]
    for at in words:
        chosen += ["-map", f"0:s:{at}"]
    spoken = [track.language for track in probed.tracks if track.kind == "audio"]
    written = [track.language for track in probed.tracks if track.kind == "subtitles"]
    tags = _tags("a", spoken) + _tags("s", [written[at] for at in words])
    picture = [*_picture(declared, len(heard)), "-vf", ",".join(filters)]
    return [*chosen, *picture, *_sounds(heard), "-c:s", "mov_text", *CONTAINER, *tags, "-f", "mp4"]


def poster(path: Path, seconds: float, *, any_frame: bool) -> list[str]:
    """A JPEG of 640 px from a tenth into the film: the first picture there that is not black, or simply the first."""
    seen = "scale=640:-2,format=yuvj420p"
    lit = "blackframe=amount=0:threshold=32,metadata=select:key=lavfi.blackframe.pblack:value=90:function=less,"
    chosen = ["-ss", f"{seconds / 10:.3f}", "-t", "120", "-i", f"file:{path}", "-map", "0:V:0", "-frames:v", "1"]
    return [
        *chosen,
        "-vf",
        seen if any_frame else lit + seen,
        "-q:v",
        "4",
        "-f",
        "image2",
        "-c:v",
        "mjpeg",
        "-update",
        "1",
    ]


def _fitted(declared: Declared) -> str:
    """Square points, never larger than the profile's picture, never made larger, even sides."""
    limits = HOUSE[declared]
    square = "scale='trunc(iw*sar/2)*2':'trunc(ih/2)*2',setsar=1"
    fit = f"scale='min({limits.width},iw)':'min({limits.height},ih)'"
    return f"{square},{fit}:force_original_aspect_ratio=decrease:force_divisible_by=2"


def _picture(declared: Declared, tracks: int) -> list[str]:
    bits = max(int(HOUSE[declared].bits) - SOUND_BITS * tracks, LEAST_PICTURE_BITS)
    return [
        *("-c:v", "libx264", "-profile:v", "high", "-preset", "fast", "-crf", "21", "-pix_fmt", "yuv420p"),
        *("-maxrate", str(bits), "-bufsize", str(bits), "-sc_threshold", "0", "-threads", "2"),
        *("-g", "250", "-force_key_frames", f"expr:gte(t,n_forced*{KEY_FRAME_SECONDS:g})"),
    ]


def _sounds(heard: Sequence[Heard | None]) -> list[str]:
    said = ["-c:a", "aac", "-b:a", str(SOUND_BITS), "-ar", "48000", "-ac", "2"]
    for number, one in enumerate(heard):
        if one is not None:
            measured = f"measured_I={one.input_i}:measured_TP={one.input_tp}:measured_LRA={one.input_lra}"
            measured += f":measured_thresh={one.input_thresh}:offset={one.target_offset}:linear=true"
            said += [f"-filter:a:{number}", f"{LOUDNORM}:{measured},aresample=48000"]
    return said


def _tags(kind: str, languages: Sequence[str]) -> list[str]:
    said = []
    for number, language in enumerate(languages):
        said += [f"-metadata:s:{kind}:{number}", f"language={ISO_639_2.get(language, language)}"]
    return said


def _drawn(probed: Probed) -> list[str]:
    plain = ["-map_metadata", "-1", "-fflags", "+bitexact", "-f", "image2", "-update", "1"]
    return plain if suffix(probed) == ".png" else ["-pix_fmt", "yuvj420p", "-q:v", "3", *plain]


def _card_and_sound(
    path: Path, probed: Probed, heard: Sequence[Heard | None], declared: Declared, card: Path | None
) -> list[str]:
    size = HOUSE["720p30"]
    shown = ["-f", "lavfi", "-i", f"color=c={CARD_COLOUR}:s={size.width}x{size.height}:r={CARD_FPS}"]
    if card is not None:
        shown = ["-loop", "1", "-framerate", str(CARD_FPS), "-i", f"file:{card}"]
    chosen = [*shown, "-i", f"file:{path}", "-map", "0:v:0", "-map", "1:a"]
    tags = _tags("a", [track.language for track in probed.tracks if track.kind == "audio"])
    picture = [*_picture(declared, len(heard)), "-tune", "stillimage", "-vf", _fitted("720p30")]
    length = ["-t", f"{probed.seconds:.3f}"]
    return [*chosen, *picture, *_sounds(heard), *length, *CONTAINER, *tags, "-f", "mp4"]
