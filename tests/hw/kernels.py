"""Debian's kernels, as far as they are needed to judge an overlay: base trees of the boards, and the bindings.

Fetched by apt from the archive that this machine uses, into a root of its own below ``build/kernels``; nothing is
installed, no foreign architecture is added. Two kernels: Debian 13's, which halls run, and the newest, which knows
the Pi 5. What was fetched once stays there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from zlib import crc32

from tests.support import kept

KEPT: Final = kept.BUILD / "kernels"
LARGEST_BYTES: Final = 200_000_000  # a kernel's source was 164 MB, a kernel 93 MB, when this was written
WITHIN_SECONDS: Final = 240.0
KEYS: Final = "/usr/share/keyrings/debian-archive-keyring.gpg"
KERNELS: Final = {  # the package's name, and what is wanted of it; the newest's image is in another, and not needed
    "stable": (r"linux-image-6\.12\.[\d.]+\+deb13-arm64", "*/broadcom/*.dtb", "./boot/vmlinuz-*"),
    "newest": (r"linux-base-[\d.]+\+deb\d+-arm64", "*/broadcom/*.dtb"),
}
BINDINGS: Final = (  # of our nodes, and what those refer to
    "arm/primecell",
    "i2c/brcm,bcm2835-i2c",
    "i2c/snps,designware-i2c",
    "leds/common",
    "leds/leds-gpio",
    "net/bluetooth/bluetooth-controller",
    "net/bluetooth/brcm,bluetooth",
    "pinctrl/pincfg-node",
    "pinctrl/pinctrl",
    "pinctrl/pinmux-node",
    "pinctrl/raspberrypi,rp1-gpio",
    "rtc/rtc",
    "rtc/rtc-ds1307",
    "serial/pl011",
    "serial/serial",
    "serial/serial-peripheral-props",
)


class CannotFetchError(Exception):
    """This machine cannot reach what a test needs; the text says what, and from where it would come."""


def base_trees(kernel: str) -> Path:
    """The folder with the trees ``*.dtb`` of ``kernel``: "stable" (Debian 13's, with its ``vmlinuz``) or "newest"."""
    with kept.once(KEPT / kernel) as folder:
        if folder is not None:
            name, *wanted = KERNELS[kernel]
            root = _unpacked(newest(name), wanted)
            trees = next(root.rglob("bcm2711-rpi-4-b.dtb")).parent
            shutil.copytree(trees, folder)
            for image in root.glob("boot/vmlinuz-*"):
                shutil.copy(image, folder / "vmlinuz")
            shutil.rmtree(root)
    return KEPT / kernel


def bindings() -> Path:
    """The folder with the few bindings that speak of our nodes, from the newest kernel's source package."""
    name = f"bindings-{crc32(' '.join(BINDINGS).encode()):08x}"
    with kept.once(KEPT / name) as folder:
        if folder is not None:
            version = re.match(r"linux-base-(\d+\.\d+)", newest(r"linux-base-[\d.]+\+deb\d+-arm64"))
            assert version
            _unpack_bindings(f"linux-source-{version[1]}", folder)
    return KEPT / name


def _options(apt: Path) -> list[str]:
    for folder in ("etc/apt.conf.d", "etc/preferences.d", "state/lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    (apt / "state/status").touch()
    settings = {
        "Dir::Etc::sourcelist": apt / "etc/sources.list",
        "Dir::Etc::sourceparts": apt / "etc/none",
        "Dir::Etc::preferencesparts": apt / "etc/preferences.d",
        "Dir::State": apt / "state",
        "Dir::State::status": apt / "state/status",
        "Dir::Cache": apt / "cache",
        "Dir::Cache::pkgcache": "pkgcache.bin",  # a container's apt has none, and reads all lists for each question
        "Dir::Cache::srcpkgcache": "srcpkgcache.bin",
        "APT::Architecture": "arm64",
        "APT::Architectures::": "arm64",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "APT::Update::Error-Mode": "any",  # a list that is missing is no list
    }
    return [f"-o{name}={value}" for name, value in settings.items()]


def _apt(*command: str, folder: Path = kept.ROOT, apt: Path = KEPT / "apt") -> str:
    try:
        done = subprocess.run(
            [command[0], *_options(apt), *command[1:]],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=WITHIN_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        msg = f"{command[0]}: {error}"
        raise CannotFetchError(msg) from error
    if done.returncode:
        msg = f"this machine cannot fetch from Debian's archive ({' '.join(command)}): {done.stderr.strip()[-300:]}"
        raise CannotFetchError(msg)
    return done.stdout


def newest(pattern: str, apt: Path = KEPT / "apt", site: str = "") -> str:
    """The newest package whose name is ``pattern``; reads the lists of ``site`` (this machine's) the first time."""
    sources = apt / "etc/sources.list"
    if not sources.exists():
        _options(apt)
        lines = [f"deb [signed-by={KEYS}] {site or _site()} {suite} main\n" for suite in ("trixie", "sid")]
        sources.write_text("".join(lines))
        try:
            _apt("apt-get", "-qq", "update", apt=apt)
        except CannotFetchError:
            sources.unlink()
            raise
    found = _apt("apt-cache", "pkgnames", pattern.partition("\\")[0].partition("[")[0], apt=apt).split()
    names = [name for name in found if re.fullmatch(pattern, name)]
    if not names:
        msg = f"Debian's archive has no package like {pattern}"
        raise CannotFetchError(msg)
    return max(names, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])


def _site() -> str:
    """The archive that this machine's apt uses."""
    seen = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(CODENAME)"], capture_output=True, text=True, check=True
    )
    sites = [line.split()[0] for line in seen.stdout.splitlines() if not line.endswith("-security")]
    if not sites:
        msg = "apt knows no archive on this machine: run apt-get update once"
        raise CannotFetchError(msg)
    return sites[0]


def _fetched(package: str) -> Path:
    said = _apt("apt-cache", "show", "--no-all-versions", package)
    size = re.search(r"^Size: (\d+)$", said, re.MULTILINE)
    if not size or int(size[1]) > LARGEST_BYTES:
        msg = f"{package} is larger than {LARGEST_BYTES} bytes: look what became of it"
        raise CannotFetchError(msg)
    folder = KEPT / "fetched"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    _apt("apt-get", "-qq", "download", package, folder=folder)
    return next(folder.glob("*.deb"))


def _unpacked(package: str, wanted: Iterable[str]) -> Path:
    """The files of the package that are like ``wanted``: its other hundred megabytes, the modules, touch no disk."""
    fetched = _fetched(package)
    into = KEPT / "unpacked"
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    line = 'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --wildcards "${@:3}"'
    subprocess.run(
        ["bash", "-o", "pipefail", "-c", line, "bash", fetched, into, *wanted], check=True, timeout=WITHIN_SECONDS
    )
    shutil.rmtree(fetched.parent)
    return into


def _unpack_bindings(package: str, folder: Path) -> None:
    fetched = _fetched(package)
    folder.mkdir()
    inner = f"./usr/src/{package}.tar.xz"
    wanted = [f"{package}/Documentation/devicetree/bindings/{name}.yaml" for name in BINDINGS]
    # `--occurrence` ends with the last of them, near the archive's beginning, and does not unpack 1.5 GB after it. What
    # feeds it is cut off then, so its own word counts alone: a name that it did not find, or an archive cut short.
    line = 'dpkg-deb --fsys-tarfile "$1" | tar -xO "$2" | xz -dc -T2'
    line += ' | tar -x -C "$3" --occurrence --strip-components=4 "${@:4}"'
    subprocess.run(
        ["bash", "-c", line, "bash", fetched, inner, folder, *wanted],
        check=True,
        timeout=WITHIN_SECONDS,
    )
    shutil.rmtree(fetched.parent)
