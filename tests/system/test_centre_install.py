"""The centre as docs/centre.md says it, in an empty Debian: installed, started, a box lives, copied, put back."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from estation_box.drivers.mqtt import Broker
from estation_box.reporting.interfaces import Arrived, Connected
from estation_central.collector.interfaces import Arrival
from estation_wire.messages import JournalState
from tests.support.box_link import Box
from tests.support.centre import JOURNAL, REGION, events, hello, record
from tests.support.enrolment import Office, request
from tests.support.mosquitto import _listens

ROOT = Path(__file__).parents[2]
SECONDS = 1500
HEARD_SECONDS = 3.0  # what is heard is stored by then
PORTS = (443, 5432, 8080, 8444, 8883, 9464)
PIP = (Path("/etc/pip.conf"), Path.home() / ".config/pip/pip.conf")
SPOKEN = "runuser -u postgres -- "
SERVICE = "setpriv --reuid estation-centre --regid estation-centre --init-groups"
BINDS = "--inh-caps +net_bind_service --ambient-caps +net_bind_service"  # as its unit may, for 443
STATE = "var/lib/estation-centre"
STATION = "hall-0001"
URL = "https://127.0.0.1:8444/enrol"
CALLS = ["--region", REGION, "--title", "文化室", "--site", "village-0001"]
STORED = "runuser -u postgres -- psql -At estation -c 'SELECT seq FROM journal_record ORDER BY seq'"


ALONE = ["unshare", "--mount", "--propagation", "private"]
"""What is mounted for a command is seen by nobody else and goes with it: whoever removes the root later, after a run
that was killed as well, must not find this machine's own devices in it."""
MOUNTED = 'mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && exec chroot "$0" /bin/bash -c "$1"'


