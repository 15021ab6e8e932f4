"""A small stand-in for PID 1: runs the image's own unit files below a folder, without root and without systemd.

``python -m estation_box.simulated.init --units firmware/image/systemd --root DIR`` is the power of a box: each start
is a boot with an id of its own and an empty ``run``; SIGTERM or SIGINT switches it off in order, SIGKILL at once.
"""

from __future__ import annotations

import argparse
import os
import secrets
import selectors
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Self, TextIO

from estation_box.settings import BEGAN_VARIABLE, BOOT_VARIABLE
from estation_box.simulated import unit_files
from estation_box.simulated.unit_files import Service, UnitError
from estation_box.simulated.unit_life import Life, State
from estation_box.simulated.unit_process import Ears, Output, RealProcess
from estation_box.simulated.unit_triggers import MACHINE, Clock, Triggers

LOOK_SECONDS: Final = 0.05  # how late a path that appears is seen; systemd's inotify sees it at once
LATE_SECONDS: Final = 15.0  # beyond the longest time that a unit is given to leave
OWN_VARIABLES: Final = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", BOOT_VARIABLE)


class Init:
    """The units of a folder below ``root``. Raises `UnitError` where the unit files are not understood.

    ``environment`` goes to every unit (PATH, DISPLAY); what units say goes to ``log``, each line after its unit's name.
    ``clock`` is the machine's. Its own thread decides; the methods may be called from any.
    Left by ``with``, it stops the units in order.
    """

    def __init__(
        self, units: Path, root: Path, environment: Mapping[str, str], log: TextIO = sys.stdout, clock: Clock = MACHINE
    ) -> None:
        self._units = unit_files.read(units)
        self._root = root.resolve()
        self._log = log
        self._clock = clock
        self._outside = {name: value for name, value in environment.items() if name not in OWN_VARIABLES}
        self._rebooting = False
        self.boots = 1
        self._selector = selectors.DefaultSelector()
        self._ears = {name: Ears(name) for name in self._units.services}
        self._lives = {name: self._life(service) for name, service in self._units.services.items()}
        self._power_up()
        self._changed = threading.Condition()
        self._leaving = threading.Event()
        self._cut = threading.Event()
        self._thread = threading.Thread(target=self._run, name="init", daemon=True)

    @property
    def passed_over(self) -> tuple[str, ...]:
        """The directives that only a real PID 1 can apply."""
        return self._units.passed_over

    @property
    def running(self) -> bool:
        """Whether the box has power."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Boot: ``run`` is empty, and every unit that a target wants is started."""
        self._empty_run()
        self._thread.start()

    def stop(self) -> None:
        """Switch off in order, and wait until nothing is left."""
        self._leaving.set()
        self._thread.join()

    def cut(self) -> None:
        """Cut the power: everything ends at once, by SIGKILL."""
        self._cut.set()
        self._thread.join()

    def pid(self, unit: str) -> int | None:
        """The main process of a service; None while there is none."""
        with self._changed:
            process = self._lives[unit].process
            return process.pid if process else None

    def state(self, unit: str) -> State:
        """Where a service stands."""
        with self._changed:
            return self._lives[unit].state

    def starts(self, unit: str) -> int:
        """How often a service was started."""
        with self._changed:
            return self._lives[unit].starts

    def restarts(self, unit: str) -> int:
        """How often a service was started again by its ``Restart=``."""
        with self._changed:
            return self._lives[unit].restarts

    def kill(self, unit: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the main process of a service and to what it started; nothing where there is none."""
        with self._changed:
            process = self._lives[unit].process
            if process is not None:
                process.signal(number)

    def wait_ready(self, unit: str, timeout: float) -> None:
        """Wait until a service is active; raises `TimeoutError` after ``timeout`` seconds."""
        self.wait_for(lambda: self._lives[unit].state is State.ACTIVE, timeout, f"{unit} is active")

    def wait_for(self, reached: Callable[[], bool], timeout: float, what: str = "it") -> None:
        """Wait until ``reached()``, asked at each change; raises `TimeoutError`."""
        with self._changed:
            if not self._changed.wait_for(reached, timeout):
                states = ", ".join(f"{name} {life.state.value}" for name, life in self._lives.items())
                msg = f"{what}: not within {timeout:g} s ({states})"
                raise TimeoutError(msg)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.running:
            self.stop()

    # everything below is done by the thread

    def _run(self) -> None:
        for name, ears in self._ears.items():
            self._selector.register(ears, selectors.EVENT_READ, name)
        while not self._cut.is_set() and not (self._leaving.is_set() and self._nothing_runs()):
            ready = self._selector.select(LOOK_SECONDS)
            now = self._clock.monotonic()
            with self._changed:
                for key, _ in ready:
                    self._take(key, now)
                for life in self._lives.values():
                    life.tick(now)
                self._follow(now)
                if self._rebooting and self._nothing_runs():
                    self._reboot()
                if self._leaving.is_set() or self._rebooting:
                    self._leave(now)
                else:
                    self._begin(now)
                    self._trigger(now)
                self._changed.notify_all()
        self._end()

    def _life(self, service: Service) -> Life:
        def say(words: str) -> None:
            self._write(service.name, words)

        return Life(service, lambda: self._launch(service), say)

    def _launch(self, service: Service) -> RealProcess:
        environment = dict(self._environment)
        if service.kind == "notify":
            environment["NOTIFY_SOCKET"] = self._ears[service.name].address
        if service.watchdog_seconds:
            environment["WATCHDOG_USEC"] = str(round(service.watchdog_seconds * 1_000_000))
        process = RealProcess(service, self._root, environment)
        self._selector.register(process.pidfd, selectors.EVENT_READ, (service.name, process))
        self._selector.register(process.output, selectors.EVENT_READ, service.name)
        return process

    def _take(self, key: selectors.SelectorKey, now: float) -> None:
        heard = key.fileobj
        if isinstance(heard, Ears):
            life = self._lives[key.data]
            while (told := heard.hear()) is not None:
                if life.process is not None and told[0] == life.process.pid:
                    life.said(told[1], now)
        elif isinstance(heard, Output):
            self._read(heard, key.data)
        else:
            name, process = key.data
            code = process.code()
            if code is not None:
                self._selector.unregister(heard)
                process.close()
                self._lives[name].exited(code, now)

    def _read(self, output: Output, name: str) -> None:
        lines = output.lines()
        if lines is None:
            self._selector.unregister(output)
            output.close()
            return
        for line in lines:
            self._write(name, line)

    def _write(self, name: str, words: str) -> None:
        self._log.write(f"{name.removesuffix('.service')}: {words}\n")
        self._log.flush()

    def _begin(self, now: float) -> None:
        """Start what is still to be started in this boot and waits for nobody any more."""
        for name in tuple(self._booting):
            before = self._units.services[name].after
            if all(self._lives[other].tried for other in before if other in self._units.wanted & self._lives.keys()):
                self._booting.remove(name)
                self._lives[name].start(now)

    def _leave(self, now: float) -> None:
        """Stop everything, each before what it is ordered after."""
        running = [service for name, service in self._units.services.items() if self._lives[name].process]
        needed = {other for service in running for other in service.after}
        for name, life in self._lives.items():
            if name not in needed:
                life.stop(now)

    def _trigger(self, now: float) -> None:
        """Start what paths and timers ask for."""
        for unit in self._triggers.due(now, self._clock.wall(), lambda unit: self._lives[unit].idle):
            if self._lives[unit].idle:
                self._lives[unit].start(now)

    def _follow(self, now: float) -> None:
        """Do what a unit's end asks for: OnFailure= of one that failed for good, SuccessAction= of one that is done."""
        for name, life in self._lives.items():
            service = self._units.services[name]
            failed, well_done, life.failed, life.well_done = life.failed, life.well_done, False, False
            if failed and not self._leaving.is_set() and not self._rebooting:
                for other in service.on_failure:
                    self._lives[other].start(now)
            if well_done and service.success_action == "reboot" and not self._leaving.is_set():
                self._write(name, "asks for a reboot")
                self._rebooting = True

    def _reboot(self) -> None:
        """Everything is down: another boot, with an id of its own."""
        self._rebooting = False
        self.boots += 1
        self._lives = {name: self._life(service) for name, service in self._units.services.items()}
        self._empty_run()
        self._power_up()

    def _empty_run(self) -> None:
        shutil.rmtree(self._root / "run", ignore_errors=True)
        (self._root / "run").mkdir(parents=True)

    def _power_up(self) -> None:
        now = time.clock_gettime(time.CLOCK_BOOTTIME)
        self.boot = secrets.token_hex(16)
        self._environment = {**self._outside, BOOT_VARIABLE: self.boot, BEGAN_VARIABLE: f"{now:.3f}"}
        self._booting = sorted(self._units.wanted & self._lives.keys())
        self._triggers = Triggers(self._units, self._root, self._clock.monotonic(), self._clock.wall())

    def _nothing_runs(self) -> bool:
        return all(life.process is None for life in self._lives.values())

    def _end(self) -> None:
        for life in self._lives.values():
            life.cut()
        ends = time.monotonic() + LATE_SECONDS
        while not self._nothing_runs() and time.monotonic() < ends:
            for key, _ in self._selector.select(LOOK_SECONDS):
                self._take(key, self._clock.monotonic())
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, Output):
                self._read(key.fileobj, key.data)  # last words
            if isinstance(key.fileobj, Ears):
                key.fileobj.close()
        self._selector.close()


def main() -> int:
    """Run a box until SIGTERM or SIGINT; 1 with a plain word where the units cannot be run here."""
    parser = argparse.ArgumentParser(prog="init", description=__doc__)
    parser.add_argument("--units", type=Path, required=True, help="the folder of the unit files")
    parser.add_argument("--root", type=Path, required=True, help="run, var/lib and etc are made below this folder")
    options = parser.parse_args()
    try:
        init = Init(options.units, options.root, os.environ)
    except (UnitError, OSError) as error:
        print(f"init: {error}", file=sys.stderr)
        return 1
    print(f"init: boot {init.boot}; only PID 1 applies {', '.join(init.passed_over)}", flush=True)
    leave = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leave.set())
    with init:
        while init.running and not leave.wait(LOOK_SECONDS):
            pass
    return 0 if leave.is_set() else 1


if __name__ == "__main__":
    sys.exit(main())
