"""What the stand-in for PID 1 reads in unit files, and what it decides, without processes and without waiting."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from estation_box.simulated import unit_files
from estation_box.simulated.unit_files import PYTHON, Service, UnitError
from estation_box.simulated.unit_life import Life, State

UNITS = Path(__file__).parents[2] / "firmware/image/systemd"


class Body:
    """A process that notes its signals."""

    pid = 7

    def __init__(self) -> None:
        self.signals: list[signal.Signals] = []
        self.held = 0

    def signal(self, number: signal.Signals) -> None:
        self.signals.append(number)

    def memory(self) -> int:
        return self.held


class Watched:
    """One life and everything that it did."""

    def __init__(self, **fields) -> None:
        self.bodies: list[Body] = []
        self.words: list[str] = []
        self.life = Life(Service(name="a.service", command=("-c", "0"), **fields), self._launch, self.words.append)

    def _launch(self) -> Body:
        self.bodies.append(Body())
        return self.bodies[-1]


def write(folder: Path, name: str = "a.service", **directives: str) -> Path:
    folder.mkdir(exist_ok=True)
    lines = [f"{key}={value}" for key, value in {"ExecStart": f"{PYTHON} -m a", **directives}.items()]
    (folder / name).write_text("\n".join(["[Service]", *lines, ""]))
    return folder


def test_the_image_s_own_units_are_understood():
    """What runs on a laptop are the very files that go into the box."""
    units = unit_files.read(UNITS)
    player, sync = units.services["estation-player.service"], units.services["estation-sync.service"]
    assert player.command == ("-m", "estation_box.apps.player")
    assert player.watchdog_seconds == pytest.approx(3.3)
    assert player.restart == "always"
    assert player.restart_seconds == pytest.approx(0.1)
    assert player.directories["RUNTIME_DIRECTORY"] == "run/estation"
    assert sync.kind == "oneshot"
    assert {path.unit: path.path for path in units.paths} == {
        "estation-fetch.service": "run/estation/fetch-request",
        "estation-stick.service": "run/estation/stick-request",
        "estation-sync.service": "run/estation/sync-request",
    }
    assert {timer.unit: timer.boot_seconds for timer in units.timers} == {
        "estation-fetch.service": 180,
        "estation-sync.service": None,
    }
    assert "ProtectSystem" in units.passed_over
    assert "estation-sync.service" not in units.wanted


@pytest.mark.parametrize(
    ("directive", "value"),
    [
        ("ExecStartPre", "/bin/true"),
        ("Restart", "sometimes"),
        ("Type", "forking"),
        ("WatchdogSec", "soon"),
        ("ExecStart", "/bin/sh -c true"),
        ("ExecStart", f"{PYTHON} -m a %n"),
        ("NotifyAccess", "all"),
        ("RuntimeDirectory", "estation"),
    ],
)
def test_a_directive_that_would_be_got_wrong_is_refused(tmp_path, directive, value):
    """Nobody believes that a setting works because the stand-in kept quiet about it."""
    with pytest.raises(UnitError, match=r"a\.service"):
        unit_files.read(write(tmp_path / "units", **{directive: value}))


def test_all_faults_are_told_together(tmp_path):
    folder = write(write(tmp_path / "units", Type="forking"), "b.service", OnFailure="c.service")
    (folder / "d.path").write_text("[Path]\nPathExists=/run/x\n")
    with pytest.raises(UnitError) as caught:
        unit_files.read(folder)
    assert all(name in str(caught.value) for name in ("a.service", "b.service", "d.path: there is no d.service"))


def test_a_unit_that_fails_has_its_own_instance_of_who_takes_over(tmp_path):
    """Who takes over is told whose place it takes, as by systemd's own ``%p`` and ``%i``."""
    folder = write(tmp_path / "units", OnFailure="help@%p.service")
    write(folder, "b.service", OnFailure="help@%p.service")
    write(folder, "help@.service", ExecStart=f"{PYTHON} -m helping %i of %p")
    units = unit_files.read(folder)
    assert set(units.services) == {"a.service", "b.service", "help@a.service", "help@b.service"}
    assert units.services["a.service"].on_failure == ("help@a.service",)
    assert units.services["help@b.service"].command == ("-m", "helping", "b", "of", "help")
    assert "help@.service" not in units.wanted


@pytest.mark.parametrize(
    ("text", "seconds"), [("100ms", 0.1), ("5", 5.0), ("2min", 120.0), ("1h 30min", 5400.0), ("1d", 86400.0)]
)
def test_time_spans_are_read_as_systemd_reads_them(text, seconds):
    assert unit_files.span(text) == pytest.approx(seconds)