class Machine:
    """A root of its own; no systemd runs in it, so its units are started by hand, as their user."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, words: str, *, status: int = 0) -> str:
        """Run a line of shell as root."""
        done = subprocess.run(
            [*ALONE, "sh", "-c", MOUNTED, self.root, f"cd /estation && {words}"],
            capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == status, f"{words}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """An empty Debian of this machine's release, with the project's files in it and this machine's way to packages."""
    busy = [port for port in PORTS if _listens(port)]
    assert not busy, f"something on this machine listens on {busy}, where the centre will: stop it first"
    root = tmp_path_factory.mktemp("machine") / "root"
    release = re.search(r"VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text())
    assert release
    sources = [*Path("/etc/apt").glob("sources.list*/*.sources"), Path("/etc/apt/sources.list")]
    told = [path for path in sources if path.exists() and path.read_text().strip()]
    assert told, "this machine names no source of packages"
    command = [*ALONE, "mmdebstrap", "--variant=apt", "--include=ca-certificates", release[1], root, told[0]]
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
    try:
        yield Machine(root)
    finally:
        for process in Path("/proc").glob("[0-9]*"):  # whatever still runs in that root
            with suppress(OSError):
                if (process / "root").resolve() == root:
                    os.kill(int(process.name), signal.SIGKILL)


@pytest.mark.soak
@pytest.mark.root
@pytest.mark.timeout(3600)
def test_the_documented_way(machine: Machine) -> None:
    """Each step of docs/centre.md; at the end a copy is put back and the doctor finds no fault in the tables."""
    text = (ROOT / "docs/centre.md").read_text()
    machine.run("scripts/install-centre")
    drawn = "from estation_central.site.poster_picture import drawable; assert drawable()"
    machine.run(f"/opt/estation/bin/python -c '{drawn}'")  # the faces of a poster came with it
    machine.run("pg_ctlcluster $(pg_lsclusters -h | awk '{print $1, $2}') start")
    steps = rf"^    ((?:{SPOKEN}|estation-central init|estation-central alert-channel).*)$"
    setting_up = re.findall(steps, text.partition("\n## 9.")[0], re.MULTILINE)
    assert len(setting_up) == 5
    for line in setting_up[:4]:
        machine.run(line.partition("#")[0])
    machine.run("DJANGO_SUPERUSER_PASSWORD='right enough 77' estation-central django createsuperuser --noinput "
                "--username admin --email a@example.org")  # fmt: skip
    broker = start(machine)
    told = machine.run("estation-central doctor")
    assert "ok    tables" in told
    assert "ok    broker" in told
    a_box_lives(machine, broker)
    made = machine.run("estation-central backup /var/backups/estation-centre").strip()
    assert made.startswith("/var/backups/estation-centre/")
    machine.run(setting_up[4])
    machine.run("sed -i s,/estation?,/estation2?, /etc/estation-centre/environment")
    machine.run(f"estation-central restore --over {made}")
    assert "ok    tables" in machine.run("estation-central doctor")
    assert machine.run("estation-central api-token make admin watch").startswith("estation_")
    machine.run("scripts/install-broker")  # what another machine has for a broker's sake, here beside the rest
    (clustered,) = re.findall(r"^    (estation-central cluster .*)$", text, re.MULTILINE)
    machine.run(clustered)
    node = command("estation-node@", "ExecStart").replace("%i", "b")
    assert "is valid" in machine.run(f"{SERVICE} {node} -t")


def start(machine: Machine) -> int:
    """Start what the units start, as their user; the broker's process."""
    machine.run(f"{SERVICE} {BINDS} {command('estation-broker', 'ExecStart')} -d")
    for name in ("estation-collector", "estation-enrol", "estation-site"):
        words = command(name, "ExecStart").removeprefix("/opt/estation/bin/")  # what /usr/local/bin has, with its user
        machine.run(f"({words} >/tmp/{name}.log 2>&1 &)")
    machine.run('for n in $(seq 200); do python3 -c "import urllib.request as u; '
                "u.urlopen('http://127.0.0.1:8080/readyz')\" && grep -q 'enrolment: ' /tmp/estation-enrol.log && "
                "grep -q 'connected to' /tmp/estation-collector.log && exit 0; sleep 0.3; done; "
                "cat /tmp/estation-*.log; exit 1")  # fmt: skip
    return int(machine.run("pidof -c mosquitto").split()[0])


def command(unit: str, word: str) -> str:
    """What a unit says that is to be run."""
    (line,) = re.findall(rf"^{word}=(.*)$", (ROOT / f"central/systemd/{unit}.service").read_text(), re.MULTILINE)
    return str(line)


def a_box_lives(machine: Machine, broker: int) -> None:
    """A box gets its certificate, its batch is stored and acknowledged; it is stolen, and heard no more."""
    machine.run(shlex.join(["estation-central", "station", "add", STATION, *CALLS]))
    invited = machine.run(f"estation-central station invite {STATION} --url {URL}")
    (token,) = re.findall(r'token = "([0-9a-f]{32})"', invited)
    files, key = (machine.root / "tmp/box.pem", machine.root / "tmp/box.key"), ec.generate_private_key(ec.SECP256R1())
    kind = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files[1].write_bytes(key.private_bytes(*kind))
    answer = Office(machine.root / STATE, "", 8444).ask(token, request(STATION, key))
    assert answer.status == 200
    files[0].write_bytes(answer.body)
    authority = (machine.root / STATE / "authority/authority.pem").read_text()
    with Box(Broker("127.0.0.1", 8883, 443, authority, *files), REGION, STATION) as box:
        box.next(Connected)
        for sent in (greeting(), batch(1), batch(2)):
            assert box.link.publish(sent.topic, sent.payload, qos=1, retain=False)
            acknowledged(box)
        assert machine.run(STORED).split() == ["1", "2"]
        lists = [machine.root / STATE / name for name in ("authority/revoked.pem", "broker/access")]
        before = [path.read_bytes() for path in lists]
        machine.run(f"estation-central revoke {STATION}")
        assert all(path.read_bytes() != old for path, old in zip(lists, before, strict=True)), "estation-broker-reload"
        machine.run(command("estation-broker", "ExecReload").replace("$MAINPID", str(broker)))
        time.sleep(1.0)
        box.link.publish(batch(3).topic, batch(3).payload, qos=1, retain=False)
        time.sleep(HEARD_SECONDS)
    for ports in ((8883, 0), (0, 443)):
        with Box(Broker("127.0.0.1", *ports, authority, *files), REGION, STATION) as thief:
            let_in = isinstance(thief.events.get(timeout=60), Connected)
            assert not (
                let_in and ports[0]
            )  # by WebSocket he may come in, and can say nothing: `broker/configuration.py`
            if let_in:
                thief.link.publish(batch(3).topic, batch(3).payload, qos=1, retain=False)
                time.sleep(HEARD_SECONDS)
    assert machine.run(STORED).split() == ["1", "2"]


def greeting() -> Arrival:
    return hello(JournalState(journal=JOURNAL, first=1, last=3, watermark=0), station=STATION, region=REGION)


def batch(seq: int) -> Arrival:
    return events([record(seq)], station=STATION, region=REGION)


def acknowledged(box: Box) -> None:
    """Wait for what the centre answers."""
    while not box.next(Arrived).topic.endswith("/ack"):
        pass
