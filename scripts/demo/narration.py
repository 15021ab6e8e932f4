"""What is heard and read: narration by espeak-ng, its loudness, and subtitles."""

from __future__ import annotations

import re
import sys
import wave
from array import array
from pathlib import Path
from typing import Final

from scripts.demo.encoding import ffmpeg, run
from scripts.demo.processes import DemoError
from scripts.demo.recipe import Cue, Film

# Debian's plain ``cmn`` voice reads its own pinyin as English ("fan four"); this one reads the same characters right
VOICES: Final = {"zh-Hans": "cmn-latn-pinyin", "en": "en"}
PACES: Final = (140, 150, 160, 170, 180, 190, 200)  # words a minute, calmest first; above 200 nobody follows
RATE: Final = 22050  # Hz; espeak-ng's own
SILENT: Final = 260  # of 32768, -42 dB: below it there is only the voice's breath before and after a sentence
TARGET_LUFS: Final = -23.0  # EBU R 128: no film is louder than the next
_INPUT_LOUDNESS: Final = re.compile(r'"input_i" : "(-?[0-9.]+)"')


def narrate(film: Film, language: str, folder: Path) -> Path:
    """The narration of a film as a WAV file of the film's length; raises `DemoError` for words that do not fit."""
    sound = array("h", bytes(2 * round(film.seconds * RATE)))
    for cue in film.cues:
        spoken = _spoken(cue, language, folder / f"{film.id}.cue.wav")
        start = round(cue.begin * RATE)
        sound[start : start + len(spoken)] = spoken
    path = folder / f"{film.id}.{language}.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(_little_endian(sound).tobytes())
    return path


def gain(path: Path) -> float:
    """The decibels that bring a sound to -23 LUFS; raises `DemoError`."""
    said = ffmpeg(["-i", path, "-af", "loudnorm=print_format=json", "-f", "null", "-"], level="info")
    found = _INPUT_LOUDNESS.search(said)
    if found is None:
        msg = f"{path.name}: its loudness cannot be measured; the narration may be empty (is espeak-ng-data complete?)"
        raise DemoError(msg)
    return TARGET_LUFS - float(found[1])


def subtitles(film: Film, language: str, folder: Path) -> Path:
    """The film's subtitles in one language, as SubRip."""
    path = folder / f"{film.id}.{language}.srt"
    lines = [
        f"{number}\n{_stamp(cue.begin)} --> {_stamp(cue.end)}\n{cue.words[language]}\n"
        for number, cue in enumerate(film.cues, 1)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _spoken(cue: Cue, language: str, path: Path) -> array[int]:
    longest = round((cue.end - cue.begin) * RATE)
    words = cue.words[language]
    for pace in PACES:
        run(["espeak-ng", "-b", "1", "-v", VOICES[language], "-s", str(pace), "-w", path, words], "espeak-ng")
        spoken = _samples(path)
        if len(spoken) <= longest:
            return spoken
    msg = f"{words!r} does not fit into {cue.end - cue.begin:.1f} s: give it more time in films.toml, or fewer words"
    raise DemoError(msg)


def _samples(path: Path) -> array[int]:
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE):
            msg = f"espeak-ng gave {file.getparams()}, not 16-bit mono at {RATE} Hz: use Debian's espeak-ng"
            raise DemoError(msg)
        samples = _little_endian(array("h", file.readframes(file.getnframes())))
    heard = [place for place in range(0, len(samples), 32) if abs(samples[place]) > SILENT]
    return samples[max(0, heard[0] - 400) : heard[-1] + 1600] if heard else samples


def _little_endian(samples: array[int]) -> array[int]:
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    return f"00:00:{milliseconds // 1000:02d},{milliseconds % 1000:03d}"
