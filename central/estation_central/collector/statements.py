"""The SQL that both databases share. Tables are made by the migrations of `estation_central.stations`.

Statements are written with ``%s``; the SQLite driver puts its own sign there.
"""
# ruff: noqa: S608 (what is put into the text are names and limits of this module)

from __future__ import annotations

from typing import Final

JOURNALS_PER_STATION: Final = 100  # a station outlives its boxes, but not a hundred of them
QUARANTINE_ROWS: Final = 1000  # enough to see what is wrong; a hostile box must not fill the disk
PICTURES_A_DAY: Final = 4  # of a station, 10 kB each on the wire: a metered link pays for every one
PICTURES_PER_STATION: Final = 60  # a year of weekly sessions at up to 64 kB each
COMMANDS_AT_ONCE: Final = 500  # a second's worth; the rest goes in the next second

ROW_COLUMNS: Final = (
    "station",
    "journal",
    "seq",
    "at",
    "boot",
    "up",
    "trust",
    "kind",
    "understood",
    "raw",
    "received",
)
FIND_MARK: Final = "SELECT watermark, hash FROM watermark WHERE station = %s AND journal = %s"
COUNT_MARKS: Final = "SELECT station, count(*) FROM watermark WHERE station IN"
MAKE_MARK: Final = (
    "INSERT INTO watermark (station, journal, watermark, hash) VALUES (%s, %s, 0, '') ON CONFLICT DO NOTHING"
)
ADVANCE: Final = "UPDATE watermark SET watermark = %s, hash = %s WHERE station = %s AND journal = %s"
RECORD_AT: Final = "SELECT raw FROM journal_record WHERE station = %s AND journal = %s AND seq = %s LIMIT 1"
BOOK_LOST: Final = "INSERT INTO lost_range (station, journal, first_seq, last_seq, booked) VALUES (%s, %s, %s, %s, %s)"
BOOK_MISMATCH: Final = """
INSERT INTO hash_mismatch (station, journal, seq, theirs, first_seen, last_seen) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (station, journal) DO UPDATE
SET seq = excluded.seq, theirs = excluded.theirs, last_seen = excluded.last_seen"""
KEEP_BROUGHT: Final = """
INSERT INTO brought_health (station, journal, seq, told, payload, received) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (station) DO UPDATE SET journal = excluded.journal, seq = excluded.seq, told = excluded.told,
payload = excluded.payload, received = excluded.received
WHERE (excluded.journal = brought_health.journal AND excluded.seq > brought_health.seq)
OR (excluded.journal <> brought_health.journal AND excluded.told > brought_health.told)"""
ORDER_PICTURE: Final = f"""
INSERT INTO command (id, station, session, body, not_before, expires, outcome, reason)
SELECT %s, %s, %s, %s, %s, %s, '', '' WHERE (
  SELECT count(*) FROM command WHERE station = %s AND session <> '' AND not_before > %s) < {PICTURES_A_DAY}
ON CONFLICT DO NOTHING"""
ANSWER: Final = """
UPDATE command SET outcome = %s, reason = %s, answered = %s, body = ''
WHERE id = %s AND station = %s AND outcome IN ('', 'accepted')"""
KEEP_PICTURE: Final = """
INSERT INTO picture (command, station, session, media_type, content, received)
SELECT id, station, session, %s, %s, %s FROM command WHERE id = %s AND station = %s
ON CONFLICT DO NOTHING"""
FORGET_PICTURES: Final = f"""
DELETE FROM picture WHERE station = %s AND command NOT IN (
  SELECT command FROM picture WHERE station = %s ORDER BY received DESC LIMIT {PICTURES_PER_STATION})"""
KEEP_LATEST: Final = """
INSERT INTO latest (station, leaf, region, payload, heard) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (station, leaf) DO UPDATE SET region = excluded.region, payload = excluded.payload,
heard = COALESCE(excluded.heard, latest.heard)"""
QUARANTINE: Final = "INSERT INTO quarantine (received, topic, reason, payload) VALUES (%s, %s, %s, %s)"
FORGET_QUARANTINE: Final = f"DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - {QUARANTINE_ROWS}"
_OPEN: Final = "not_before <= %s AND expires > %s"
DUE: Final = f"""
SELECT id, region, command.station, body FROM command
JOIN latest ON latest.station = command.station AND leaf = 'hello'
WHERE {_OPEN} AND sent IS NULL AND outcome = '' {{}} ORDER BY not_before, id LIMIT {COMMANDS_AT_ONCE}"""
"""To be filled with ``nothing``, or with `of_regions`."""
DUE_OF_STATION: Final = f"""
SELECT id, body FROM command
WHERE {_OPEN} AND outcome = '' AND station = %s ORDER BY not_before, id LIMIT {COMMANDS_AT_ONCE}"""
MARK_SENT: Final = "UPDATE command SET sent = %s WHERE id = %s"


def of_regions(count: int) -> str:
    """The condition of a collector that has ``count`` regions: others' stations listen at another broker."""
    return f"AND region IN ({', '.join(['%s'] * count)})"
