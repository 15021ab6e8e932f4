"""Looking through an editor's files, two at a time, and making the house profile of those that are not in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple, TypeVar

from msgspec.structs import replace

from studio import recipe
from studio.errors import Progress, StudioError, silent
from studio.house_profile import Declared, Fault, judge
from studio.probe import Probed, Refused
from studio.source import ItemSource, Source
from studio.workshop import Workshop

AT_ONCE: Final = 2  # two films fill two cores; more would only seek
MAX_FILES: Final = 5000
HEARING_SPEED: Final = 25.0  # seconds of film a second while its loudness is measured; for the weights alone
T = TypeVar("T")
R = TypeVar("R")


class Checked(NamedTuple):
    """One file: what it is, its faults, why it cannot be used at all, and what was made of it."""

    name: str
    path: Path
    probed: Probed | None = None
    faults: tuple[Fault, ...] = ()
    refusal: str = ""
    made: Path | None = None
    loudness: tuple[float | None, ...] = ()
    """LUFS of each sound track, as it would be published."""
    poster: Path | None = None
    refusal_zh: str = ""

    @property
    def ready(self) -> bool:
        """Whether it can be published as it is, or what was made of it."""
        return not self.refusal and (self.made is not None or not any(fault.grave for fault in self.faults))

    @property
    def fixable(self) -> bool:
        """Whether something better can be made of it."""
        return self.probed is not None and not self.refusal and bool(self.faults) and self.made is None


def files_of(folder: Path, source: Source | None) -> list[tuple[str, ItemSource | None]]:
    """Every file to look at: what the list names, and what lies there beside it; at most 5000."""
    named: list[tuple[str, ItemSource | None]] = [(one.file, one) for one in source.items if one.file] if source else []
    known = {name for name, _ in named} | {one.card for one in source.items if one.card} if source else set()
    found: list[tuple[str, ItemSource | None]] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or path.suffix == ".toml" or name in known or not path.is_file():
            continue
        found.append((name, None))
        if len(found) + len(named) > MAX_FILES:
            msg = f"{folder} holds more than {MAX_FILES} files: name a folder that holds the films alone"
            raise StudioError(msg)
    return named + found


def check(
    folder: Path,
    files: Sequence[tuple[str, ItemSource | None]],
    declared: Declared,
    *,
    workshop: Workshop,
    progress: Progress = silent,
) -> list[Checked]:
    """Look at each file, its loudness and key frames too; what was measured before is not measured again."""
    report = Counting(len(files), progress)

    def one(file: tuple[str, ItemSource | None]) -> Checked:
        name, item = file
        checked = _checked(folder / name, name, item, declared, workshop)
        report.done(name)
        return checked

    return two_at_once(one, files)


def _checked(path: Path, name: str, item: ItemSource | None, declared: Declared, workshop: Workshop) -> Checked:
    try:
        named = (item.audio, item.subtitles) if item else (None, None)
        probed = workshop.probe(path, *named, convertible=True)
        before = workshop.made(path, declared, card_of(path, item))
        if before is not None:
            made, told = before
            return Checked(name, path, probed, (), "", made, told.loudness, workshop.poster(made, workshop.probe(made)))
        seen = workshop.measured(path, probed)
    except Refused as error:
        return Checked(name, path, refusal=str(error), refusal_zh=error.zh)
    facts = replace(probed.facts, gap=seen.gap, loudness=seen.loudness or ())
    faults = judge(facts, declared)
    return Checked(name, path, probed, faults, "", None, facts.loudness, workshop.poster(path, probed))


def fix(
    checked: Sequence[Checked],
    items: dict[str, ItemSource | None],
    declared: Declared,
    *,
    workshop: Workshop,
    progress: Progress = silent,
) -> list[Checked]:
    """The same list, with what could be made of the faulty ones, and a poster for each; a finished one is kept."""
    report = Weighing([_weight(one, declared) for one in checked], progress)

    def each(numbered: tuple[int, Checked]) -> Checked:
        number, one = numbered
        path, probed = one.path, one.probed
        if probed is None or one.refusal:
            return one
        try:
            if one.fixable:
                card = card_of(one.path, items.get(one.name))
                told = report.teller(number, one.name)
                path, made = workshop.make(one.path, probed, declared, told, card)
                one = one._replace(made=path, loudness=made.loudness, faults=())
            return one._replace(poster=workshop.poster(path, workshop.probe(path) if one.made else probed))
        except Refused as error:
            return one._replace(refusal=str(error), refusal_zh=error.zh)
        finally:
            report.teller(number, one.name)(float("inf"), 0.0)

    return two_at_once(each, list(enumerate(checked)))


def card_of(path: Path, item: ItemSource | None) -> Path | None:
    """The picture that the editor puts to a sound."""
    if item is None or not item.card:
        return None
    card = path.parents[len(Path(item.file).parts) - 1] / item.card
    if not card.is_file():
        msg = f"there is no card {item.card}"
        raise Refused(msg, f"找不到配图 {item.card}")
    return card


def _weight(one: Checked, declared: Declared) -> float:
    if one.probed is None or not one.fixable:
        return 0.0
    return max(recipe.expected(one.probed.kind, one.probed.seconds, declared).seconds * recipe.SPEED, 0.1)


def two_at_once(do: Callable[[T], R], what: Sequence[T]) -> list[R]:
    """Do it for each, two at a time, in order; the first error ends it when those begun are done."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [pool.submit(do, one) for one in what]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


class Counting:
    """Progress by files."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total, self._progress, self._done, self._lock = max(total, 1), progress, 0, Lock()

    def done(self, name: str) -> None:
        """One more is done."""
        with self._lock:
            self._done += 1
            self._progress(f"{name} ({self._done}/{self._total})", self._done / self._total)


class Weighing:
    """Progress by seconds of film, with the minutes left as ffmpeg's own speed tells them."""

    def __init__(self, weights: list[float], progress: Progress) -> None:
        self._weights, self._progress, self._lock = weights, progress, Lock()
        self._made = [0.0] * len(weights)
        self._speed: dict[int, float] = {}

    def teller(self, number: int, name: str) -> Callable[[float, float], None]:
        """What ffmpeg tells of the file with this number."""

        def told(seconds: float, speed: float) -> None:
            with self._lock:
                self._made[number] = min(seconds, self._weights[number])
                self._speed[number] = speed
                total, made = sum(self._weights), sum(self._made)
                if not total:
                    return
                rate = sum(self._speed.values())
                left = f", {(total - made) / rate / 60:.0f} min left" if rate > 0 else ""
                self._progress(f"{name}{left}", made / total)

        return told
