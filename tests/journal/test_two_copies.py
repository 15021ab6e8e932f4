from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from estation_box.drivers.two_copies import HEAD_BYTES, ONE_PAGE_LIMIT_BYTES, PAGE_BYTES, TwoCopies

WRITER = """
import sys
from pathlib import Path
from estation_box.drivers.two_copies import TwoCopies
copies = TwoCopies(Path(sys.argv[1]))
number = int(copies.read() or b"0")
while True:
    number += 1
    copies.write(b"%d" % number)
    print(number, flush=True)
"""


def test_what_was_written_last_is_read_and_an_empty_document_is_one(tmp_path):
    copies = TwoCopies(tmp_path / "document")
    assert copies.read() is None
    for data in (b"one", b"two", b"", b"four"):
        copies.write(data)
        assert TwoCopies(tmp_path / "document").read() == data


@pytest.mark.parametrize("damage", [b"", b"\0" * PAGE_BYTES, b"2CPY" + b"\xff" * 100, b"x" * PAGE_BYTES])
def test_a_write_that_the_power_cut_tore_leaves_the_document_before_it(tmp_path, damage):
    """Whatever a cut leaves of the copy that was being written, the copy before it is read."""
    path = tmp_path / "document"
    copies = TwoCopies(path)
    copies.write(b"first")  # in the first page
    copies.write(b"second")  # in the second
    raw = bytearray(path.read_bytes())
    raw[PAGE_BYTES : PAGE_BYTES + max(len(damage), 1)] = damage
    path.write_bytes(raw)
    assert copies.read() == b"first"
    copies.write(b"third")
    assert copies.read() == b"third"


def test_any_torn_length_of_a_copy_is_noticed(tmp_path):
    path = tmp_path / "document"
    copies = TwoCopies(path)
    copies.write(b"a" * 300)
    copies.write(b"b" * 300)
    whole = path.read_bytes()
    for torn in range(0, HEAD_BYTES + 300, 7):
        path.write_bytes(whole[: PAGE_BYTES + torn])
        assert copies.read() == b"a" * 300


def test_two_damaged_copies_are_no_document(tmp_path):
    (tmp_path / "document").write_bytes(b"x" * 3 * PAGE_BYTES)
    assert TwoCopies(tmp_path / "document").read() is None


def test_a_small_document_costs_one_page_a_write(tmp_path):
    """The card wears by one page of 4 KiB for each save, no more."""
    path = tmp_path / "document"
    copies = TwoCopies(path)
    copies.write(b"x" * ONE_PAGE_LIMIT_BYTES)
    copies.write(b"y")
    assert path.stat().st_size == 2 * PAGE_BYTES
    large = TwoCopies(tmp_path / "large", limit_bytes=48 * 1024)
    large.write(b"z" * 48 * 1024)
    assert large.read() == b"z" * 48 * 1024
    large.write(b"small")
    assert (large.read(), (tmp_path / "large").stat().st_size) == (b"small", 14 * PAGE_BYTES)


def test_more_than_fits_is_refused_and_what_was_there_stays(tmp_path):
    copies = TwoCopies(tmp_path / "document")
    copies.write(b"kept")
    with pytest.raises(ValueError, match="at most"):
        copies.write(b"x" * (ONE_PAGE_LIMIT_BYTES + 1))
    with pytest.raises(OSError, match="No such file"):
        TwoCopies(tmp_path / "missing" / "document").write(b"x")
    assert copies.read() == b"kept"


def test_a_kill_at_any_moment_never_loses_a_document_that_was_kept(tmp_path):
    """Five kills in the middle of writing: each time the newest number told, or the next, is read."""
    path = tmp_path / "document"
    for wait in (0.0, 0.003, 0.007, 0.011, 0.02):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(wait)
        os.kill(process.pid, signal.SIGKILL)
        told = [int(line) for line in process.stdout.read().split(b"\n")[:-1]]
        process.wait(timeout=10)
        now = int(TwoCopies(path).read())
        assert now - (told[-1] if told else now) in {0, 1}
