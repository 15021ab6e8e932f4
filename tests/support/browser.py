"""A real Chromium without a screen, spoken to over two pipes (DevTools protocol): no driver, no port."""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ANSWER_SECONDS = 30.0


class Browser:
    """One tab."""

    def __init__(self, to: int, answers: int) -> None:
        self._to, self._answers = to, answers
        self._number, self._rest, self._session = 0, b"", ""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def visit(self, address: str) -> None:
        """Open an address, and wait for its page."""
        with self.next_page():
            told = self._call("Page.navigate", url=address)
            assert "errorText" not in told, (address, told)

    @contextmanager
    def next_page(self) -> Iterator[None]:
        """Wait until what is done in here has brought another page, whole.

        The page before carries a mark that dies with it: its address, its title and its elements may be those of the
        next one, and of a page that is half read they are not there yet.
        """
        self.does("window.isBefore = true")
        yield
        self.until("!window.isBefore && document.readyState === 'complete' && location.href !== 'about:blank'")

    def sized(self, width: int, height: int) -> None:
        """Be a window, or a phone, of that size."""
        words = {"deviceScaleFactor": 1, "mobile": width < 600}
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, **words)

    def picture(self, path: Path) -> None:
        """Write the window as PNG."""
        told = self._call("Page.captureScreenshot")
        path.write_bytes(base64.b64decode(told["data"]))

    def does(self, script: str) -> object:
        """What a line of JavaScript gives; a promise is waited for."""
        told = self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key, such as ``Tab``, and let it go."""
        for kind in ("rawKeyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode={"Tab": 9}[key])

    def until(self, script: str, seconds: float = 30.0) -> None:
        """Wait until a line of JavaScript is true."""
        ends = time.monotonic() + seconds
        while not self.does(script):
            assert time.monotonic() < ends, f"{script} is not true; the page: {self.does('document.body?.innerText')}"
            time.sleep(0.1)

    def _call(self, method: str, **arguments: object) -> dict:
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": arguments}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        ends = time.monotonic() + ANSWER_SECONDS
        while True:
            line, zero, rest = self._rest.partition(b"\0")
            if not zero:
                assert select.select([self._answers], [], [], max(ends - time.monotonic(), 0))[0], (
                    f"{method}: no answer"
                )
                self._rest += os.read(self._answers, 2**16)
                continue
            self._rest = rest
            told = json.loads(line)
            if told.get("id") == self._number:
                assert "error" not in told, told["error"]
                return told["result"]


@contextmanager
def browser(folder: Path, language: str = "zh-CN") -> Iterator[Browser]:
    """A browser of somebody who reads ``language``, with its own empty profile in ``folder``."""
    (asked, to), (answers, said) = os.pipe(), os.pipe()
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"]
    redirect = f'exec 3<&{asked} 4>&{said}; exec "$@"'
    child = subprocess.Popen(
        ["bash", "-c", redirect, "browser", *command, f"--accept-lang={language}", f"--user-data-dir={folder}"],
        pass_fds=[asked, said],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(asked)
    os.close(said)
    try:
        yield Browser(to, answers)
    finally:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(10)
        child.kill()
        child.wait()
        os.close(to)
        os.close(answers)
