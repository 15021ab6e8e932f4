"""What every test shares, and no more: how hypothesis searches, what begins first, and what root alone can do."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# The same examples on every run of CI, so that a change is judged by itself; new ones on a developer's machine. No
# deadline for an example: the machine is shared, and pytest-timeout bounds each test.
settings.register_profile("house", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("house")


LONG = ("tests/scenario/", "tests/desk/", "tests/hw/", "tests/house/test_films.py", "tests/studio/test_media.py")
"""What takes a minute and more begins first: for a worker that came to it at the end all others would wait."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what is left out, so that nobody takes it for proved."""
    if os.geteuid() != 0:
        terminalreporter.write_line("not root: tests that mount are left out; `sudo make test` runs them too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what an ordinary user cannot do, and put what takes longest first."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    if os.geteuid() == 0:
        return
    config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("root")])
    items[:] = [item for item in items if not item.get_closest_marker("root")]
