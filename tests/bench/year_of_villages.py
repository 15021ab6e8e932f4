"""`year-of-villages`: 1,000 village boxes through 52 weeks of bad weather, against a weekly cron entry in the same.

A fifth of all hours is dark, one box in ten never knows the time, films are missing, TVs are off, keepers press
«later». The weather is drawn from a seed, so every figure but the speed is the same each time.
"""

from __future__ import annotations

import time

from tests.bench.result import Result, command
from tests.simulation.report import sums
from tests.simulation.years import population

BOXES, WEEKS, SEED = 1000, 52, 1
FASTEST_BAR = 1000  # box-weeks a second of one core


def run() -> list[Result]:
    """The promise, the runaways, the days without a clock, the peer, and the speed."""
    began = time.process_time()
    total = sums(list(population(BOXES, WEEKS, SEED)))
    speed = total.box_weeks / (time.process_time() - began)
    told = command("year-of-villages")
    ours, theirs = (100 * met / total.due for met in (total.met, total.cron))
    outside = sum("hours" in fault or "lesson" in fault for fault in total.faults)
    return [
        Result(
            id="year-of-villages", value=round(total.promise, 2), unit="% of weeks met where the condition held",
            bar="100 %", ok=total.broken == 0, command=told,
        ),
        Result(
            id="year-of-villages-made-up", value=round(total.after_a_miss, 2),
            unit="% of misses made up where it held", bar="100 %", ok=total.broken == 0, command=told,
        ),
        Result(
            id="year-of-villages-outside", value=outside, unit="starts outside hours", bar="0", ok=outside == 0,
            command=told,
        ),
        Result(
            id="year-of-villages-runaway", value=len(total.faults) - outside, unit="starts too many", bar="0",
            ok=len(total.faults) == outside, command=told,
        ),
        Result(
            id="year-of-villages-no-clock", value=round(total.days, 2), unit="% of spans of seven power-on days",
            bar="100 %", ok=total.kept == total.spans, command=told,
        ),
        Result(
            id="year-of-villages-all-weeks", value=round(ours, 1), unit="% of all weeks due",
            peer="a weekly cron entry in the same weather", peer_value=round(theirs, 1),
            ratio=round((100 - theirs) / max(100 - ours, 0.01), 1), bar="more than the peer", ok=ours > theirs,
            command=told,
        ),
        Result(
            id="year-of-villages-speed", value=round(speed), unit="box-weeks/s of CPU", bar="at least 1,000",
            ok=speed >= FASTEST_BAR, command=told,
        ),
    ]  # fmt: skip
