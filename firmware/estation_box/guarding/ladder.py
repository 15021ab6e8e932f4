"""The ladder: who repairs what, how often, how long it may take, and who takes over. One table, and pure rules over it.

Rooms and `apps.safe` take their numbers from here; units, supervisor and papers are checked against it. A box climbs
from a step to the next one only when the tries of this one are spent, and comes down to the first when a picture moves.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Step(NamedTuple):
    """One step. Times in seconds.

    ``notices``: how long the trouble must last. ``tries`` within ``per`` (0: since the picture last moved).
    ``wait``: before each try, twice as long each time up to ``longest``. ``back``: when the picture is back, at most.
    """

    name: str
    rung: int
    who: str
    trouble: str
    does: str
    notices: float
    tries: int
    per: float
    wait: float
    longest: float
    back: float


SAME_CLIP: Final = Step(
    name="same clip", rung=1, who="core", trouble="the picture stands still", does="loads the clip again where it was",
    notices=4.0, tries=1, per=0.0, wait=0.0, longest=0.0, back=5.0,
)  # fmt: skip
NEXT_CLIP: Final = Step(
    name="next clip", rung=1, who="core", trouble="it stands still again", does="goes on with the next clip",
    notices=4.0, tries=1, per=0.0, wait=0.0, longest=0.0, back=10.0,
)  # fmt: skip
NEW_PLAYER: Final = Step(
    name="new player", rung=1, who="core", trouble="the next clip stands still too", does="has the player leave",
    notices=4.0, tries=1, per=0.0, wait=0.0, longest=0.0, back=15.0,
)  # fmt: skip
PLAYER: Final = Step(
    name="player again", rung=2, who="systemd", trouble="the player is gone, or says nothing",
    does="ends and starts it; core gives it what is left of the session",
    notices=3.3, tries=8, per=120.0, wait=0.1, longest=0.1, back=5.0,
)  # fmt: skip
CORE: Final = Step(
    name="core again", rung=2, who="systemd", trouble="core is gone, or its promise is broken",
    does="ends and starts it; the picture goes on meanwhile",
    notices=10.0, tries=8, per=120.0, wait=0.1, longest=0.1, back=0.0,
)  # fmt: skip
REBOOT: Final = Step(
    name="reboot", rung=3, who="estation-safe", trouble="a unit spent its starts", does="has PID 1 start the box again",
    notices=0.0, tries=3, per=7200.0, wait=0.0, longest=0.0, back=120.0,
)  # fmt: skip
SAFE: Final = Step(
    name="safe mode", rung=3, who="estation-safe", trouble="the reboots are spent, or cannot be counted",
    does="stays up, says what is wrong, tries the units again now and then",
    notices=0.0, tries=0, per=0.0, wait=150.0, longest=600.0, back=0.0,
)  # fmt: skip
CHIP: Final = Step(
    name="chip reset", rung=4, who="watchdog of the SoC", trouble="PID 1 or the kernel hangs", does="resets the chip",
    notices=15.0, tries=0, per=0.0, wait=0.0, longest=0.0, back=135.0,
)  # fmt: skip
POWER: Final = Step(
    name="power cycle", rung=5, who="supervisor, where fitted", trouble="no healthy beat comes",
    does="warns, cuts the power and gives it back; in its lockout the power stays on",
    notices=60.0, tries=3, per=3600.0, wait=0.0, longest=3600.0, back=255.0,
)  # fmt: skip

STEPS: Final = (SAME_CLIP, NEXT_CLIP, NEW_PLAYER, PLAYER, CORE, REBOOT, SAFE, CHIP, POWER)
NEXT: Final = {
    SAME_CLIP: NEXT_CLIP, NEXT_CLIP: NEW_PLAYER, NEW_PLAYER: CORE, PLAYER: REBOOT, CORE: REBOOT, REBOOT: SAFE,
    SAFE: SAFE, CHIP: CHIP, POWER: POWER,
}  # fmt: skip
"""Who takes over from whom; what stands alone is its own next, and never gives up."""

BOOT_SECONDS: Final = 180  # the supervisor's patience with a boot, longer than the longest first start of core (90 s)
WARNING_SECONDS: Final = 10  # between the supervisor's warning and its cut: time for a GOODBYE
OFF_SECONDS: Final = 5
LONGEST_PAUSE_SECONDS: Final = 900.0  # an update of the firmware may keep the ladder waiting for so long, and no longer


def wait_before(step: Step, tries: int) -> float:
    """Seconds to wait before the next try of ``step``, after ``tries`` of them."""
    return min(step.wait * 2.0 ** min(tries, 30), step.longest)


def pause_left(asked_at: float, seconds: float, now: float) -> float:
    """How much longer an update may keep the ladder waiting; nothing for a time that is not between then and now."""
    bounded = min(seconds, LONGEST_PAUSE_SECONDS)
    return max(asked_at + bounded - now, 0.0) if asked_at <= now else 0.0


def supervisor_parameters() -> tuple[int, int, int, int, int, int]:
    """What the Pi tells the supervisor: boot, beat, warning, off (seconds), cuts an hour, lockout (seconds)."""
    return (BOOT_SECONDS, int(POWER.notices), WARNING_SECONDS, OFF_SECONDS, POWER.tries, int(POWER.longest))


def page() -> str:
    """The paper `docs/ladder.md`: the table in words, and the picture of it."""
    rows = [
        f"| {s.rung} | {s.name} | {s.who} | {_after(s)} | {s.does} | {_tries(s)} | {_back(s)} | {_next(s)} |"
        for s in STEPS
    ]
    longest = f"at most {LONGEST_PAUSE_SECONDS:g}"
    edges = [f"    {_node(a)} -- tries spent --> {_node(b)}" for a, b in NEXT.items() if a is not b]
    nodes = [f'    {_node(s)}["{s.rung} · {s.name}<br/>{s.who}"]' for s in STEPS]
    return "\n".join(
        [
            "# The ladder", "",
            "Made from `firmware/estation_box/guarding/ladder.py` by `scripts/make-ladder`; do not edit.", "",
            "| rung | step | who | when | does | tries | picture back | then |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |", *rows, "",
            f"A picture that moves brings the box back to its first step. An update may have it wait {longest} s.", "",
            "```mermaid", "flowchart LR", *nodes, *edges, "```", "",
        ]
    )  # fmt: skip


def _node(step: Step) -> str:
    return step.name.replace(" ", "-")


def _after(step: Step) -> str:
    return f"{step.trouble}, for {step.notices:g} s" if step.notices else step.trouble


def _tries(step: Step) -> str:
    if not step.tries:
        wait = f", again after {step.wait:g} s, at most {step.longest:g} s" if step.wait else ""
        return f"no end{wait}"
    return f"{step.tries} in {step.per:g} s" if step.per else f"{step.tries}"


def _back(step: Step) -> str:
    return f"{step.back:g} s" if step.back else "was never away" if step is CORE else "when a try helps"


def _next(step: Step) -> str:
    return "itself" if NEXT[step] is step else NEXT[step].name
