"""Reads systemd's unit files as far as ours use them, for the stand-in for PID 1.

A directive that changes what happens and is not understood is an error; sandboxing, which only PID 1 can do, is
passed over and listed. Words and meanings are those of systemd.unit(5), systemd.service(5), .path(5) and .timer(5).
"""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

from msgspec import MsgspecError, Struct, convert, field

PYTHON: Final = "/usr/lib/estation/bin/python"
DIRECTORIES: Final = {"RuntimeDirectory": "run", "StateDirectory": "var/lib", "ConfigurationDirectory": "etc"}
SPANS: Final = {"ms": 0.001, "s": 1.0, "": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
SIZES: Final = {"K": 2**10, "M": 2**20, "G": 2**30}
_ON_FAILURE: Final = re.compile(r"^OnFailure=(.*)$", re.MULTILINE)
_SPAN: Final = re.compile(r"(\d+)\s*(ms|s|min|h|d|w|)\s*")
PASSED_OVER: Final = re.compile(
    r"Description|BindPaths|Documentation|PartOf|Wants|Conflicts|User|Group|SupplementaryGroups|TemporaryFileSystem|\w+DirectoryMode|UMask|LimitCORE|Nice"
    r"|OOMScoreAdjust|IOSchedulingClass|CPUWeight|Memory(?!Max$)[A-Z]\w+|Device[A-Z]\w+|IPAddress[A-Z]\w+|Proc[A-Z]\w+"
    r"|(Protect|Private|Restrict)[A-Z]\w+|(Read\w+|Inaccessible)Paths|AmbientCapabilities|CapabilityBoundingSet|NoNewPrivileges"
    r"|LockPersonality|KeyringMode|RemoveIPC|SystemCall\w+|RandomizedDelaySec"
)


class UnitError(Exception):
    """The unit files cannot be run here; each fault is named."""


class Service(Struct, frozen=True, kw_only=True):
    """One ``.service``. Times are seconds; ``directories`` maps systemd's variable to a path below the root."""

    name: str
    command: tuple[str, ...]
    after: tuple[str, ...] = ()
    kind: Literal["notify", "simple", "oneshot"] = "simple"
    environment: Mapping[str, str] = field(default_factory=dict)
    directories: Mapping[str, str] = field(default_factory=dict)
    restart: Literal["no", "on-failure", "always"] = "no"
    restart_seconds: float = 0.1
    final_exits: frozenset[int] = frozenset()
    watchdog_seconds: float | None = None
    start_seconds: float = 90.0
    stop_seconds: float = 90.0
    abort_seconds: float = 90.0
    limit_starts: int = 5
    limit_seconds: float = 10.0
    on_failure: tuple[str, ...] = ()
    success_action: Literal["none", "reboot"] = "none"
    memory_bytes: int | None = None


class PathTrigger(Struct, frozen=True):
    """One ``.path``: while ``path`` (below the root) exists, ``unit`` is to run."""

    name: str
    unit: str
    path: str


class Timer(Struct, frozen=True):
    """One ``.timer``: starts ``unit`` at midnight (``OnCalendar=daily``), or by the seconds since boot and last end."""

    name: str
    unit: str
    boot_seconds: float | None = None
    again_seconds: float | None = None


class Units(Struct, frozen=True):
    """What a folder holds. ``wanted``: the names that a target starts; ``passed_over``: the directives not applied."""

    services: Mapping[str, Service]
    paths: tuple[PathTrigger, ...]
    timers: tuple[Timer, ...]
    wanted: frozenset[str]
    passed_over: tuple[str, ...]


def read(folder: Path) -> Units:
    """The units of a folder; raises `UnitError` with every fault together."""
    faults: list[str] = []
    services: dict[str, Service] = {}
    paths: list[PathTrigger] = []
    timers: list[Timer] = []
    wanted: set[str] = set()
    passed_over: set[str] = set()
    for name, text in _texts(folder, faults).items():
        kind = name.rpartition(".")[2]
        try:
            directives = _directives(text)
            said = {name: values for name, values in directives.items() if not PASSED_OVER.fullmatch(name)}
            passed_over |= directives.keys() - said.keys()
            if said.pop("WantedBy", None):
                wanted.add(name)
            if kind == "service":
                services[name] = _service(name, said)
            elif kind == "path":
                paths.append(_path(name, said))
            elif kind == "timer":
                timers.append(_timer(name, said))
            else:
                _nothing_left(said)
        except (ValueError, MsgspecError) as error:
            faults.append(f"{name}: {error}")
    triggers: list[PathTrigger | Timer] = [*paths, *timers]
    faults += [f"{one.name}: there is no {one.unit}" for one in triggers if one.unit not in services]
    for one in services.values():
        faults += [f"{one.name}: there is no {other}" for other in one.on_failure if other not in services]
    if faults or not services:
        raise UnitError("; ".join(faults) or f"{folder} holds no services")
    return Units(services, tuple(paths), tuple(timers), frozenset(wanted), tuple(sorted(passed_over)))


def span(text: str) -> float:
    """Seconds of a time span such as ``100ms``, ``2min`` or ``1h 30min``; raises `ValueError`."""
    if not text or not re.fullmatch(f"(?:{_SPAN.pattern})+", text):
        msg = f"{text!r} is no time span"
        raise ValueError(msg)
    return round(sum(int(number) * SPANS[unit] for number, unit in _SPAN.findall(text)), 3)  # whole milliseconds


def size(text: str) -> int:
    """Bytes of a size such as ``90M``; raises `ValueError`."""
    if not text[:-1].isdigit() or text[-1:] not in SIZES:
        msg = f"{text!r} is no size, such as 90M"
        raise ValueError(msg)
    return int(text[:-1]) * SIZES[text[-1]]


def _texts(folder: Path, faults: list[str]) -> dict[str, str]:
    """What each unit says, and each instance of a template that an ``OnFailure=`` names; ``%p`` and ``%i`` are in."""
    texts: dict[str, str] = {}
    for file in sorted(folder.iterdir()):
        try:
            texts[file.name] = file.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            faults.append(f"{file.name}: {error}")
    units = {name: _specified(name, text) for name, text in texts.items() if "@." not in name}
    for text in tuple(units.values()):
        for name in " ".join(_ON_FAILURE.findall(text)).split():
            template = re.sub(r"@.*\.", "@.", name)
            if template in texts:
                units[name] = _specified(name, texts[template])
    return units


def _specified(name: str, text: str) -> str:
    prefix, _, instance = name.rpartition(".")[0].partition("@")
    return text.replace("%p", prefix).replace("%i", instance)


def _directives(text: str) -> dict[str, list[str]]:
    """Every directive with its values; sections do not matter, since no name stands in two of them."""
    found: dict[str, list[str]] = defaultdict(list)
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line[0] in "#;[":
            continue
        name, equals, value = line.partition("=")
        if not equals or line.endswith("\\"):
            msg = f"line {number} cannot be read: {line!r}"
            raise ValueError(msg)
        found[name.strip()].append(value.strip())
    return found


def _service(name: str, said: dict[str, list[str]]) -> Service:
    if said.pop("NotifyAccess", ["main"])[-1] != "main":
        msg = "NotifyAccess=main is the one way here"
        raise ValueError(msg)
    kept = said.pop("RuntimeDirectoryPreserve", ["no"])[-1]
    if "RuntimeDirectory" in said and kept != "yes":
        msg = "RuntimeDirectory= goes with RuntimeDirectoryPreserve=yes here: several units share it"
        raise ValueError(msg)
    directories = {
        re.sub("Directory$", "_DIRECTORY", key).upper(): f"{below}/{said.pop(key)[-1]}"
        for key, below in DIRECTORIES.items()
        if key in said
    }
    lines = said.pop("Environment", [])
    pairs = (pair.partition("=") for line in lines for pair in shlex.split(line))
    fields = {_FIELDS[key][0]: _FIELDS[key][1](said.pop(key)[-1]) for key in list(said) if key in _FIELDS}
    _nothing_left(said)
    own = {"name": name, "directories": directories, "environment": {key: value for key, _, value in pairs}}
    return convert({**own, **fields}, Service)


def _path(name: str, said: dict[str, list[str]]) -> PathTrigger:
    unit, path = _unit(name, said), said.pop("PathExists", [""])[-1]
    _nothing_left(said)
    if not path.startswith("/"):
        msg = "PathExists= with an absolute path is the one way here"
        raise ValueError(msg)
    return PathTrigger(name, unit, path.lstrip("/"))


def _timer(name: str, said: dict[str, list[str]]) -> Timer:
    unit, when = _unit(name, said), said.pop("OnCalendar", [""])[-1]
    said.pop("Persistent", None)  # a box that was never on before has missed nothing
    boot, again = said.pop("OnBootSec", None), said.pop("OnUnitInactiveSec", None)
    _nothing_left(said)
    if boot and again and not when:
        return Timer(name, unit, span(boot[-1]), span(again[-1]))
    if when != "daily" or boot or again:
        msg = "OnCalendar=daily, or OnBootSec= with OnUnitInactiveSec=, are the ways here"
        raise ValueError(msg)
    return Timer(name, unit)


def _unit(name: str, said: dict[str, list[str]]) -> str:
    return said.pop("Unit", [f"{name.rpartition('.')[0]}.service"])[-1]


def _nothing_left(said: Mapping[str, list[str]]) -> None:
    if said:
        msg = f"{', '.join(sorted(said))}: not understood by the stand-in for PID 1"
        raise ValueError(msg)


def _command(text: str) -> tuple[str, ...]:
    words = tuple(shlex.split(text))
    if not words or words[0] != PYTHON or any(mark in text for mark in "%$"):
        msg = f"ExecStart= runs {PYTHON} with plain words here, not {text!r}"
        raise ValueError(msg)
    return words[1:]


def _exits(text: str) -> frozenset[int]:
    return frozenset(int(word) for word in text.split())


_FIELDS: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    "Type": ("kind", str),
    "ExecStart": ("command", _command),
    "Restart": ("restart", str),
    "RestartSec": ("restart_seconds", span),
    "After": ("after", lambda text: tuple(text.split())),
    "RestartPreventExitStatus": ("final_exits", _exits),
    "WatchdogSec": ("watchdog_seconds", span),
    "TimeoutStartSec": ("start_seconds", span),
    "TimeoutStopSec": ("stop_seconds", span),
    "TimeoutAbortSec": ("abort_seconds", span),
    "OnFailure": ("on_failure", lambda text: tuple(text.split())),
    "SuccessAction": ("success_action", str),
    "StartLimitBurst": ("limit_starts", int),
    "MemoryMax": ("memory_bytes", size),
    "StartLimitIntervalSec": ("limit_seconds", span),
}
