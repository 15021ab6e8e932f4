"""The command after each publication: the library is verified and taken in, for previews, topics and bulletins."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

import django

from estation_central.settings import CentreSettings


def run(options: argparse.Namespace, settings: CentreSettings) -> int:
    """``estation-central library``: says what it took; 2 with a plain word where it is not to be believed."""
    django.setup()
    from estation_central.compliance import figures  # noqa: PLC0415 (models want Django set up)
    from estation_central.publication import believing, library  # noqa: PLC0415
    from estation_wire.library import Catalogue  # noqa: PLC0415

    try:
        root = options.root.read_bytes()[: believing.ROOT_BYTES] if options.root else None
        found = believing.believe(options.library, settings.library, root)
    except (believing.UnbelievedError, OSError) as error:
        sys.stderr.write(f"estation-central: {error}\n")
        return 2
    library.take(found, datetime.now(UTC))
    catalogues = filter(None, (library.document(Catalogue, region) for region in ("", *library.regions())))
    topics = {item.id: str(item.topic) for catalogue in catalogues for item in catalogue.items}
    figures.name_topics(topics)
    roles = ", ".join(voice.role for voice in found.voices) or "nobody"
    sys.stdout.write(f"{len(found.documents)} documents, {len(topics)} items; bulletins may be sent by: {roles}\n")
    return 0
