"""Officers' data goes when their duty has ended. Run every day: `estation-central erase-officers`."""

from __future__ import annotations

from datetime import date

from estation_central.registry.models import Officer


def erase(today: date) -> int:
    """Delete every officer whose last day of duty has passed; how many."""
    ended = list(Officer.objects.filter(until__lt=today))
    for officer in ended:  # one by one, so that the audit log says of each that it is gone
        officer.delete()
    return len(ended)
