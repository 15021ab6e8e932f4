"""The films of the demonstration, made once and kept: four drawn ones, one filmed, and their ``library.toml``."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from scripts.demo.drawing import FPS, script, sky
from scripts.demo.encoding import CONTAINER, SOUND, VIDEO, ffmpeg
from scripts.demo.filmed import CREDIT, LICENCE, download, make_clip
from scripts.demo.narration import gain, narrate, subtitles
from scripts.demo.recipe import SPOKEN, WRITTEN, Film, Recipe, fingerprint, read_recipe
from scripts.demo.scenes import SCENES, headed

Say = Callable[[str, float], None]
LIBRARY_NAME: Final = "library.toml"
CONTAINER_TAGS: Final = {"zh-Hans": "zho", "en": "eng", "ug-Arab": "uig"}  # MP4 carries ISO 639-2 only
DRAWN_IN_SESSION: Final = 3  # three of 9 s and the clip of 6 s: 33 s, above the demonstration's minimum of 30 s
AT_ONCE: Final = 2  # libass paints on one core; a village machine has two
DRAWN_LICENCE: Final = "Apache-2.0"
DRAWN_CREDIT: Final = "E-Station"


def make_films(folder: Path, say: Say) -> Path:
    """The folder, below ``folder``, with five films and a ``library.toml`` without rules; made if it is not there.

    ``say`` hears what is done and the share that is ready (0 to 1). The clip's package is kept beside, in
    ``downloads``. Raises `scripts.demo.processes.DemoError`.
    """
    recipe = read_recipe()
    source = folder / fingerprint()
    if source.is_dir():
        say("the films are there", 1.0)
        return source
    half = folder / f"{source.name}.{os.getpid()}.half"
    work = half / "work"
    work.mkdir(parents=True)
    try:
        steps = len(recipe.films) + 1
        say("fetching the filmed clip", 0.0)
        make_clip(download(folder / "downloads"), half / recipe.clip.file, work)
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            making = [pool.submit(_make_film, film, recipe, half / film.file, work) for film in recipe.films]
            for number, (film, made) in enumerate(zip(recipe.films, making, strict=True), 1):
                say(f"drawing {film.titles['zh-Hans']} ({film.titles['en']})", number / steps)
                made.result()
        shutil.rmtree(work)
        (half / LIBRARY_NAME).write_text(_library(recipe, ""), encoding="utf-8")
        if not source.is_dir():  # another run may have been faster
            half.rename(source)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    say("the films are ready", 1.0)
    return source


def write_library(source: Path, *, start: datetime, timezone: str) -> None:
    """Write ``library.toml`` with one weekly rule: three drawn films and the clip, 33 s, at ``start`` in ``timezone``.

    A ``start`` without a zone is wall time there already; parts of a second are dropped. A reader sees the old file
    or the new one, never half of it.
    """
    recipe = read_recipe()
    wall = start.astimezone(ZoneInfo(timezone)) if start.tzinfo else start
    wall = wall.replace(microsecond=0, tzinfo=None)
    shown = [film.id for film in (*recipe.films[:DRAWN_IN_SESSION], recipe.clip)]
    rule = (
        "\n[[rules]]\n"
        f'id = "weekly"\ntimezone = {_quoted(timezone)}\nstart = {wall.isoformat()}\n'
        f'rrule = "FREQ=WEEKLY"\nitems = {json.dumps(shown)}\nseries = "kepu-tiandi"\n'
    )
    half = source / f"{LIBRARY_NAME}.{os.getpid()}.half"
    half.write_text(_library(recipe, rule), encoding="utf-8")
    half.replace(source / LIBRARY_NAME)


def _make_film(film: Film, recipe: Recipe, out: Path, work: Path) -> None:
    series = next(one.titles["zh-Hans"] for one in recipe.series if one.id == film.series)
    scene, heaven = SCENES[film.id]
    drawn, behind = work / f"{film.id}.ass", work / f"{film.id}.ppm"
    drawn.write_text(
        script(headed(scene, series, film.titles["zh-Hans"], ink=film.ink), film.seconds), encoding="utf-8"
    )
    behind.write_bytes(sky(*heaven))
    inputs: list[str | Path] = ["-loop", "1", "-framerate", str(FPS), "-i", behind]
    filters = [
        f"[0:v]format=rgb24,ass={_escaped(drawn)},scale=out_color_matrix=bt709:out_range=tv,setsar=1,format=yuv420p[picture]"
    ]
    mapped = ["-map", "[picture]"]
    for number, language in enumerate(SPOKEN):
        voice = narrate(film, language, work)
        inputs += ["-i", voice]
        filters.append(f"[{number + 1}:a]{_level(gain(voice))}[voice{number}]")
        mapped += ["-map", f"[voice{number}]", f"-metadata:s:a:{number}", f"language={CONTAINER_TAGS[language]}"]
    for number, language in enumerate(WRITTEN):
        inputs += ["-i", subtitles(film, language, work)]
        mapped += [
            "-map",
            f"{len(SPOKEN) + 1 + number}:s:0",
            f"-metadata:s:s:{number}",
            f"language={CONTAINER_TAGS[language]}",
        ]
    ending: list[str | Path] = ["-c:s", "mov_text", "-disposition:s", "0", "-t", str(film.seconds), out]
    ffmpeg([*inputs, "-filter_complex", ";".join(filters), *mapped, *VIDEO, *SOUND, *CONTAINER, *ending])


def _level(decibels: float) -> str:
    """The filter that brings a voice to its loudness; its peaks stay 2 dB under full scale."""
    return f"volume={decibels:.2f}dB,alimiter=limit=0.79:level=false,aresample=48000"


def _escaped(path: Path) -> str:
    """A path as a value in a filter graph, whatever signs are in it."""
    once = str(path).replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\:")
    return "".join(f"\\{sign}" if sign in "\\'[],;" else sign for sign in once)


def _library(recipe: Recipe, rule: str) -> str:
    parts = [f"name = {_quoted(recipe.name)}\n"]
    parts += [f"\n[[series]]\nid = {_quoted(one.id)}\ntitles = {_table(one.titles)}\n" for one in recipe.series]
    for film in (*recipe.films, recipe.clip):
        credit, licence = (CREDIT, LICENCE) if film is recipe.clip else (DRAWN_CREDIT, DRAWN_LICENCE)
        parts.append(
            f"\n[[items]]\nid = {_quoted(film.id)}\nfile = {_quoted(film.file)}\ntitles = {_table(film.titles)}\n"
            f"topic = {_quoted(film.topic)}\nseries = {_quoted(film.series)}\ncounts = true\n"
            f"credit = {_quoted(credit)}\nlicence = {_quoted(licence)}\n"
        )
    return "".join([*parts, rule])


def _table(words: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{key} = {_quoted(value)}" for key, value in words.items()) + " }"


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)  # a JSON string is a TOML basic string
