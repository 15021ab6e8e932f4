"""Records in PostgreSQL lie in a table for each month in which they were received, so that old ones can be moved away.

The migration makes the first table, for all that was there before. Every later month's is made by the collector that
first stores something in it or in a month shortly before it: ahead, so that the first minute of a month waits for
nobody, and by need, where no collector ran for a while. By the month of receiving, not by the month that a box tells:
that may be any from 1970 on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

AHEAD: Final = 2  # months beside the running one
TABLE: Final = "journal_record"
_LOCK: Final = "SELECT pg_advisory_xact_lock(%s)"
_LOCK_NUMBER: Final = 0x65737461  # «esta»: one collector makes tables at a time, another finds them made
_COVERED: Final = """
SELECT count(*) FROM pg_partition_tree('journal_record') AS part JOIN pg_class ON pg_class.oid = part.relid
WHERE part.isleaf AND relname = %s"""
_FIRST_ENDS: Final = """
SELECT substring(pg_get_expr(relpartbound, oid) FROM 'TO \\(''(\\d{4}-\\d{2}-\\d{2})')::date
FROM pg_class WHERE oid = to_regclass('journal_record_first')"""

Run = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


def after(month: date) -> date:
    """The first day of the month after ``month``, a first day."""
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def name(month: date) -> str:
    """The table of a month."""
    return f"{TABLE}_{month:%Y_%m}"


def make(run: Run, month: date) -> None:
    """Make the tables of ``month`` (its first day) and of the months after it, where they are not there."""
    run(_LOCK, (_LOCK_NUMBER,))
    ends = run(_FIRST_ENDS, ())
    for _ in range(1 + AHEAD):
        following = after(month)
        covered = bool(ends and ends[0][0] and month < ends[0][0])
        if not covered and run(_COVERED, (name(month),)) == [(0,)]:
            bounds = f"FROM ('{month} 00:00:00+00') TO ('{following} 00:00:00+00')"
            run(f"CREATE TABLE {name(month)} PARTITION OF {TABLE} FOR VALUES {bounds}", ())
        month = following
