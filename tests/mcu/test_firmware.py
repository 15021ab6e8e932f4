"""The firmware as a whole: what imports what, what is frozen, does it compile for the Pico, do its types hold."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.supervisor import FIRMWARE, FROZEN, TOOLS, fetch_tools

HERE = FIRMWARE / "estation_mcu"
ON_THE_PICO = {"machine", "rp2", "neopixel"}
OF_MICROPYTHON = {"array", "binascii", "os", "struct", "time"}
LIBRARY = {"logging", "neopixel"}
NOT_FROZEN = {"simulated", "manifest"}


def imported(path: Path) -> set[str]:
    """The modules that a file imports; of our packages the module within."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module in FROZEN:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def manifest() -> dict[str, set[str]]:
    """What the manifest freezes: `require` names packages of micropython-lib, the others name files."""
    required, frozen, folders = set(), set(), set()
    words = {
        "freeze": folders.add,
        "require": required.add,
        "package": lambda name, files, base_path, opt: frozen.update(f"{name}/{file}" for file in files),
        "module": lambda file, base_path, opt: frozen.add(f"estation_mcu/{file}"),
    }
    exec(compile((HERE / "manifest.py").read_text(encoding="utf-8"), "manifest.py", "exec"), words)
    return {"required": required, "frozen": frozen, "folders": folders}


FROZEN_FILES = sorted(manifest()["frozen"])


def test_only_the_board_touches_the_chip():
    """Everything but one module runs on any machine, and is tested there."""
    touching = {path.name for path in HERE.glob("*.py") if imported(path) & ON_THE_PICO}
    assert touching == {"board.py"}
    assert "estation_mcu.board" not in {
        name for path in HERE.glob("*.py") if path.name != "main.py" for name in imported(path)
    }


def test_what_is_imported_is_frozen():
    """The Pico finds every module that it asks for, and carries none that it does not."""
    listed = manifest()
    asked = set()
    for file in FROZEN_FILES:
        for name in imported(FIRMWARE / file):
            top = name.partition(".")[0]
            if top in FROZEN:
                asked.add(name.replace(".", "/") + ".py")
            elif top in LIBRARY:
                assert top in listed["required"]
            else:
                assert top in OF_MICROPYTHON | {"machine"}, f"{file} asks for {name}"
    inits = {f"{package}/__init__.py" for package in FROZEN}
    assert asked | inits | {"estation_mcu/main.py"} == set(FROZEN_FILES)
    assert listed["required"] == LIBRARY
    assert listed["folders"] == {"$(PORT_DIR)/modules"}  # without its `_boot` there is no file system to keep things in
    assert {path.stem for path in HERE.glob("*.py")} == {
        Path(file).stem for file in FROZEN_FILES if file.startswith("estation_mcu")
    } | NOT_FROZEN


def test_versions_are_pinned():
    """Whoever builds the firmware in ten years knows from what."""
    versions = tomllib.loads((HERE / "versions.toml").read_text(encoding="utf-8"))
    assert set(versions["micropython-lib"]["packages"]) == LIBRARY
    pins = HERE.parents[1] / "requirements"
    lock = (pins / "mcu.lock").read_text(encoding="utf-8")
    packages = json.loads((pins / "mcu-wasm/package-lock.json").read_text(encoding="utf-8"))["packages"]
    for pinned in versions["tests"].values():
        name, version = pinned.split()
        of_npm = packages.get(f"node_modules/{name}", {})
        assert f"{name}=={version} " in lock or (of_npm.get("version") == version and of_npm["integrity"])


@pytest.mark.parametrize("file", FROZEN_FILES)
def test_every_module_compiles_for_the_pico(file, tmp_path):
    """The cross compiler of MicroPython takes the module, for the RP2040's core."""
    fetch_tools()
    made = tmp_path / "module.mpy"
    subprocess.run([TOOLS / "mpy-cross", "-march=armv6m", "-O3", "-o", made, FIRMWARE / file], check=True, timeout=60)
    assert made.read_bytes()[:2] == b"M\x06"


def typed(folder: Path, file: Path) -> list[str]:
    """What mypy says of our files, over the stubs of the Pico's modules; the stubs' own faults are not ours."""
    stubs = next((TOOLS.parent / "lib").glob("python3*/site-packages"))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "", "--check-untyped-defs", "--cache-dir", folder, file],
        env={"MYPYPATH": f"{stubs}:{FIRMWARE}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert re.search(r"^(Found \d+ errors?|Success)", done.stdout, re.MULTILINE), done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if "error:" in line and "site-packages" not in line]


def test_the_board_keeps_to_the_picos_types(tmp_path):
    """The one module that touches the chip names no function and no word that the Pico has not."""
    fetch_tools()
    assert typed(tmp_path / "cache", HERE / "main.py") == []
    planted = tmp_path / "planted.py"
    text = (HERE / "board.py").read_text(encoding="utf-8")
    planted.write_text(text.replace("WDT(timeout=", "WDT(timeoutt=").replace(".freq(", ".frequ("), encoding="utf-8")
    assert len(typed(tmp_path / "cache", planted)) == 2


def test_the_board_and_its_twin_do_the_same():
    """What the tests' board can do, the real one can, with the same words."""
    boards = []
    for name in ("board", "simulated"):
        tree = ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))
        board = next(node for node in tree.body if isinstance(node, ast.ClassDef))
        methods = [node for node in board.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
        boards.append({node.name: ast.unparse(node.args) for node in methods})
        attributes = {ast.unparse(node) for node in ast.walk(board) if isinstance(node, ast.Attribute)}
        assert {"self.cause", "self.ticks"} <= attributes
    assert boards[0] == boards[1]
