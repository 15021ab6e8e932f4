"""Draws the golden pictures anew, and a large one of each for somebody to look at, into the folder that is named."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.player import golden
from tests.support.player import PlayerProcess
from tests.support.xvfb import Xvfb


def main(large: Path) -> None:
    large.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as name,
        Xvfb(Path(name) / "screen") as screen,
        PlayerProcess(Path(name) / "player", screen.display) as player,
    ):
        player.core.await_connection()
        golden.await_card(screen.frame_buffer)
        for scene in golden.SCENES:
            path = golden.draw(player.core, screen.frame_buffer, scene, large)
            golden.small(path).save(golden.FOLDER / f"{scene}.png", optimize=True)
        for scene in golden.CAPTIONS:
            path = golden.play(player.core, screen.frame_buffer, scene, large)
            golden.small(path).save(golden.FOLDER / f"{scene}.png", optimize=True)
        for scene, path in golden.menu(player.core, screen.frame_buffer, large, player.pictures).items():
            golden.small(path).save(golden.FOLDER / f"{scene}.png", optimize=True)
        with (
            Xvfb(Path(name) / "tube", golden.PAL_SIZE) as tube,
            PlayerProcess(Path(name) / "pal", tube.display, tv=golden.PAL_TV) as pal,
        ):
            pal.core.await_connection()
            for scene, path in golden.pal(pal.core, tube.frame_buffer, large).items():
                golden.small(path).save(golden.FOLDER / f"{scene}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
