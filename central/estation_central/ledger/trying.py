"""What new terms would do to a year, before anybody decides on them; and a new version of the terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from msgspec import Struct
from msgspec.structs import asdict

from estation_central.ledger import batches, rules
from estation_central.ledger.batches import LedgerError
from estation_central.ledger.models import LedgerTerms
from estation_central.ledger.rules import Terms

MOST_CHANGED: Final = 50  # sites on the page: with them it stays far below 60 kB


class Changed(Struct, frozen=True, kw_only=True):
    """A site that would be decided otherwise; ``met`` of ``counted`` weeks by the new terms."""

    site: str
    before: bool
    after: bool
    met: int
    counted: int


class Effect(Struct, frozen=True, kw_only=True):
    """A year by the terms that hold and by the new ones: sites that are due, fen in all, and who changes."""

    sites: int
    due_before: int
    due_after: int
    fen_before: int
    fen_after: int
    changed: int
    first: tuple[Changed, ...]


def effect(before: Terms, after: Terms, sites: Sequence[str], year: int) -> Effect:
    """Decide the year of ``sites`` both ways, by what is reckoned now; nothing is written."""
    counts, changed = dict.fromkeys(("due_before", "due_after", "fen_before", "fen_after"), 0), list[Changed]()
    for cut in range(0, len(sites), batches.AT_ONCE):
        some = sites[cut : cut + batches.AT_ONCE]
        of_sites = batches.weeks(some, year)
        for site in some:
            old, new = (rules.decide(terms, site, year, of_sites[site]) for terms in (before, after))
            for when, each in (("before", old), ("after", new)):
                counts[f"due_{when}"] += each.due
                counts[f"fen_{when}"] += each.fen
            if old.due != new.due:
                told = Changed(site=site, before=old.due, after=new.due, met=new.met, counted=new.counted)
                changed.append(told)
    return Effect(sites=len(sites), changed=len(changed), first=tuple(changed[:MOST_CHANGED]), **counts)


def keep(terms: Terms, decided: str) -> None:
    """Write a new version down; it holds from the next batch on. Raises `LedgerError`.

    Where nobody decided before, the terms that held from the beginning are written down first.
    """
    newest = batches.newest_terms()
    if terms.version != newest.version + 1:
        words = {"version": newest.version}
        raise LedgerError(_("There is a version %(version)s meanwhile: look again at what yours would do.") % words)
    try:
        with transaction.atomic():
            batches.write_down(newest)
            LedgerTerms.objects.create(decided=decided, **asdict(terms))
    except IntegrityError:
        raise LedgerError(_("Somebody wrote down another version at this moment: look again.")) from None
