"""Clips for tests, made once by ffmpeg and kept in ``build/test-clips`` under the hash of their recipe.

A **flip clip** is one hue in four tones, another tone each frame: one pixel tells which clip it is, and how many
frames were shown (a reader that misses up to three still counts right).
"""

from __future__ import annotations

import colorsys
import hashlib
import os
import random
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.framebuffer import Rgb

FOLDER = Path(__file__).parents[2] / "build" / "test-clips"
TONES = (1.0, 0.8, 0.6, 0.4)
HUES = {"red": 0, "yellow": 55, "green": 120, "cyan": 180, "blue": 235, "magenta": 300}
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-g", "50", "-bf", "0", "-pix_fmt", "yuv420p")
CODECS = {
    "h264": (".mp4", (*H264, "-movflags", "+faststart")),
    "vp8": (".webm", ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "2M")),
    "vp9": (".webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "2M")),
    "mpeg4": (".mkv", ("-c:v", "mpeg4", "-q:v", "3")),
}


def flip(
    hue: str,
    seconds: float = 2.0,
    codec: str = "h264",
    size: str = "1280x720",
    *,
    fps: int = 25,
    sound: bool = True,
) -> Path:
    """A flip clip."""
    suffix, encoding = CODECS[codec]
    source = f"color=c={_hex(_tone(hue, 0))}:s={size}:r={fps}:d={seconds}"
    boxes = ",".join(
        f"drawbox=t=fill:c={_hex(_tone(hue, tone))}:enable='eq(mod(n,4),{tone})'" for tone in range(1, len(TONES))
    )
    arguments = ["-f", "lavfi", "-i", f"{source},{boxes}"]
    if sound:
        voice = "aac" if suffix != ".webm" else "libopus"
        arguments += ["-f", "lavfi", "-i", f"sine=frequency=220:sample_rate=48000:duration={seconds}", "-c:a", voice]
    return ffmpeg([*arguments, *encoding], suffix)


def still(hue: str, size: str = "1280x720") -> Path:
    """A PNG of one hue in its brightest tone."""
    return ffmpeg(["-f", "lavfi", "-i", f"color=c={_hex(_tone(hue, 0))}:s={size}:d=0.04", "-frames:v", "1"], ".png")


def captioned(captions: Sequence[str], seconds: float = 30.0) -> Path:
    """A film of one colour whose every caption track stands from its beginning to its end, in this order."""
    recipe = f"captioned {seconds} {captions}"

    def make(out: Path) -> None:
        arguments = ["-f", "lavfi", "-i", f"color=c=0x245060:s=1280x720:r=5:d={seconds}"]
        for number, words in enumerate(captions):
            srt = out.with_suffix(f".{number}.srt")
            srt.write_text(f"1\n00:00:00,000 --> 00:00:{round(seconds)},000\n{words}\n", encoding="utf-8")
            arguments += ["-i", str(srt)]
        for number in range(len(captions) + 1):
            arguments += ["-map", str(number)]
        _run([*arguments, "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:s", "mov_text"], out)

    return kept(recipe, ".mp4", make)


def ffmpeg(arguments: list[str], suffix: str) -> Path:
    """What ffmpeg makes of ``arguments``; kept."""
    return kept(" ".join(arguments), suffix, lambda path: _run(arguments, path))


def cut(path: Path, share: float) -> Path:
    """The first ``share`` of the file's bytes, as a stick pulled too early leaves it."""
    return kept(f"cut {path.name} {share}", path.suffix, lambda out: out.write_bytes(_head(path, share)))


def corrupt(path: Path, begin: float, end: float, every: int = 1, seed: int = 1) -> Path:
    """The file with random bytes between the shares ``begin`` and ``end``: in every n-th block of 512 bytes."""

    def make(out: Path) -> None:
        data = bytearray(path.read_bytes())
        chance = random.Random(seed)
        for block in range(int(len(data) * begin), int(len(data) * end), 512 * every):
            data[block : block + 512] = chance.randbytes(min(512, len(data) - block))
        out.write_bytes(data)

    return kept(f"corrupt {path.name} {begin} {end} {every} {seed}", path.suffix, make)


