"""The stand-in for PID 1 with real processes: little services that notify, hang, crash and leave."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from estation_box.simulated.init import Init
from estation_box.simulated.unit_files import PYTHON
from estation_box.simulated.unit_life import State
from estation_box.simulated.unit_triggers import MACHINE, Clock
from tests.house.test_unit_life import UNITS

ROOT = Path(__file__).parents[2]
PATIENCE = 15.0
SERVICE = """
import os, socket, sys, time
from pathlib import Path
def tell(words):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
        way.sendto(words.encode(), "\\0" + os.environ["NOTIFY_SOCKET"][1:])
def note(words):
    with (Path(os.environ["STATE_DIRECTORY"]) / "notes").open("a") as notes:
        notes.write(words + "\\n")
"""
NOTIFY = "Type=notify\nRestart=always\nRestartSec=50ms\n"
SHARED = "StateDirectory=estation\nRuntimeDirectory=estation\nRuntimeDirectoryPreserve=yes\n"


class House:
    """A folder of little units, and the root below which they live."""

    def __init__(self, folder: Path) -> None:
        self.units, self.root = folder / "units", folder / "root"
        self.notes = self.root / "var/lib/estation/notes"
        self.log = io.StringIO()
        self.units.mkdir()

    def service(self, name: str, body: str, directives: str = NOTIFY, install: str = "[Install]\nWantedBy=x") -> None:
        script = self.units.parent / f"{name}.py"
        script.write_text(SERVICE + body)
        text = f"[Service]\nExecStart={PYTHON} {script}\n{SHARED}{directives}\n{install}\n"
        (self.units / f"{name}.service").write_text(text)

    def init(self, clock: Clock = MACHINE) -> Init:
        return Init(self.units, self.root, {"PATH": os.environ["PATH"]}, self.log, clock)

    def noted(self) -> list[str]:
        return self.notes.read_text().split("\n")[:-1] if self.notes.exists() else []


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def wait(reached, what: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < ends, what
        time.sleep(0.02)


def test_a_unit_is_ready_when_it_says_so(house):
    """The screen shows its card before the box's head begins."""
    house.service("first", "time.sleep(0.5); note('first'); tell('READY=1\\nSTATUS=a card'); time.sleep(60)")
    house.service("second", "note('second'); tell('READY=1'); time.sleep(60)", f"After=first.service\n{NOTIFY}")
    with house.init() as init:
        init.wait_ready("second.service", PATIENCE)
        assert house.noted() == ["first", "second"]
    assert "first: [a card]" in house.log.getvalue()


def test_a_killed_unit_comes_back(house):
    house.service("a", "tell('READY=1'); time.sleep(60)")
    with house.init() as init:
        init.wait_ready("a.service", PATIENCE)
        before = init.pid("a.service")
        init.kill("a.service")
        init.wait_for(lambda: init.starts("a.service") == 2, PATIENCE)
        init.wait_ready("a.service", PATIENCE)
        assert init.pid("a.service") != before
        assert init.restarts("a.service") == 1
    assert "a: ended by SIGKILL" in house.log.getvalue()


def test_a_unit_that_hangs_is_ended_with_its_children(house):
    """A hung player does not keep the screen from the next one."""
    house.service(
        "a",
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '60']); note(str(child.pid)); tell('READY=1')\n"
        "time.sleep(60)",
        f"{NOTIFY}WatchdogSec=300ms\nTimeoutAbortSec=1",
    )
    with house.init() as init:
        init.wait_for(lambda: init.restarts("a.service") >= 1, PATIENCE)
        child = int(house.noted()[0])
        wait(lambda: gone(child), "the child of the hung unit is gone")
    assert "a: no sign of life for 0.3 s" in house.log.getvalue()


def test_a_unit_and_its_children_share_their_memory(house):
    """What a unit may hold is counted over all that it started; files that are mapped are not held."""
    grows = "import time; kept = bytes([1]) * 40_000_000; time.sleep(60)"
    house.service(
        "a",
        "import subprocess\n"
        f"child = subprocess.Popen([sys.executable, '-c', {grows!r}]); note(str(child.pid)); tell('READY=1')\n"
        "time.sleep(60)",
        f"{NOTIFY}MemoryMax=40M",
    )
    with house.init() as init:
        init.wait_for(lambda: init.restarts("a.service") >= 1, PATIENCE)
        child = int(house.noted()[0])
        wait(lambda: gone(child), "the child that grew is gone")
    assert "a: needs more memory than 41943040" in house.log.getvalue()


def test_a_unit_that_speaks_in_time_is_left_alone(house):
    house.service(
        "a",
        "tell('READY=1'); half = int(os.environ['WATCHDOG_USEC']) / 2e6\n"
        "for turn in range(200): tell('WATCHDOG=1'); note(str(turn)); time.sleep(half)",
        f"{NOTIFY}WatchdogSec=400ms",
    )
    with house.init() as init:
        wait(lambda: len(house.noted()) >= 6, "it speaks")
        assert init.restarts("a.service") == 0


def test_only_the_main_process_speaks_for_its_unit(house):
    house.service(
        "a",
        "import subprocess\n"
        "child = os.fork()\n"
        "if not child:\n    tell('READY=1'); os._exit(0)\n"
        "os.waitpid(child, 0); note('told'); time.sleep(60)",
    )
    with house.init() as init:
        wait(house.noted, "the child has told")
        with pytest.raises(TimeoutError, match=r"a\.service starting"):
            init.wait_ready("a.service", 0.3)


