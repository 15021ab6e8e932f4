"""Boxes for a made-up prefecture, in SQL: one at each station, a spare pool, and some that are away."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

_SERVING: Final = """
INSERT INTO box (serial, model, condition, note) SELECT 'bx-' || name, 'Raspberry Pi 3B', 'good', '' FROM station"""
_SERVE: Final = """
INSERT INTO box_assignment (box_id, station_id, began, ended, why)
SELECT 'bx-' || name, name, '2025-03-01 04:00:00', NULL, '' FROM station"""
_OTHERS: Final = """
INSERT INTO box (serial, model, condition, note)
SELECT 'old-' || name, 'Raspberry Pi 3B', CASE WHEN substr(name, -1) IN ('0', '1', '2') THEN 'good'
WHEN substr(name, -1) = '9' THEN 'stolen' ELSE 'repair' END, '' FROM station WHERE substr(name, -2, 1) = '7'"""
_SERVED: Final = """
INSERT INTO box_assignment (box_id, station_id, began, ended, why)
SELECT 'old-' || name, name, '2024-03-01 04:00:00', '2025-03-01 04:00:00',
CASE substr(name, -1) WHEN '9' THEN 'stolen' ELSE 'broken' END FROM station WHERE substr(name, -2, 1) = '7'"""
_NEW: Final = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
INSERT INTO box (serial, model, condition, note) SELECT printf('new-%03d', i), 'Raspberry Pi 3B', 'good', '' FROM n"""


def fill(database: Path) -> None:
    """Fill the embedded database of a centre that has its stations."""
    with sqlite3.connect(database) as link:
        for statement in (_SERVING, _SERVE, _OTHERS, _SERVED, _NEW):
            link.execute(statement)
    link.close()
