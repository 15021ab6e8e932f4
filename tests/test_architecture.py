"""The walls of the house: where things may stand, what they may reach, and how large they may grow.

import-linter watches who imports whom (`pyproject.toml`); here is what imports do not tell. Each check takes a
folder and returns the faults it finds there; each is tried on the project, and on a fault that was planted.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
MODULE_LINES, FUNCTION_LINES, SCRIPT_LINES, PROTOCOL_METHODS = 300, 40, 60, 7
WATCHDOG_SECONDS: Final = 15  # bcm2835_wdt takes its time modulo 16

FOLDERS: Final = frozenset(
    {".ci", "central", "device_tree", "docs", "firmware", "hw", "mqtt_schema", "requirements", "scripts", "tests"}
)
PRODUCT: Final = ("firmware/", "central/", "mqtt_schema/", "scripts/")
BOX: Final = "firmware/estation_box/"
READERS: Final = (BOX + "settings.py", BOX + "words.py")  # read once what stands beside the program
OUTER: Final = tuple(BOX + name for name in ("apps/", "drivers/", "simulated/"))

CLOCKS: Final = {  # who reads a clock besides the box's apps, drivers and simulated; all others are told the time
    "central/estation_central/collector/app.py": "the collector's loop: tells each turn the time",
    "central/estation_central/collector/mqtt.py": "the broker's thread rests between messages that nobody waits for",
    "central/estation_central/alerting.py": "the command `alert`: a pass of now",
    "central/estation_central/believing.py": "the command `library`: when it was taken in",
    "central/estation_central/api/reading.py": "whether a token is still worth something, and a station still online",
    "central/estation_central/clustering.py": "the command `cluster`: the first day of a node's certificate",
    "central/estation_central/site/alerts.py": "the page of alerts: when one was taken up, until when one is quiet",
    "central/estation_central/site/headers.py": "how long a page took, for the log",
    "central/estation_central/site/watching.py": "the figures of now",
    "central/estation_central/command.py": "the command `take-reports`: the day on which reports were stored",
    "central/estation_central/enrolment/application.py": "each call is told the hour, and how long ago the last was",
    "central/estation_central/enrolment/server.py": "a call has so many seconds, beside gunicorn's own loop",
    "central/estation_central/filing.py": "the commands of the registry's files: the hour of each",
    "central/estation_central/keeping.py": "the commands of upkeep: the hour of a copy, and until when a token holds",
    "central/estation_central/ordering.py": "the commands that order and wait: a deadline on the terminal",
    "central/estation_central/paying.py": "the commands of the ledger: the hour of a batch, and what is overdue today",
    "central/estation_central/previewing.py": "the command `preview`: a fortnight from now, or from a named day",
    "central/estation_central/reckoning.py": "the command `reckon`: a pass is a pass of now",
    "central/estation_central/registering.py": "the commands of the registry: the date of a revocation",
    "central/estation_central/setting_up.py": "the command `init`: the first day of the authority",
    "central/estation_central/site/bulletins.py": "a page: it asks as it is asked",
    "central/estation_central/site/boxes.py": "the page of a station's box: the hour at which one came or left",
    "central/estation_central/site/importing.py": "the page of files: the hour of each, and how long one waits",
    "central/estation_central/site/ledger.py": "the pages of the ledger: the hour of a batch, what is overdue",
    "central/estation_central/site/officer.py": "the page of an officer: this week, and whether the link is good today",
    "central/estation_central/site/plays.py": "the page of the library: the last twelve months, where none are named",
    "central/estation_central/site/programme.py": "a page: the coming week begins now",
    "central/estation_central/site/regions.py": "the pages of coverage: what worked lately",
    "central/estation_central/site/reports.py": "the page of reports: the day on which they were stored",
    "central/estation_central/site/sites.py": "the page of a site: its year up to this week",
    "central/estation_central/site/sums.py": "the page of sums: the last four weeks, where no period is named",
    "central/estation_central/site/terms.py": "a page: last year is tried, and what was seen grows old",
    "central/estation_central/site/today.py": "the page of today",
    "central/estation_central/site/views.py": "a page is a page of now; queries and wording are told it",
    "central/estation_central/site/weeks.py": "the page of a site's week: whether it is this one",
    "central/studio/command.py": "the studio's command line: publishing and sticks are told it",
}
CLOCK_WORDS: Final = re.compile(
    r"(^|\.)(time\.(time|monotonic|perf_counter|process_time|clock_gettime|thread_time)(_ns)?|time\.(sleep|localtime)"
    r"|datetime\.(now|utcnow|today)|date\.today|timezone\.(now|localtime|localdate))$"
)
OUTSIDE: Final = frozenset(
    {"asyncio", "ftplib", "http", "importlib", "mmap", "multiprocessing", "requests", "select", "selectors", "shutil"}
    | {"smtplib", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "tempfile", "urllib", "urllib3"}
)
FILE_CALLS: Final = frozenset(
    {"glob", "iterdir", "mkdir", "read_bytes", "read_text", "rename", "rglob", "rmdir", "touch", "unlink"}
    | {"write_bytes", "write_text"}
)
MODE: Final = re.compile(r"[rwax][bt]?\+?[bt]?")
VAGUE: Final = frozenset({"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"})
MACHINE_PATH: Final = re.compile(r"(?<![\w.})>*-])/(?:work|root|home|Users)/")
REGISTRY: Final = re.compile(
    r"--(?:extra-)?index[-]url|--find[-]links|//[\w.@:-]*(?:pypi|pythonhosted|registry|artifact|nexus|mirror)[\w.-]*[:/]"
)
WATCHER: Final = re.compile(
    r"\b(?:cv2|pyaudio|sounddevice|soundcard|picamera2?|libcamera\w*|rpicam\w*|v4l2|gphoto2?|arecord|parecord|mediapipe"
    r"|face_recognition|dlib|speech_recognition|getUserMedia|mediaDevices)\b|/dev/video|/dev/media|av://v4l2"
)
WATCHDOG: Final = re.compile(r"^\s*(R(?:untime|eboot)WatchdogSec)\s*=\s*(.*?)\s*$", re.MULTILINE)
HASTY: Final = re.compile(r"\bjson\.decode\(.*\btype=")
STAND_INS: Final = re.compile(r"\bunittest\.mock\b|\bmonkeypatch\b|\bmocker\b|pytest\.skip|mark\.(?:skip|xfail)")
LINK: Final = re.compile(r"\]\(([^)#\s]+)")
PROOF: Final = re.compile(r"`(tests/[\w./-]+)`")


def files(root: Path) -> Iterator[tuple[str, str]]:
    """Each file that is tracked, or new and not ignored: its path below ``root`` and its text."""
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-coz", "--exclude-standard"],
            capture_output=True,
            check=True,
            timeout=30,
        )
        names = [name for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    for name in sorted(names):
        try:
            yield name, (root / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):  # a picture; a file that was removed and is not yet committed
            continue


def modules(root: Path, *folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Each Python module below ``folders``, parsed; migrations are Django's own work."""
    for name, text in files(root):
        if name.startswith(folders) and name.endswith(".py") and "/migrations/" not in name:
            yield name, _parsed(text)


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def imported(tree: ast.Module) -> set[str]:
    """The dotted names that a module imports, with the names taken from them."""
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level]
    return plain | {f"{node.module}.{alias.name}" for node in froms for alias in node.names}


