"""The hostile sticks: every builder says in one sentence what it tries. `CORPUS` is all of them."""

from __future__ import annotations

from tests.library.hostile.documents import DOCUMENTS
from tests.library.hostile.history import HISTORY
from tests.library.hostile.scene import Attack
from tests.library.hostile.trees import TREES

CORPUS: tuple[Attack, ...] = (*TREES, *DOCUMENTS, *HISTORY)
