"""What the supervisor takes of MicroPython's heap: `micropython weigh.py TTY` prints `HEAP` and bytes, twice a second.

The program comes first, so that neither the simulated board nor the test's own names are counted with it: on the Pico
there is `board` instead. The interpreter's own kilobyte is counted.
"""

import gc

from estation_mcu.supervisor import Supervisor  # noqa: F401 -- it is weighed

gc.collect()
PROGRAM = gc.mem_alloc()
import sys  # noqa: E402

import on_unix  # noqa: E402


class Scale:
    def begin(self):
        """All but the supervisor is there."""
        gc.collect()
        self.beside = gc.mem_alloc() - PROGRAM

    def tell(self):
        gc.collect()
        print("HEAP", gc.mem_alloc() - self.beside)


on_unix.run(sys.argv[1], Scale())