def test_a_file_starts_a_job_again_and_again(house):
    """Core asks for a sync by writing a file; each request is one sync."""
    (house.units / "job.path").write_text("[Path]\nPathExists=/run/estation/ask\n[Install]\nWantedBy=x\n")
    house.service("job", "Path(os.environ['RUNTIME_DIRECTORY'], 'ask').unlink(); note('done')", "Type=oneshot", "")
    with house.init() as init:
        folder = house.root / "run/estation"
        folder.mkdir()
        for turn in (1, 2):
            (folder / "ask").touch()
            init.wait_for(lambda turn=turn: init.starts("job.service") == turn, PATIENCE)
            init.wait_for(lambda: init.state("job.service") is State.INACTIVE, PATIENCE)
    assert house.noted() == ["done", "done"]


def test_a_daily_job_is_done_at_midnight(house):
    """The programme's horizon moves on every day, also where no stick comes."""
    (house.units / "job.timer").write_text("[Timer]\nOnCalendar=daily\nPersistent=true\n[Install]\nWantedBy=x\n")
    house.service("job", "note('done')", "Type=oneshot", "")
    house.service("other", "tell('READY=1'); time.sleep(60)")
    wall = [datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC)]
    with house.init(Clock(time.monotonic, lambda: wall[-1])) as init:
        init.wait_ready("other.service", PATIENCE)
        assert init.starts("job.service") == 0
        wall.append(wall[-1] + timedelta(seconds=1))
        init.wait_for(lambda: init.starts("job.service") == 1, PATIENCE)
        init.wait_for(lambda: init.state("job.service") is State.INACTIVE, PATIENCE)
    assert house.noted() == ["done"]


def test_an_hourly_job_is_done_after_the_boot_and_again_after_its_end(house):
    """What comes by network is asked for by the monotonic clock: the wall clock may be wrong."""
    lines = "OnBootSec=100ms\nOnUnitInactiveSec=300ms\nRandomizedDelaySec=10min"
    (house.units / "job.timer").write_text(f"[Timer]\n{lines}\n[Install]\nWantedBy=x\n")
    house.service("job", "note('done')", "Type=oneshot", "")
    with house.init() as init:
        init.wait_for(lambda: init.starts("job.service") == 3, PATIENCE)
    assert len(house.noted()) >= 2


def test_each_start_is_a_boot(house):
    """What belongs to a boot is gone after it, what belongs to the box stays."""
    house.service("a", "note(os.environ['ESTATION_BOOT']); tell('READY=1'); time.sleep(60)")
    for _ in range(2):
        with house.init() as init:
            init.wait_ready("a.service", PATIENCE)
            assert not (house.root / "run/estation/left").exists()
            (house.root / "run/estation/left").touch()
    first, second = house.noted()
    assert first != second
    assert len(first) == len(second) == 32


def test_switching_off_is_in_order(house):
    """Core leaves while its player is still there, so that it reports no fault."""
    leave = "import signal\nsignal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.3), note('{0}'), sys.exit(0)))\n"
    house.service("one", leave.format("one") + "tell('READY=1'); time.sleep(60)")
    house.service("two", leave.format("two") + "tell('READY=1'); time.sleep(60)", f"After=one.service\n{NOTIFY}")
    with house.init() as init:
        init.wait_ready("two.service", PATIENCE)
    assert house.noted() == ["two", "one"]


def test_a_power_cut_ends_everything_at_once(house):
    house.service("a", "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN); tell('READY=1'); time.sleep(60)")
    init = house.init()
    init.start()
    init.wait_ready("a.service", PATIENCE)
    pid, at = init.pid("a.service"), time.monotonic()
    init.cut()
    assert gone(pid)
    assert time.monotonic() - at < 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_stand_in(house, number):
    """Whatever ends `make run`, no player stays on the screen."""
    house.service("a", "note(str(os.getpid())); tell('READY=1'); print('a word', flush=True); time.sleep(60)")
    command = [sys.executable, "-m", "estation_box.simulated.init", "--units", house.units, "--root", house.root]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        line = next(line for line in process.stdout if "a word" in line)
        process.send_signal(number)
        assert process.wait(PATIENCE) == (0 if number == signal.SIGTERM else -number)
    assert line == "a: a word\n"
    wait(lambda: gone(int(house.noted()[0])), "the unit is gone")


def test_units_that_cannot_be_run_are_told_in_plain_words(house):
    house.service("a", "", "Type=forking")
    command = [sys.executable, "-m", "estation_box.simulated.init", "--units", house.units, "--root", house.root]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert "a.service" in done.stderr


@pytest.mark.parametrize("planted", ["Restart=sometimes", "Watchdog=5", "ExecStart=/bin/none"])
def test_systemd_itself_finds_a_fault_in_a_unit(tmp_path, planted):
    """`make check` lets the real systemd read the units: it passes them, and it bites."""
    check = ROOT / "scripts/check-units"
    done = subprocess.run([check, UNITS], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for unit in UNITS.iterdir():
        (tmp_path / unit.name).write_text(unit.read_text())
    core = tmp_path / "estation-core.service"
    core.write_text(core.read_text().replace("[Service]", f"[Service]\n{planted}"))
    assert subprocess.run([check, tmp_path], capture_output=True, timeout=PATIENCE, check=False).returncode == 1
