"""`estation hw-test`: tries the carrier board step by step with the technician who has just built it in."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from typing import Final, TextIO

from estation_box.drivers.carrier import CarrierBoard
from estation_box.drivers.rtc import KernelRtc
from estation_box.guarding import trial_said as said
from estation_box.guarding.trial import Board, Outcome, Person, trial
from estation_box.words import Said

TRIES: Final = 3  # unclear answers before it is a no


class Terminal:
    """See `Person`: whoever sits at the terminal."""

    def __init__(self, answers: TextIO, page: TextIO) -> None:
        self._answers = answers
        self._page = page

    def hint(self, text: Said) -> None:
        """See `Person.hint`."""
        print(f"      {in_both(text)}", file=self._page, flush=True)

    def confirms(self, question: Said) -> bool:
        """See `Person.confirms`."""
        for _ in range(TRIES):
            print(f"   ?  {in_both(question)}  {in_both(said.YES_OR_NO)} ", end="", file=self._page, flush=True)
            answer = self._answers.readline(80)
            if not answer:
                return False
            if (word := answer.strip().lower()) in {"y", "yes", "是", "n", "no", "否"}:
                return word in {"y", "yes", "是"}
        return False


def in_both(text: Said) -> str:
    """Both languages: nobody knows who will read this."""
    return f"{text.zh} / {text.en}"


def run(board: Board, person: Person, page: TextIO) -> int:
    """0 where all that was tried works, 1 where something is wrong, 2 where there is no board."""
    if not board.fitted():
        print(in_both(said.NO_BOARD), file=page)
        return 2
    wrong = 0
    for finding in trial(board, person):
        print(f"{finding.outcome.value:>5} {in_both(finding.text)}", file=page, flush=True)
        wrong += finding.outcome is Outcome.WRONG
    print(in_both(said.SOME_WRONG.about(count=str(wrong)) if wrong else said.ALL_WELL), file=page)
    return 1 if wrong else 0


def main() -> int:
    """Try the board of this machine; see `run`."""
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
    ):  # lgpio lays a pipe into the folder it runs in
        return run(CarrierBoard(KernelRtc()), Terminal(sys.stdin, sys.stdout), sys.stdout)
