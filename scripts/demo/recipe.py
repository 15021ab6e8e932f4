"""What ``films.toml`` says, as values; and the hash by which finished films are kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from estation_wire.audience import Topic
from estation_wire.library import Series, Titles

HERE: Final = Path(__file__).parent
MAKERS: Final = ("drawing.py", "encoding.py", "filmed.py", "films.py", "narration.py", "recipe.py")
CLIPS_LOCK: Final = HERE.parents[1] / "requirements" / "demo-clips.lock"
SPOKEN: Final = ("zh-Hans", "en")
WRITTEN: Final = ("zh-Hans", "en", "ug-Arab")


class Cue(Struct, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    """One sentence, in every language, and its seconds in the film."""

    begin: float
    end: float
    words: dict[str, str]


class Film(Struct, frozen=True, kw_only=True):
    """One film: drawn where it has ``seconds`` and ``cues``, else the filmed clip. ``ink`` is its title's colour."""

    id: str
    topic: Topic
    series: str
    titles: Titles
    seconds: float = 0.0
    ink: str = ""
    cues: tuple[Cue, ...] = ()

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.id}.mp4"


class Recipe(Struct, frozen=True, kw_only=True):
    """All that is made. ``name`` is the association's."""

    name: str
    series: tuple[Series, ...]
    films: tuple[Film, ...]
    clip: Film


def read_recipe() -> Recipe:
    """The recipe in ``films.toml``."""
    return msgspec.toml.decode((HERE / "films.toml").read_bytes(), type=Recipe)


def fingerprint() -> str:
    """Sixteen hex digits of everything that decides how the films look and sound: another recipe, other films."""
    sources = [*(HERE / name for name in MAKERS), *(HERE / "scenes").glob("*.py"), HERE / "films.toml", CLIPS_LOCK]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
