"""The registry from the command line: import with a preview, export, coverage, and the end of officers' duty."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from estation_central.registry.transfer.taking import Outcome


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the commands."""
    actions = commands.add_parser("registry", help="the registry in files").add_subparsers(
        required=True, metavar="ACTION", dest="action"
    )
    taken = actions.add_parser("import", help="show what a CSV or XLSX file would change; with --yes: change it")
    taken.add_argument("file", type=Path)
    taken.add_argument("--yes", action="store_true", help="change it")
    given = actions.add_parser("export", help="write everything into an XLSX file, or as CSV files into a folder")
    given.add_argument("path", type=Path)
    actions.add_parser("coverage", help="villages and schools without a working station")
    boxes = actions.add_parser("boxes", help="every box: what it is, and where it serves or served last")
    boxes.add_argument("--state", choices=("serving", "spare", "repair", "stolen", "scrapped"))
    actions.add_parser("erase-officers", help="delete officers' data after their last day of duty; daily")
    merge = actions.add_parser("merge", help="one site goes up in another, with all its stations")
    merge.add_argument("site")
    merge.add_argument("into")
    recode = actions.add_parser("recode", help="a region has another official code from today on")
    recode.add_argument("code")
    recode.add_argument("new")
    for action in actions.choices.values():
        action.set_defaults(run=lambda options, _: run(options))


def run(options: argparse.Namespace) -> int:
    """One action on the registry; the exit code."""
    django.setup()
    actions = {
        "import": take,
        "export": give,
        "coverage": coverage,
        "boxes": list_boxes,
        "erase-officers": erase_officers,
        "merge": merge,
        "recode": recode,
    }
    return actions[options.action](options)


def take(options: argparse.Namespace) -> int:
    """Preview a file, or take it in; 1 where a row of it is wrong, 2 where it cannot be read."""
    from estation_central.registry.transfer import booking, files  # noqa: PLC0415 (models want Django set up)

    now = datetime.now(UTC)
    try:
        with options.file.open("rb") as file:
            content = file.read(files.FILE_BYTES + 1)
        if options.yes:
            outcome = booking.import_file(options.file.name, content, None, now)
        else:
            outcome = booking.preview_file(options.file.name, content, now)
    except ValidationError as error:
        sys.stderr.write(f"{options.file}: {' '.join(error.messages)}\n")
        return 2
    _tell(outcome)
    if outcome.faults:
        sys.stdout.write("nothing was changed: mend these rows first\n")
    elif not options.yes and not outcome.nothing:
        sys.stdout.write("nothing was changed yet: say it again with --yes\n")
    return int(bool(outcome.faults))


def _tell(outcome: Outcome) -> None:
    for name, count in outcome.counts.items():
        line = f"{name}: {count.created} new, {count.changed} changed, {count.same} as they are"
        sys.stdout.write(f"{line}\n")
        for row, column, before, after in count.changes:
            sys.stdout.write(f"  {row}: {column}: {before or '–'} > {after or '–'}\n")
    for title in outcome.passed_over:
        sys.stdout.write(f"{title}: passed over; what was before is only given out\n")
    for fault in outcome.faults:
        sys.stdout.write(f"{fault.sheet}, row {fault.row}, {fault.column}: {fault.words}\n")


def give(options: argparse.Namespace) -> int:
    """Write the registry out."""
    from estation_central.registry.transfer import booking, files, giving  # noqa: PLC0415

    now = datetime.now(UTC)
    content = booking.export_file(options.path.name, None, now)
    if options.path.suffix.lower() == ".xlsx":
        options.path.write_bytes(content)
        options.path.chmod(0o600)  # it names people
        return 0
    options.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    for table in giving.tables():
        (options.path / f"{table.name}.csv").write_bytes(files.write_csv(table))
    return 0


def coverage(_options: argparse.Namespace) -> int:
    """Name the villages and schools without a working station; 1 where there are any."""
    from estation_central.registry import queries  # noqa: PLC0415
    from estation_central.registry.models import Region, Site  # noqa: PLC0415

    sites = queries.uncovered_sites(Site.objects.select_related("region"), datetime.now(UTC))
    villages = queries.uncovered_villages(Region.objects.all())
    for site in sites:
        fitted: int = site.fitted  # type: ignore[attr-defined]  # counted by the query
        sys.stdout.write(f"{site.region.code} {site.kind} {site}: stations, none of which works: {fitted}\n")
    for region in villages:
        sys.stdout.write(f"{region.code} village {region.name}: no hall in the network\n")
    return int(bool(sites or villages))


def list_boxes(options: argparse.Namespace) -> int:
    """Name every box, or those in one state."""
    from estation_central.registry import pool  # noqa: PLC0415
    from estation_central.registry.models import Box, BoxAssignment  # noqa: PLC0415

    boxes = pool.with_last(Box.objects.all())
    boxes = pool.of_state(boxes, pool.State(options.state)) if options.state else boxes
    lasts = {each.pk: each for each in BoxAssignment.objects.order_by()}
    for box in boxes:
        last = lasts.get(box.last)  # type: ignore[attr-defined]  # asked for by with_last
        state = pool.state_of(box, serves=last is not None and last.ended is None)
        words = [box.serial, state.value]
        if last is not None:
            words += [last.station_id, f"{last.ended or last.began:%Y-%m-%d}", last.why]
        sys.stdout.write(" ".join(word for word in words if word) + "\n")
    return 0


def erase_officers(_options: argparse.Namespace) -> int:
    """Delete the data of officers whose duty has ended."""
    from estation_central.registry.erasing import erase  # noqa: PLC0415

    sys.stdout.write(f"officers erased: {erase(datetime.now(UTC).date())}\n")
    return 0


def merge(options: argparse.Namespace) -> int:
    """One site goes up in another, with all its stations; 2 where that cannot be."""
    from estation_central.registry import moving  # noqa: PLC0415
    from estation_central.registry.models import Site  # noqa: PLC0415

    sites = {site.pk: site for site in Site.objects.filter(pk__in=(options.site, options.into))}
    for missing in {options.site, options.into} - sites.keys():
        return _refused(f"{missing}: no such site in the registry")
    try:
        moved = moving.merge(sites[options.site], sites[options.into], datetime.now(UTC))
    except ValidationError as error:
        return _refused(" ".join(error.messages))
    sys.stdout.write(f"{options.site} is part of {options.into} now; stations that moved: {moved}\n")
    return 0


def recode(options: argparse.Namespace) -> int:
    """A region has another official code from today on; 2 where that cannot be."""
    from estation_central.registry import moving  # noqa: PLC0415
    from estation_central.registry.models import Region  # noqa: PLC0415

    region = Region.objects.filter(code=options.code).first()
    if region is None:
        return _refused(f"{options.code}: no such region in the registry")
    try:
        moving.change_code(region, options.new, datetime.now(UTC).date())
    except ValidationError as error:
        return _refused(" ".join(error.messages))
    sys.stdout.write(f"{region.name}: {options.code} is {options.new} now\n")
    return 0


def _refused(words: str) -> int:
    sys.stderr.write(f"{words}\n")
    return 2
