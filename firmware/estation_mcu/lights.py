"""The two lights that the supervisor sets: the phase, unless the Pi says a colour. Pure; `board` makes it light."""

from estation_mcu import policy

BLACK = (0, 0, 0)
PHASE_COLOURS = (  # by phase, from BOOT to GONE; dim: they stand beside a screen in a dark hall
    (0, 0, 24),
    (0, 12, 0),
    (24, 12, 0),
    (24, 0, 0),
    (24, 0, 12),
    BLACK,
)
BLINKING = (policy.WARNED, policy.LOCKOUT)  # the two in which somebody should look at the box
HALF_MS = 512


class Lights:
    """``colours`` is what the lights have: the first the phase's own, the second the Pi's, black until it says one."""

    def __init__(self) -> None:
        self.colours = [BLACK, BLACK]
        self._told = [BLACK, BLACK]

    def told(self, which: int, red: int, green: int, blue: int) -> None:
        """The Pi wants this colour; black gives the first light back to the phase. Other lights are not ours."""
        if which < len(self._told):
            self._told[which] = (red, green, blue)

    def changed(self, phase: int, now: int) -> bool:
        """Whether the lights must be set anew."""
        dark = phase in BLINKING and now // HALF_MS & 1
        first = BLACK if dark else PHASE_COLOURS[phase]
        colours = [self._told[0] if self._told[0] != BLACK else first, self._told[1]]
        if colours == self.colours:
            return False
        self.colours = colours
        return True
