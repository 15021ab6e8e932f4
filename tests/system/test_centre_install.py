"""The centre as docs/centre.md says it, in an empty Debian: installed, set up, started, copied, put back."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.mosquitto import _listens

ROOT = Path(__file__).parents[2]
SECONDS = 1500
PIP = (Path("/etc/pip.conf"), Path.home() / ".config/pip/pip.conf")
SPOKEN = "runuser -u postgres -- "


class Machine:
    """A root of its own; no systemd runs in it, so its units are started by hand, as their user."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, words: str, *, status: int = 0) -> str:
        """Run a line of shell as root."""
        done = subprocess.run(
            ["chroot", self.root, "/bin/bash", "-c", f"cd /estation && {words}"],
            capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == status, f"{words}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """An empty Debian of this machine's release, with the project's files in it and this machine's way to packages."""
    busy = [port for port in (5432, 8080, 8883) if _listens(port)]
    assert not busy, f"something on this machine listens on {busy}, where the centre will: stop it first"
    root = tmp_path_factory.mktemp("machine") / "root"
    release = re.search(r"VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text())
    assert release
    sources = [*Path("/etc/apt").glob("sources.list*/*.sources"), Path("/etc/apt/sources.list")]
    told = [path for path in sources if path.exists() and path.read_text().strip()]
    assert told, "this machine names no source of packages"
    command = ["mmdebstrap", "--variant=apt", "--include=ca-certificates", release[1], root, told[0]]
    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], check=True, capture_output=True, timeout=60).stdout
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (root / "estation" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / "estation" / name)
    for path in PIP:
        if path.exists():
            (root / "etc/pip.conf").write_text(path.read_text())
    shutil.copy2("/etc/resolv.conf", root / "etc/resolv.conf")
    if trusted := os.environ.get("PIP_CERT"):  # the way to packages may have an authority of its own
        (root / trusted.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(trusted, root / trusted.lstrip("/"))
    mounts = {"proc": ("-t", "proc", "proc"), "dev": ("--bind", "/dev")}
    for place, words in mounts.items():
        subprocess.run(["mount", *words, root / place], check=True, timeout=60)
    try:
        yield Machine(root)
    finally:
        for process in Path("/proc").glob("[0-9]*"):  # whatever still runs in that root
            with suppress(OSError):
                if (process / "root").resolve() == root:
                    os.kill(int(process.name), signal.SIGKILL)
        for place in mounts:
            subprocess.run(["umount", "-l", root / place], check=True, timeout=60)


@pytest.mark.soak
@pytest.mark.root
def test_the_documented_way(machine: Machine) -> None:
    """Each step of docs/centre.md; at the end a copy is put back and the doctor finds no fault in the tables."""
    text = (ROOT / "docs/centre.md").read_text()
    machine.run("scripts/install-centre")
    drawn = "from estation_central.site.poster_picture import drawable; assert drawable()"
    machine.run(f"/opt/estation/bin/python -c '{drawn}'")  # the faces of a poster came with it
    machine.run("pg_ctlcluster $(pg_lsclusters -h | awk '{print $1, $2}') start")
    steps = rf"^    ((?:{SPOKEN}|estation-central init|estation-central alert-channel).*)$"
    setting_up = re.findall(steps, text, re.MULTILINE)
    assert len(setting_up) == 5
    for line in setting_up[:4]:
        machine.run(line.partition("#")[0])
    machine.run("DJANGO_SUPERUSER_PASSWORD='right enough 77' estation-central django createsuperuser --noinput "
                "--username admin --email a@example.org")  # fmt: skip
    user = "setpriv --reuid estation-centre --regid estation-centre --init-groups"
    machine.run(f"{user} mosquitto -d -c /var/lib/estation-centre/broker/mosquitto.conf")
    machine.run("(estation-central serve >/tmp/serve.log 2>&1 &) ; for n in $(seq 100); do python3 -c "
                "\"import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz')\" && exit 0; sleep 0.3; done; "
                "cat /tmp/serve.log; exit 1")  # fmt: skip
    told = machine.run("estation-central doctor")
    assert "ok    tables" in told
    assert "ok    broker" in told
    made = machine.run("estation-central backup /var/backups/estation-centre").strip()
    assert made.startswith("/var/backups/estation-centre/")
    machine.run(setting_up[4])
    machine.run("sed -i s,/estation?,/estation2?, /etc/estation-centre/environment")
    machine.run(f"estation-central restore --over {made}")
    assert "ok    tables" in machine.run("estation-central doctor")
    assert machine.run("estation-central api-token make admin watch").startswith("estation_")
