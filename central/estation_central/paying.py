"""The commands of the ledger: a batch, its sheet, its payment, receipts, and what is overdue."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import django


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the commands."""
    ledger = commands.add_parser("ledger", help="subsidies").add_subparsers(required=True, metavar="ACTION")
    batch = ledger.add_parser("batch", help="decide what every site is due, and write the clerk's sheet")
    batch.add_argument("title")
    batch.add_argument("sheet", type=Path, help="the XLSX to write")
    batch.add_argument("--year", type=int, action="append", required=True, help="again for more")
    batch.add_argument("--site", action="append", help="again for more; default: every site of the network")
    batch.set_defaults(run=lambda options, _: _told(_batch, options))
    pay = ledger.add_parser("pay", help="note that a batch went out")
    pay.add_argument("batch", type=int)
    pay.add_argument("day", type=date.fromisoformat, help="such as 2026-12-01")
    pay.set_defaults(run=lambda options, _: _told(_pay, options))
    receipt = ledger.add_parser("receipt", help="book a receipt")
    receipt.add_argument("site")
    receipt.add_argument("year", type=int)
    receipt.add_argument("number")
    receipt.add_argument("day", type=date.fromisoformat)
    receipt.add_argument("yuan", type=_fen, help="such as 200.00")
    receipt.set_defaults(run=lambda options, _: _told(_receipt, options))
    late = ledger.add_parser("overdue", help="payments whose receipts should be here")
    late.set_defaults(run=lambda options, _: _told(_overdue, options))


def _fen(words: str) -> int:
    """Yuan as a person writes them, in fen; exact, never through a float."""
    try:
        fen = Decimal(words) * 100
    except InvalidOperation:
        fen = Decimal("NaN")
    if not fen.is_finite() or fen != int(fen) or not 0 < fen < 10**12:
        msg = f"{words}: an amount in yuan with at most two places is needed"
        raise argparse.ArgumentTypeError(msg)
    return int(fen)


def _told(action: object, options: argparse.Namespace) -> int:
    """Run one of the commands; 2 with a plain word where it cannot be booked. Commands speak English, as all here."""
    django.setup()
    from django.utils import translation  # noqa: PLC0415 (it wants Django set up)

    from estation_central.ledger.batches import LedgerError  # noqa: PLC0415 (models want Django set up)
    from estation_central.ledger.sheet import SheetTooLongError  # noqa: PLC0415

    try:
        with translation.override("en"):
            action(options)  # type: ignore[operator]  # one of the functions below
    except (LedgerError, SheetTooLongError) as error:
        sys.stderr.write(f"estation-central: {error}\n")
        return 2
    return 0


def _batch(options: argparse.Namespace) -> None:
    from estation_central.ledger import batches, rules  # noqa: PLC0415 (models want Django set up)

    made = batches.make(options.title, options.year, options.site or batches.every_site(), datetime.now(UTC))
    batches.write_sheet(made, options.sheet)
    fen, count = batches.sums(made)
    sys.stdout.write(f"batch {made.pk}: {count} payments, {rules.yuan(fen)} yuan, in {options.sheet}\n")


def _pay(options: argparse.Namespace) -> None:
    from estation_central.ledger import batches  # noqa: PLC0415 (models want Django set up)

    batches.pay(batches.batch(options.batch), options.day)


def _receipt(options: argparse.Namespace) -> None:
    from estation_central.ledger import batches  # noqa: PLC0415 (models want Django set up)

    payment = batches.payment(options.site, options.year)
    batches.receipt(payment, options.number, options.day, options.yuan)


def _overdue(_options: argparse.Namespace) -> None:
    from estation_central.ledger import batches, rules  # noqa: PLC0415 (models want Django set up)

    for each in batches.overdue(datetime.now(UTC).date()):
        sys.stdout.write(f"{each.site} {each.year}: {rules.yuan(each.fen)} yuan, paid {each.batch.paid}\n")