def broken(kind: str) -> Path:
    """A file that cannot be played, one of `BROKEN`.

    ``cut`` ends before its index, ``unsupported`` is in a coding that libmpv does not have, ``sound`` has no picture.
    """
    good = flip("red")
    made = {
        "empty": (".mp4", lambda out: out.write_bytes(b"")),
        "random": (".mp4", lambda out: out.write_bytes(random.Random(7).randbytes(300_000))),
        "text": (".mp4", lambda out: out.write_text("This is not a video.\n" * 500)),
        "cut": (".mp4", lambda out: out.write_bytes(good.read_bytes()[:600])),
        "corrupt": (".mp4", lambda out: out.write_bytes(_corrupted_media(good))),
        "unsupported": (".mp4", lambda out: out.write_bytes(good.read_bytes().replace(b"avc1", b"xyz1"))),
        "sound": (".mp4", lambda out: _run(["-i", str(good), "-vn", "-c:a", "copy"], out)),
        "play-list": (".mp4", lambda out: out.write_text(f"#EXTM3U\n#EXTINF:2,\n{good}\n")),
        "folder": ("", lambda out: out.mkdir(exist_ok=True)),
    }
    if kind == "missing":
        return FOLDER / "not-there.mp4"
    suffix, make = made[kind]
    return kept(f"broken {kind} {good.name}", suffix, make)


BROKEN = ("empty", "random", "text", "cut", "corrupt", "unsupported", "sound", "play-list", "folder", "missing")


def hue_of(pixel: Rgb) -> str | None:
    """Which flip clip or still the pixel is of; None for black, cards and torn pictures."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in pixel))
    if saturation < 0.75 or value < 0.25:
        return None
    name, distance = min(
        ((name, abs((hue * 360 - degrees + 180) % 360 - 180)) for name, degrees in HUES.items()),
        key=lambda pair: pair[1],
    )
    return name if distance < 25 else None  # codings and colour matrices turn a hue by up to 20 degrees


def tone_of(pixel: Rgb) -> int:
    """Which of the four tones."""
    value = max(pixel) / 255
    return min(range(len(TONES)), key=lambda tone: abs(TONES[tone] - value))


def kept(recipe: str, suffix: str, make) -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / (hashlib.sha256(recipe.encode()).hexdigest()[:16] + suffix)
    if not path.exists():
        half = path.with_name(f"{path.stem}.{os.getpid()}{suffix}")
        make(half)
        half.rename(path)
    return path


def _tone(hue: str, tone: int) -> Rgb:
    red, green, blue = colorsys.hsv_to_rgb(HUES[hue] / 360, 1.0, TONES[tone])
    return round(red * 255), round(green * 255), round(blue * 255)


def _hex(pixel: Rgb) -> str:
    return "0x" + bytes(pixel).hex()


def _head(path: Path, share: float) -> bytes:
    data = path.read_bytes()
    return data[: int(len(data) * share)]


def _corrupted_media(path: Path) -> bytes:
    data = path.read_bytes()
    start = data.index(b"mdat") + 4
    return data[:start] + random.Random(3).randbytes(len(data) - start)


def _run(arguments: list[str], path: Path) -> None:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, str(path)]
    subprocess.run(command, check=True, timeout=120)


def raw_film(seconds: float = 4.0) -> Path:
    """A film as a camera leaves it: 1080p50, MPEG-4, quiet, two languages, subtitles, and a first second of black."""
    size = "1920x1080"
    words = kept("words.srt", ".srt", lambda out: out.write_text("1\n00:00:00,000 --> 00:00:02,000\n洗手\n"))
    picture = f"color=black:s={size}:r=50:d=1[dark];testsrc2=s={size}:r=50:d={seconds - 1}[lit];[dark][lit]concat"
    arguments = ["-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds}", "-i", str(words)]
    arguments += ["-filter_complex", f"{picture}[v];[0:a]volume=-18dB,asplit[one][two]"]
    arguments += ["-map", "[v]", "-map", "[one]", "-map", "[two]", "-map", "1:s", "-c:v", "mpeg4", "-q:v", "6"]
    arguments += ["-c:a", "libopus", "-metadata:s:a:0", "language=chi", "-metadata:s:a:1", "language=uig"]
    return ffmpeg([*arguments, "-metadata:s:s:0", "language=chi", "-c:s", "srt"], ".mkv")


def talk(seconds: float = 3.0) -> Path:
    """Sound without a picture."""
    return ffmpeg(["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-c:a", "libmp3lame"], ".mp3")


def photograph() -> Path:
    """A large JPEG that carries where it was taken (EXIF)."""
    plain = ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=2000x1500:d=0.04", "-frames:v", "1", "-q:v", "5"], ".jpg")
    place = b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0GPS 39.47N 75.99E"
    mark = b"\xff\xe1" + (len(place) + 2).to_bytes(2, "big") + place
    data = plain.read_bytes()
    return kept(f"exif {plain.name}", ".jpg", lambda out: out.write_bytes(data[:2] + mark + data[2:]))
