"""PID 1 hears when a unit is ready and that it lives."""

from __future__ import annotations

import socket

import pytest

from estation_box.drivers.systemd import Notifier


@pytest.fixture(params=["file", "abstract"])
def pid_1(request, tmp_path):
    address = str(tmp_path / "notify") if request.param == "file" else f"@{tmp_path}"[:100]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + address[1:] if address.startswith("@") else address)
        listener.settimeout(5)
        yield address, lambda: listener.recv(1000).decode()


def test_the_words_are_those_of_sd_notify(pid_1):
    """Ready, alive, status and stopping, each as systemd reads it."""
    address, heard = pid_1
    with Notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "3000000"}) as notifier:
        notifier.ready("the card\nstands")
        assert heard() == "READY=1\nSTATUS=the card stands"
        notifier.alive()
        assert heard() == "WATCHDOG=1"
        notifier.status("x" * 500)
        assert heard() == "STATUS=" + "x" * 200
        notifier.stopping()
        assert heard() == "STOPPING=1"
        assert notifier.interval == 1.5


def test_without_systemd_nothing_happens(tmp_path):
    """The unit runs the same where nobody listens."""
    with Notifier({}) as notifier:
        notifier.ready()
        assert notifier.interval is None
    with Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone"), "WATCHDOG_USEC": "soon"}) as notifier:
        notifier.alive()
        assert notifier.interval is None
