"""Sticks that come home with something else in a request's place: told, and the other stations get their papers."""

from __future__ import annotations

import os
from pathlib import Path

from estation_box.drivers.keys import BoxKeys
from tests.support.central_here import here
from tests.support.centre import REGION


def test_what_is_no_request_stops_nobody_else(django: Path, state: Path, tmp_path: Path) -> None:
    """A folder, a pipe and a link in a request's place are refused in words; the last station is signed."""
    stick, secret = tmp_path / "stick", tmp_path / "secret"
    secret.write_text("the office's own\n")
    names = ("hall-0001", "hall-0002", "hall-0003", "hall-0004")
    paths = [stick / "ESTATION/returned" / name / "request.pem" for name in names]
    for name, path in zip(names, paths, strict=True):
        path.parent.mkdir(parents=True)
        here(state, "station", "add", name, "--region", REGION, "--title", "Hall", "--site", "v")
    paths[0].mkdir()
    os.mkfifo(paths[1])
    paths[2].symlink_to(secret)
    paths[3].write_bytes(BoxKeys(tmp_path / "key.pem").request(names[3]))
    done = here(state, "sign-requests", str(stick))
    assert done.returncode == 1
    for name in names[:3]:
        assert f"refused: {name}: its request is no plain file" in done.stdout
    assert f"signed: {names[3]}" in done.stdout
    assert "office's own" not in done.stdout
