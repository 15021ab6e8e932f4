"""What a figure was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path


def description() -> dict[str, str]:
    """Processor, memory, system and the versions of what plays, by name; «not known» where the machine does not say."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": _after("model name", Path("/proc/cpuinfo")),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": _memory(),
        "kernel": platform.release(),
        "system": _after("PRETTY_NAME", Path("/etc/os-release"), "=").strip('"'),
        "Python": platform.python_version(),
        "libmpv": _package("libmpv2"),
        "ffmpeg": _package("ffmpeg"),
        "screen": "a virtual one (Xvfb), drawn by the processor",
    }


def _after(key: str, path: Path, sign: str = ":") -> str:
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        name, _, value = line.partition(sign)
        if name.strip() == key:
            return value.strip()
    return "not known"


def _memory() -> str:
    kilobytes = _after("MemTotal", Path("/proc/meminfo")).split()[0]
    return f"{int(kilobytes) / 1024**2:.1f} GiB" if kilobytes.isdigit() else "not known"


def _package(name: str) -> str:
    asked = ["dpkg-query", "-W", "-f", "${Version}", name]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=10)
    return done.stdout or "not known"
