"""What every test shares, and no more: how hypothesis searches."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples on every run of CI, so that a change is judged by itself; new ones on a developer's machine. No
# deadline for an example: the machine is shared, and pytest-timeout bounds each test.
settings.register_profile("house", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("house")
