"""The bill of materials: everything that is inside the image, as CycloneDX 1.6 in JSON.

``python firmware/image/bill.py ROOT PARTS WHERE``: the root file system, the folder of packages that were only
unpacked, and the file to write. It looks for each licence's text in ROOT, and fails where one is missing: whoever
passes a card on must be able to show them. The same ROOT gives the same bytes; SOURCE_DATE_EPOCH is their date.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email import message_from_string
from importlib import metadata
from pathlib import Path
from typing import Final, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

SITE: Final = "usr/lib/estation/lib/python3.13/site-packages"
TOOLS: Final = frozenset({"libpython3.13-dev"})  # unpacked for its headers: nothing of it is inside
LICENCE_NAMES: Final = ("LICEN", "COPYING", "NOTICE", "UNLICENSE")


class Part(NamedTuple):
    """One package: ``kind`` is `deb` or `pypi`; ``texts`` are its licence's texts, as the box has them."""

    kind: str
    name: str
    version: str
    source: str
    licence: str
    texts: tuple[str, ...]


class MissingLicenceError(Exception):
    """Packages whose licence nobody could read in the image."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(
            f"no licence text in the image for {', '.join(sorted(names))}: put one in, or leave the package out"
        )


def paragraphs(text: str) -> Iterator[Mapping[str, str]]:
    """The packages of a dpkg status file, or of a list in which each begins with its ``Package:``."""
    held: list[str] = []
    for line in [*text.splitlines(), "Package:"]:
        if line.startswith("Package:") and held:
            yield dict(message_from_string("\n".join(held)))
            held = []
        if line:
            held.append(line)


def debian(root: Path, listed: str, *, status: bool) -> Iterator[Part]:
    """The Debian packages of a list, with the copyright file of each."""
    for said in paragraphs(listed):
        name = said["Package"]
        if name in TOOLS or (status and not said.get("Status", "").endswith(" installed")):
            continue
        text = f"usr/share/doc/{name}/copyright"
        texts = (f"/{text}",) if (root / text).is_file() else ()
        yield Part("deb", name, said["Version"], said.get("Source", name), "", texts)


def python(root: Path) -> Iterator[Part]:
    """The Python packages, with the licence's name and the texts of it that they brought."""
    for about in sorted((root / SITE).glob("*.dist-info")):
        said = metadata.Distribution.at(about).metadata
        licence = [*said.get_all("License-Expression", []), *said.get_all("License", [])]
        classes = [line for line in said.get_all("Classifier", []) if line.startswith("License ::")]
        name = licence[0].partition("\n")[0] if licence else "; ".join(line.rpartition(" :: ")[2] for line in classes)
        texts = sorted(
            f"/{path.relative_to(root)}"
            for path in about.rglob("*")
            if path.is_file() and path.name.upper().startswith(LICENCE_NAMES)
        )
        yield Part("pypi", said["Name"], said["Version"], said["Name"], name, tuple(texts))


def inside(root: Path, parts: Path) -> list[Part]:
    """Everything in ``root``, sorted. Raises `MissingLicenceError` where a licence cannot be read."""
    found = [
        *debian(root, (root / "var/lib/dpkg/status").read_text(encoding="utf-8"), status=True),
        *debian(root, (parts / "versions").read_text(encoding="utf-8"), status=False),
        *python(root),
    ]
    without = [part.name for part in found if not part.texts]
    if without:
        raise MissingLicenceError(without)
    return sorted(set(found))


def bom(found: list[Part], version: str, at: datetime) -> str:
    """The bill as JSON text; ``version`` is the image's."""
    made = Bom(serial_number=uuid5(NAMESPACE_URL, repr((version, found))))
    whole = Component(name="estation-image", version=version, type=ComponentType.OPERATING_SYSTEM, bom_ref="image")
    made.metadata.timestamp = at
    made.metadata.component = whole
    components = [_component(part) for part in found]
    made.components.update(components)
    made.register_dependency(whole, components)
    return JsonV1Dot6(made).output_as_string(indent=1) + "\n"


def _component(part: Part) -> Component:
    namespace = "debian" if part.kind == "deb" else None
    properties = [Property(name="estation:licence-text", value=text) for text in part.texts]
    if part.source != part.name:
        properties.append(Property(name="estation:debian-source", value=part.source))
    return Component(
        name=part.name,
        version=part.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{part.kind}:{part.name}",
        purl=PackageURL(part.kind, namespace, part.name, part.version),
        licenses=[DisjunctiveLicense(name=part.licence)] if part.licence else [],
        properties=properties,
    )


def main(root: Path, parts: Path, where: Path) -> None:
    """Write the bill of ``root``."""
    found = inside(root, parts)
    version = next(part.version for part in found if part.kind == "pypi" and part.name == "estation")
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_text(bom(found, version, datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)))


if __name__ == "__main__":
    try:
        main(*map(Path, sys.argv[1:4]))
    except MissingLicenceError as error:
        sys.exit(str(error))
