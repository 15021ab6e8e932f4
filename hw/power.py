"""The power budget of the 5 V rail, from the figures of `hw/power.toml`. Currents in mA, voltages in V."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

LIST: Final = Path(__file__).parent / "power.toml"
Milliamperes = Annotated[int, Meta(ge=0, le=10_000)]
Ohms = Annotated[float, Meta(gt=0, le=1)]


class Pi(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model of Raspberry Pi, without its USB devices."""

    name: str
    usual_ma: Milliamperes
    most_ma: Milliamperes


class Load(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something else that draws; ``behind_switch``: the supervisor cuts it together with the Pi."""

    name: str
    usual_ma: Milliamperes
    most_ma: Milliamperes
    behind_switch: bool


class Figures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole list; ``margin`` is the part of the supply that stays free."""

    supply_ma: Milliamperes
    supply_v: Annotated[float, Meta(ge=4.5, le=5.5)]
    least_v: Annotated[float, Meta(ge=4.5, le=5.5)]
    margin: Annotated[float, Meta(ge=0, lt=1)]
    switch_ohm: Ohms
    wires_ohm: Ohms
    fuse_ma: Milliamperes
    pi: tuple[Pi, ...]
    load: tuple[Load, ...]


class Row(Struct, frozen=True, kw_only=True):
    """The budget with one model of Pi."""

    pi: str
    usual_ma: int
    most_ma: int
    free: float
    at_pi_v: float
    switch_w: float


def read(path: Path = LIST) -> Figures:
    """The list as a value. Raises `msgspec.ValidationError` and `OSError`."""
    return msgspec.toml.decode(path.read_bytes(), type=Figures)


def budget(figures: Figures) -> list[Row]:
    """What each model needs, what stays free of the supply, what arrives at the Pi and heats the switch at the most."""
    return [_row(figures, pi) for pi in figures.pi]


def _row(figures: Figures, pi: Pi) -> Row:
    most = pi.most_ma + sum(load.most_ma for load in figures.load)
    through_a = (pi.most_ma + sum(load.most_ma for load in figures.load if load.behind_switch)) / 1000
    return Row(
        pi=pi.name,
        usual_ma=pi.usual_ma + sum(load.usual_ma for load in figures.load),
        most_ma=most,
        free=1 - most / figures.supply_ma,
        at_pi_v=figures.supply_v - most / 1000 * figures.wires_ohm - through_a * figures.switch_ohm,
        switch_w=through_a**2 * figures.switch_ohm,
    )


HOTTEST_W: Final = 1.0
"""What an SO-8 on two square centimetres of copper gives away at 50 degrees around it."""


def faults(figures: Figures) -> list[str]:
    """Where the board asks too much of its supply, fuse, wires or switch."""
    found = []
    for row in budget(figures):
        if row.free < figures.margin:
            found.append(f"{row.pi}: {row.free:.0%} of the supply stay free, {figures.margin:.0%} are wanted")
        if row.most_ma > figures.fuse_ma:
            found.append(f"{row.pi}: {row.most_ma} mA are more than the fuse carries")
        if row.at_pi_v < figures.least_v:
            found.append(f"{row.pi}: {row.at_pi_v:.2f} V arrive, {figures.least_v:.2f} V are wanted")
        if row.switch_w > HOTTEST_W:
            found.append(f"{row.pi}: the switch has to give away {row.switch_w:.1f} W")
    return found


def table(figures: Figures) -> str:
    """The budget for people, in Markdown."""
    lines = [
        "| box with | usual | at the most | free of the supply | arrives at the Pi at the most | heat of the switch |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in budget(figures):
        volts, heat = f"{row.at_pi_v:.2f} V", f"{row.switch_w:.2f} W"
        lines += [f"| {row.pi} | {row.usual_ma} mA | {row.most_ma} mA | {row.free:.0%} | {volts} | {heat} |"]
    return "\n".join(lines) + "\n"
