"""Books each file that is taken in or given out."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from estation_central.registry.models import Transfer
from estation_central.registry.transfer import files, giving, past
from estation_central.registry.transfer.taking import Outcome, take

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def import_file(name: str, content: bytes, user: User | None, now: datetime, expected: str = "") -> Outcome:
    """Take a file in, whole or not at all; booked where it changed something. Raises `ValidationError`."""
    outcome = take(files.read(name, content, past.NAMES), now, keep=True, expected=expected)
    if not outcome.faults and not outcome.nothing and expected in {"", outcome.digest}:
        Transfer.objects.create(
            at=now,
            by=user,
            way=Transfer.Way.IN,
            name=name[:200],
            digest=hashlib.sha256(content).hexdigest(),
            created=sum(count.created for count in outcome.counts.values()),
            changed=sum(count.changed for count in outcome.counts.values()),
        )
    return outcome


def preview_file(name: str, content: bytes, now: datetime) -> Outcome:
    """What taking the file would do; nothing is kept. Raises `ValidationError`."""
    return take(files.read(name, content, past.NAMES), now, keep=False)


def export_file(name: str, user: User | None, now: datetime) -> bytes:
    """The whole registry as XLSX, with what was before. It holds officers' data, and is booked for that."""
    content = files.write_xlsx(giving.tables())
    digest = hashlib.sha256(content).hexdigest()
    Transfer.objects.create(at=now, by=user, way=Transfer.Way.OUT, name=name[:200], digest=digest)
    return content