def test_a_unit_that_hangs_is_killed_and_comes_back():
    """A player that hangs is gone after its time, also where it does not listen to the first signal."""
    watched = Watched(kind="notify", watchdog_seconds=5, restart="always", restart_seconds=0.1, abort_seconds=1)
    life = watched.life
    life.start(0)
    life.said(["READY=1", "STATUS=the card"], 1)
    life.said(["WATCHDOG=1"], 3)
    life.tick(7.9)
    assert life.state is State.ACTIVE
    life.tick(8)
    assert watched.bodies[0].signals == [signal.SIGABRT]
    life.tick(9)
    assert watched.bodies[0].signals[-1] is signal.SIGKILL
    life.exited(-signal.SIGKILL, 9)
    life.tick(9.05)
    assert life.process is None
    life.tick(9.1)
    assert life.process is watched.bodies[1]
    assert life.restarts == 1
    assert watched.words == ["[the card]", "no sign of life for 5 s"]


def test_a_unit_that_cannot_be_started_is_tried_again():
    """A full disk at the boot does not leave the box dark for good."""
    words, life = [], None

    def launch() -> Body:
        if life.starts == 1:
            raise OSError(28, "No space left on device")
        return Body()

    life = Life(Service(name="a.service", command=("-c", "0"), restart="always"), launch, words.append)
    life.start(0)
    assert life.state is State.WAITING
    assert words == ["cannot be started: [Errno 28] No space left on device"]
    life.tick(0.1)
    assert life.state is State.ACTIVE


def test_a_unit_that_never_gets_ready_is_ended():
    watched = Watched(kind="notify", start_seconds=30, stop_seconds=5, restart="on-failure")
    watched.life.start(0)
    watched.life.said(["WATCHDOG=1"], 1)
    watched.life.tick(30)
    assert watched.bodies[0].signals == [signal.SIGTERM]
    watched.life.exited(0, 31)
    assert watched.life.state is State.WAITING


def test_a_unit_that_grows_beyond_its_memory_is_ended_at_once():
    """A leak ends the one that leaks, not the picture."""
    watched = Watched(memory_bytes=100, restart="always", restart_seconds=0.1)
    watched.life.start(0.0)
    watched.bodies[0].held = 100
    watched.life.tick(1.0)
    assert watched.bodies[0].signals == []
    watched.bodies[0].held = 101
    watched.life.tick(1.3)
    assert watched.bodies[0].signals == [signal.SIGKILL]
    watched.life.exited(-signal.SIGKILL, 1.4)
    assert watched.words == ["needs more memory than 100"]
    watched.life.tick(1.5)
    assert len(watched.bodies) == 2


@pytest.mark.parametrize(("text", "size"), [("90M", 90 * 2**20), ("64K", 65536), ("1G", 2**30)])
def test_sizes_are_read_as_systemd_reads_them(text, size):
    assert unit_files.size(text) == size


@pytest.mark.parametrize("text", ["", "90", "M", "90MB", "1.5G", "infinity", "10%"])
def test_a_size_that_would_be_got_wrong_is_refused(text):
    with pytest.raises(ValueError, match="is no size"):
        unit_files.size(text)


def test_a_unit_is_given_up_when_it_starts_too_often():
    watched = Watched(restart="always", restart_seconds=0.1, limit_starts=3, limit_seconds=10)
    watched.life.start(0)
    for turn in range(5):
        watched.life.exited(1, turn)
        watched.life.tick(turn + 0.5)
    assert watched.life.state is State.FAILED
    assert len(watched.bodies) == 3
    watched.life.start(30)
    assert watched.life.state is State.ACTIVE


def test_without_a_limit_it_is_never_given_up():
    """A screen that is plugged in late is still found."""
    watched = Watched(restart="always", limit_seconds=0)
    watched.life.start(0)
    for turn in range(50):
        watched.life.exited(1, turn)
        watched.life.tick(turn + 0.5)
    assert len(watched.bodies) == 51


@pytest.mark.parametrize(
    ("restart", "code", "state"),
    [
        ("always", 0, State.WAITING),
        ("on-failure", 0, State.INACTIVE),
        ("on-failure", 75, State.WAITING),
        ("on-failure", 1, State.FAILED),
        ("on-failure", -signal.SIGKILL, State.WAITING),
        ("on-failure", -signal.SIGTERM, State.INACTIVE),
        ("no", 75, State.FAILED),
    ],
)
def test_how_a_job_ended_decides_whether_it_is_done_again(restart, code, state):
    watched = Watched(kind="oneshot", restart=restart, final_exits=frozenset({1}))
    watched.life.start(0)
    watched.life.exited(code, 1)
    assert watched.life.state is state


def test_switched_off_it_stays_off():
    watched = Watched(restart="always", stop_seconds=5)
    watched.life.start(0)
    watched.life.stop(1)
    watched.life.stop(2)
    watched.life.tick(6)
    assert watched.bodies[0].signals == [signal.SIGTERM, signal.SIGKILL]
    watched.life.exited(-signal.SIGKILL, 6)
    watched.life.tick(60)
    assert watched.life.state is State.INACTIVE
    assert len(watched.bodies) == 1