def sizes(root: Path) -> list[str]:
    """Modules, functions and scripts that cannot be read in one go."""
    faults = []
    for name, text in files(root):
        lines = len(text.splitlines())
        script = re.fullmatch(r"(?:scripts|\.ci)/[^/.]+", name)
        if script and lines > SCRIPT_LINES:
            faults.append(f"{name} has {lines} lines: a script has at most {SCRIPT_LINES}")
        if name.startswith(PRODUCT) and name.endswith(".py") and "/migrations/" not in name and lines > MODULE_LINES:
            faults.append(f"{name} has {lines} lines: a module has at most {MODULE_LINES}")
    for name, tree in modules(root, *PRODUCT):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    faults.append(f"{name}: {node.name} has {lines} lines: a function has at most {FUNCTION_LINES}")
    return faults


def clocks(root: Path) -> list[str]:
    """Modules that ask what time it is, where time is an argument."""
    faults = []
    for name, tree in modules(root, "firmware/", "central/"):
        if name.startswith(OUTER) or name in CLOCKS:
            continue
        said = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)} | imported(tree)
        faults += [f"{name} reads a clock ({word})" for word in sorted(said) if CLOCK_WORDS.search(word)]
    return faults


def touches(root: Path) -> list[str]:
    """Rooms and words that open files or reach for the network, processes or a database."""
    faults = []
    for name, tree in modules(root, BOX, "firmware/estation_wire/"):
        if name.startswith(OUTER) or name in READERS:
            continue
        faults += [f"{name} imports {word}" for word in sorted(imported(tree)) if word.partition(".")[0] in OUTSIDE]
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        faults += [f"{name}:{call.lineno} touches a file" for call in calls if _on_file(call)]
    return faults


