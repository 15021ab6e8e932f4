"""What is inside the image is written down, with the licence of each; the build stops where one cannot be shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from firmware.image import bill

AT = datetime(2026, 11, 1, tzinfo=UTC)
STATUS = """Package: bash
Status: install ok installed
Version: 5.2.37-2
Description: a shell
 Version: not this one

Package: gone
Status: deinstall ok config-files
Version: 1

Package: libc6
Status: install ok installed
Source: glibc
Version: 2.41-12
"""
UNPACKED = "Package: raspi-firmware\nVersion: 1:1\nPackage: libpython3.13-dev\nVersion: 3.13\nSource: python3.13\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with two Debian packages, two unpacked ones of which one is for the build, and two of Python."""
    folder = tmp_path / "root"
    for name, text in {
        "var/lib/dpkg/status": STATUS,
        "usr/share/doc/bash/copyright": "GPL",
        "usr/share/doc/libc6/copyright": "LGPL",
        "usr/share/doc/raspi-firmware/copyright": "as it is",
        f"{bill.SITE}/estation-0.1.0.dist-info/METADATA": "Metadata-Version: 2.4\nName: estation\nVersion: 0.1.0\n",
        f"{bill.SITE}/estation-0.1.0.dist-info/licenses/LICENSE": "Apache",
        f"{bill.SITE}/paho_mqtt-2.1.dist-info/METADATA": "Name: paho-mqtt\nVersion: 2.1\nLicense: EPL-2.0\n",
        f"{bill.SITE}/paho_mqtt-2.1.dist-info/LICENSE.txt": "Eclipse",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/versions").write_text(UNPACKED)
    return folder


def test_everything_inside_is_listed_once_and_nothing_else(root):
    """The list is what the box holds: neither what was taken out again, nor what only built it."""
    found = {part.name: part for part in bill.inside(root, root.parent / "parts")}
    assert {name: part.version for name, part in found.items()} == {
        "bash": "5.2.37-2", "libc6": "2.41-12", "raspi-firmware": "1:1", "estation": "0.1.0", "paho-mqtt": "2.1",
    }  # fmt: skip
    assert (found["libc6"].source, found["libc6"].texts) == ("glibc", ("/usr/share/doc/libc6/copyright",))
    paho = (f"/{bill.SITE}/paho_mqtt-2.1.dist-info/LICENSE.txt",)
    assert (found["paho-mqtt"].licence, found["paho-mqtt"].texts) == ("EPL-2.0", paho)


def test_the_list_is_what_its_standard_asks_for_and_the_same_each_time(root):
    """Other people's tools can read the list, and two builds have the same."""
    found = bill.inside(root, root.parent / "parts")
    text = bill.bom(found, "0.1.0", AT)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert text == bill.bom(bill.inside(root, root.parent / "parts"), "0.1.0", AT)
    said = {part["purl"]: part for part in json.loads(text)["components"]}
    assert "pkg:deb/debian/libc6@2.41-12" in said
    assert said["pkg:pypi/paho-mqtt@2.1"]["licenses"] == [{"license": {"name": "EPL-2.0"}}]


@pytest.mark.parametrize(
    ("gone", "name"),
    [
        ("usr/share/doc/bash/copyright", "bash"),
        ("usr/share/doc/raspi-firmware/copyright", "raspi-firmware"),
        (f"{bill.SITE}/estation-0.1.0.dist-info/licenses/LICENSE", "estation"),
        (f"{bill.SITE}/paho_mqtt-2.1.dist-info/LICENSE.txt", "paho-mqtt"),  # its licence's name alone is not enough
    ],
)
def test_what_has_no_licence_to_show_is_not_put_on_a_card(root, gone, name):
    """The build stops and names the package."""
    (root / gone).unlink()
    with pytest.raises(bill.MissingLicenceError, match=f"for {name}:"):
        bill.inside(root, root.parent / "parts")
