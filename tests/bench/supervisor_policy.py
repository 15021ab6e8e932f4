"""``supervisor-policy``: 100,000 steps of chance through the policy that cuts the power, and its three promises."""

from __future__ import annotations

from tests.bench.result import Result, command
from tests.mcu.test_policy import WALKS, walk


def run() -> list[Result]:
    """Steps that broke a promise; ends at the first."""
    steps = broken = 0
    for seed in range(WALKS):
        try:
            steps += walk(seed)
        except AssertionError:
            broken += 1
    return [
        Result(
            id="supervisor-policy",
            value=float(broken),
            unit=f"broken promises in {steps} steps",
            bar="0 in 100,000: off too long, too many cuts an hour, off in lockout",
            ok=broken == 0 and steps >= 100_000,
            command=command("supervisor-policy"),
        )
    ]