def _on_file(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id == "open"
    if not isinstance(call.func, ast.Attribute):
        return False
    modes = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    owner = ast.unparse(call.func.value)
    opens = call.func.attr == "open" and (owner in {"os", "io"} or any(MODE.fullmatch(mode) for mode in modes))
    return opens or call.func.attr in FILE_CALLS


def vague(root: Path) -> list[str]:
    """Rooms whose name does not say what is in them."""
    faults = []
    for name, _ in files(root):
        parts = re.sub(r"\.\w+$", "", name).split("/")
        faults += [f"{name}: «{part}» says nothing" for part in parts if VAGUE & set(re.split(r"[_-]", part.lower()))]
    return faults


def folders(root: Path) -> list[str]:
    """Folders beside the known ones."""
    tops = {name.partition("/")[0] for name, _ in files(root) if "/" in name}
    return [
        f"{name}/ is no folder of this house: place it, or add it here and to the README"
        for name in sorted(tops - FOLDERS)
    ]


def protocols(root: Path) -> list[str]:
    """Interfaces with more promises than one part can keep; those of bases in the same module count."""
    faults = []
    for name, tree in modules(root, "firmware/", "central/"):
        classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        promised = {
            node.name: len(_methods(node, classes))
            for node in classes.values()
            if "Protocol" in {ast.unparse(base) for base in node.bases}
        }
        faults += [
            f"{name}: {what} has {count} methods: an interface has at most {PROTOCOL_METHODS}"
            for what, count in promised.items()
            if count > PROTOCOL_METHODS
        ]
    return faults


def _methods(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> set[str]:
    bases = [classes[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in classes]
    own = {item.name for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)}
    return own.union(*(_methods(base, classes) for base in bases))


def _lines_with(pattern: re.Pattern[str], what: str, root: Path, *where: str) -> list[str]:
    return [
        f"{name}:{number} {what}: {line.strip()[:100]}"
        for name, text in files(root)
        if name.startswith(where or "")
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def machine_paths(root: Path) -> list[str]:
    """Paths that exist on one person's machine only."""
    return _lines_with(MACHINE_PATH, "names a path of one machine", root)


def registries(root: Path) -> list[str]:
    """Package registries by name: which one is used is the machine's setting, not the project's."""
    return _lines_with(REGISTRY, "names a package registry", root)


def watchers(root: Path) -> list[str]:
    """Anything that could see or hear the people in the room."""
    return _lines_with(WATCHER, "can watch people", root, *PRODUCT, "requirements/", "pyproject.toml", "hw/")


def watchdogs(root: Path) -> list[str]:
    """Watchdog times that the chip cannot hold."""
    faults = []
    for name, text in files(root):
        for key, value in WATCHDOG.findall(text) if name.startswith("firmware/image/") else ():
            seconds = re.fullmatch(r"(\d+)\s*(?:s|sec)?", value)
            if not seconds or not 0 < int(seconds[1]) <= WATCHDOG_SECONDS:
                faults.append(
                    f"{name}: {key}={value}: write 1 to {WATCHDOG_SECONDS} seconds, the chip counts modulo 16"
                )
    return faults


def stand_ins(root: Path) -> list[str]:
    """Tests that patch, mock or skip: we have fakes with behaviour, and a test that is skipped proves nothing."""
    return [
        line
        for line in _lines_with(STAND_INS, "mocks, patches or skips", root, "tests/")
        if "test_architecture" not in line
    ]


def hasty_decoders(root: Path) -> list[str]:
    """Types that are given to msgspec's own function: `estation_wire.decoding` says why two threads die of it."""
    what = "ask estation_wire.decoding for a decoder"
    return [line for part in ("firmware/", "central/", "scripts/") for line in _lines_with(HASTY, what, root, part)]


def dead_links(root: Path) -> list[str]:
    """Papers that lead to nothing: relative links, and tests that are named as a proof."""
    faults = []
    for name, text in files(root):
        if name.endswith(".md"):
            here = (root / name).parent
            leads = [here / link for link in LINK.findall(text) if "://" not in link]
            leads += [root / proof for proof in PROOF.findall(text)]
            faults += [f"{name} leads to {lead.name}, which is not there" for lead in leads if not lead.exists()]
    return faults


class Wall(NamedTuple):
    """A check, and a file that it must refuse."""

    check: Callable[[Path], list[str]]
    plant: str
    text: str


LONG_BODY: Final = "    x = 1\n"
WALLS: Final = (
    Wall(sizes, BOX + "playout/long.py", "x = 1\n" * 301),
    Wall(sizes, BOX + "playout/long.py", "def f():\n" + LONG_BODY * 40),
    Wall(sizes, "scripts/long", "true\n" * 61),
    Wall(clocks, BOX + "programme/rules.py", "import time\nat = time.monotonic()\n"),
    Wall(clocks, BOX + "programme/rules.py", "from time import time_ns\n"),
    Wall(clocks, BOX + "programme/rules.py", "import datetime as d\nnow = d.datetime.now(d.UTC)\n"),
    Wall(clocks, "central/estation_central/stations/week.py", "from datetime import date\nday = date.today()\n"),
    Wall(clocks, "central/estation_central/collector/rules.py", "import time\nclock = time.sleep\n"),
    Wall(touches, BOX + "library/rules.py", "with open('catalogue') as file: pass\n"),
    Wall(touches, BOX + "journal/service.py", "import sqlite3\n"),
    Wall(touches, BOX + "journal/service.py", "from urllib import request\n"),
    Wall(touches, BOX + "playout/service.py", "def f(path): return path.read_bytes()\n"),
    Wall(touches, BOX + "playout/service.py", "def f(path): return path.open('rb')\n"),
    Wall(touches, "firmware/estation_wire/codec.py", "def f():\n    import socket\n"),
    Wall(vague, BOX + "utils/__init__.py", ""),
    Wall(vague, BOX + "playout/clip_manager.py", ""),
    Wall(folders, "backend/app.py", ""),
    Wall(
        protocols,
        BOX + "tv/interfaces.py",
        "class Tv(Protocol):\n" + "".join(f"    def m{n}(self): ...\n" for n in range(8)),
    ),
    Wall(machine_paths, "docs/run.md", f"cd /{'home'}/somebody/estation\n"),
    Wall(registries, "requirements/box.lock", f"--{'index-url'} https://example.org/simple\n"),
    Wall(registries, "scripts/set-up", f"curl https://{'pypi'}.example.org/simple\n"),
    Wall(watchers, BOX + "drivers/eye.py", "import cv2\n"),
    Wall(watchers, BOX + "drivers/mpv.py", "SOURCE = '/dev/video0'\n"),
    Wall(watchdogs, "firmware/image/system.conf.d/watchdog.conf", "[Manager]\nRuntimeWatchdogSec=16\n"),
    Wall(watchdogs, "firmware/image/system.conf.d/watchdog.conf", "[Manager]\nRebootWatchdogSec=10min\n"),
    Wall(dead_links, "docs/index.md", "See [the plan](plan.md).\n"),
    Wall(dead_links, "README.md", "Proven in `tests/core/test_nothing.py`.\n"),
    Wall(stand_ins, "tests/core/test_core.py", "from unittest.mock import Mock\n"),
    Wall(hasty_decoders, "central/studio/probe.py", "import msgspec\nx = msgspec.json.decode(b'', type=Answer)\n"),
)
LIGHT: Final = (  # what a process must never load: memory on the box, restarts at the centre
    (
        "estation_box.apps.core",
        "mpv tuf icalendar dateutil cryptography PIL urllib3 django estation_box.simulated",
    ),
    (
        "estation_box.apps.safe",
        (
            "estation_box.apps.core estation_box.apps.core_loop estation_box.apps.core_parts "
            "estation_box.journal.service estation_box.playout.service estation_box.programme.service "
            "estation_box.clock.service sqlite3 paho mpv tuf"
        ),
    ),
    ("estation_central.collector.app", "django"),
)


@pytest.mark.parametrize("check", dict.fromkeys(wall.check for wall in WALLS), ids=lambda check: check.__name__)
def test_wall_stands(check: Callable[[Path], list[str]]) -> None:
    """The project keeps its own rules."""
    assert check(ROOT) == []


@pytest.mark.parametrize("wall", WALLS, ids=lambda wall: f"{wall.check.__name__}: {wall.plant.rpartition('/')[2]}")
def test_wall_refuses_what_was_planted(wall: Wall, tmp_path: Path) -> None:
    """A rule that is broken is noticed."""
    planted = tmp_path / wall.plant
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(wall.text, encoding="utf-8")
    assert wall.check(tmp_path)


def loads(module: str, names: str, *paths: Path) -> set[str]:
    """Which of the packages ``names`` a fresh Python holds after importing ``module``."""
    code = f"import sys; sys.path[:0] = {[str(path) for path in paths]!r}; import {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split()) & set(names.split())


@pytest.mark.parametrize(("module", "names"), LIGHT, ids=lambda value: value.partition(" ")[0])
def test_long_lived_processes_stay_light(module: str, names: str) -> None:
    """What must run for years in little memory does not load what it does not use."""
    assert loads(module, names) == set()


def test_heavy_import_is_noticed(tmp_path: Path) -> None:
    """A heavy package that comes in by a side door is seen."""
    (tmp_path / "planted.py").write_text("def f():\n    import urllib3\n\nf()\n", encoding="utf-8")
    assert loads("planted", "urllib3 django", tmp_path) == {"urllib3"}


def test_clock_list_names_only_modules_that_need_it() -> None:
    """A module that no longer reads a clock loses its leave."""
    reading = {name for name, tree in modules(ROOT, "central/") if any(map(CLOCK_WORDS.search, _said(tree)))}
    assert reading == set(CLOCKS)


def _said(tree: ast.Module) -> set[str]:
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
