from __future__ import annotations

from tests.support.visit_fixtures import box, made, original

__all__ = ["box", "made", "original"]
