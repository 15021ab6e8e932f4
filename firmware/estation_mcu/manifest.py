"""What is frozen into the firmware (MicroPython's manifest language). Versions: `versions.toml`.

`require()` takes a package from the checkout of micropython-lib that MICROPY_LIB_DIR names. Ours are compiled without
the numbers of lines (opt=3), as micropython-lib's own are: nobody in a hall reads where a program stood.
"""

freeze("$(PORT_DIR)/modules")  # noqa: F821 -- a word of the manifest language; the file system's `_boot`, and `rp2`
require("logging")  # noqa: F821
require("neopixel")  # noqa: F821
package(  # noqa: F821
    "estation_mcu",
    files=("__init__.py", "board.py", "kept.py", "lights.py", "pins.py", "policy.py", "saying.py", "supervisor.py"),
    base_path="..",
    opt=3,
)
package(  # noqa: F821
    "estation_wire",
    files=("__init__.py", "infrared.py", "supervisor_frame.py", "supervisor_words.py"),
    base_path="..",
    opt=3,
)
module("main.py", base_path=".", opt=3)  # noqa: F821
