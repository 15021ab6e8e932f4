"""What lies where on a stick. Names are ours alone: nothing else on the stick is ever opened.

::

    ESTATION/
      READ-ME.txt
      library/metadata/        TUF metadata: N.root.json (all of them), timestamp.json, N.snapshot.json, N.targets.json
      library/targets/         the signed documents, named HASH.catalogue.json as consistent snapshots want
      library/blocks/ID        block lists, named by content id
      library/content/ID       the videos, named by content id
      profiles/STATION.json    a signed profile (DSSE) for each station
      certificates/STATION.pem the station's certificate, signed at the centre from its request
      returned/STATION/        what the box leaves: receipt.html, receipt.json, request.pem
"""

from __future__ import annotations

from typing import Final

ROOT: Final = "ESTATION"
METADATA: Final = f"{ROOT}/library/metadata"
TARGETS: Final = f"{ROOT}/library/targets"
BLOCKS: Final = f"{ROOT}/library/blocks"
CONTENT: Final = f"{ROOT}/library/content"
PROFILES: Final = f"{ROOT}/profiles"
CERTIFICATES: Final = f"{ROOT}/certificates"
RETURNED: Final = f"{ROOT}/returned"
READ_ME: Final = f"{ROOT}/READ-ME.txt"

RECEIPT_PAGE: Final = "receipt.html"
RECEIPT: Final = "receipt.json"
REQUEST: Final = "request.pem"


def profile(station: str) -> str:
    """Where the profile of ``station`` lies."""
    return f"{PROFILES}/{station}.json"


def certificate(station: str) -> str:
    """Where the certificate of ``station`` lies."""
    return f"{CERTIFICATES}/{station}.pem"


def returned(station: str) -> str:
    """The folder in which the box of ``station`` leaves its receipt and its request."""
    return f"{RETURNED}/{station}"


def content(identity: str) -> str:
    """Where the bytes of a content id lie."""
    return f"{CONTENT}/{identity}"


def block_list(identity: str) -> str:
    """Where the block list of a content id lies."""
    return f"{BLOCKS}/{identity}"
