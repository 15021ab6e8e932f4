"""Commands of the publisher's office: recall a film, new keys, who else may publish. Each says first what it would do.

Without ``--yes`` nothing is changed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from studio import delegation, handing, letters, recalling, rotation

NOTHING: Final = "什么都没有改变；确认请加 --yes · nothing was changed; add --yes to do it"
ROLE_HELP: Final = "653101 (county), 653101102 (township), 653101-emergency or emergency"
Work = Callable[[argparse.Namespace, datetime], int]


def add(commands: Any, folder_help: str) -> None:
    """Put the office's commands beside the others."""

    def command(name: str, words: str, run: Work, *, confirmed: bool = True) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = commands.add_parser(name, help=words)
        parser.add_argument("folder", type=Path, metavar="FOLDER", help=folder_help)
        if confirmed:
            parser.add_argument("--yes", action="store_true", help="do it; without, it is only told")
        parser.set_defaults(run=run)
        return parser

    recall = command("recall", "take a film off every box, for good", _recall)
    recall.add_argument("item", metavar="FILM", help="its id, the beginning of it, or its title")
    rotate = command("rotate", "new keys for a role; the old ones are put away", _rotate)
    rotate.add_argument("role", metavar="ROLE", help=f"root, targets, snapshot, timestamp, or {ROLE_HELP}")
    delegate = command("delegate", "let a county, a township or an emergency desk publish", _delegate)
    delegate.add_argument("role", metavar="ROLE", help=ROLE_HELP)
    delegate.add_argument("--hand", type=Path, metavar="PLACE", help="move its keys into a new studio folder there")
    for each in (rotate, delegate):
        each.add_argument("--keys", type=int, choices=range(1, 10), default=0, help="how many keys")
        each.add_argument("--threshold", type=int, choices=range(1, 10), default=0, help="how many must sign")
    revoke = command("revoke", "end a delegation, and all that it says", _revoke)
    revoke.add_argument("role", metavar="ROLE", help=ROLE_HELP)
    letter = command("letter", "sign one bulletin, to be sent at once by the centre", _letter, confirmed=False)
    letter.add_argument("source", type=Path, metavar="SOURCE", help="the folder whose library.toml has the bulletin")
    letter.add_argument("bulletin", metavar="BULLETIN", help="its id")
    letter.add_argument("--role", required=True, help=ROLE_HELP)
    drafted = command("sign-letter", "sign a bulletin that was drafted at the centre, or its recall", _sign_letter)
    drafted.add_argument("draft", type=Path, metavar="DRAFT", help="the centre's file, or one that somebody has signed")
    accept = command("accept", "take in what a delegate signed on its own machine", _accept, confirmed=False)
    accept.add_argument("handed", type=Path, metavar="HANDED", help="the folder handed/ROLE that it brought")


def _told(options: argparse.Namespace, lines: Iterable[str]) -> bool:
    """Say what would be done; whether it shall be."""
    print("\n".join(lines))
    if not options.yes:
        print(NOTHING)
    return bool(options.yes)


def _recall(options: argparse.Namespace, now: datetime) -> int:
    if not _told(options, recalling.lines(recalling.look(options.folder, options.item))):
        return 0
    if recalling.recall(options.folder, options.item, now=now):
        print("已召回并发布 · recalled and published; now make sticks, and take it out of library.toml")
    else:
        print(f"已召回，等待签名 · recalled; each person signs: estation-studio sign {options.folder} --as PERSON")
    return 0


def _rotate(options: argparse.Namespace, now: datetime) -> int:
    words = "更换全部密钥，旧密钥收进 keys/retired · every key is replaced, the old ones go to keys/retired"
    if _told(options, [f"{options.role}: {words}"]):
        rotation.rotate(options.folder, options.role, now=now, count=options.keys, threshold=options.threshold)
        print("已更换；请为各站制作新 U 盘 · done; make new sticks for the stations")
    return 0


def _delegate(options: argparse.Namespace, now: datetime) -> int:
    place = delegation.place_of(options.role)
    signers = max(options.threshold, place.threshold)
    lines = [f"{options.role}: 可以签发 {'、'.join(place.patterns)} · may sign these, {signers} must sign together"]
    if options.hand:
        lines.append(f"密钥移到 {options.hand} · its keys are moved to {options.hand}, and are here no more")
    if not _told(options, lines):
        return 0
    delegation.delegate(options.folder, options.role, now=now, count=options.keys, threshold=options.threshold)
    if options.hand:
        handing.hand_over(options.folder, options.role, options.hand)
    print("完成 · done")
    return 0


def _revoke(options: argparse.Namespace, now: datetime) -> int:
    line = f"{options.role}: 撤销授权，它发布的内容全部撤下 · its word ends, and all that it published goes"
    if _told(options, [line]):
        delegation.revoke(options.folder, options.role, now=now)
        print("已撤销 · done")
    return 0


def _letter(options: argparse.Namespace, _now: datetime) -> int:
    signed = letters.sign(options.folder, options.source, options.bulletin, options.role)
    _say(signed)
    print("发送 · to send it: estation-central send STATION bulletin --letter " + str(signed.path))
    return 0 if signed.signatures >= signed.needed else 1


def _sign_letter(options: argparse.Namespace, _now: datetime) -> int:
    draft = letters.read_draft(options.draft)
    if not _told(options, letters.lines(draft)):
        return 0
    signed = letters.sign_draft(options.folder, draft)
    _say(signed)
    if signed.signatures < signed.needed:
        print("请带给下一位签名人 · take it to the next person, who signs it in the same way")
        return 1
    print("请在中心网页上传此文件 · upload it at the centre, on the page of the bulletin")
    return 0


def _say(signed: letters.Signed) -> None:
    print(f"{signed.path}: {signed.signatures} / {signed.needed} 签名 · signatures")


def _accept(options: argparse.Namespace, now: datetime) -> int:
    taken = handing.accept(options.folder, options.handed, now=now)
    print(f"{taken.role}: {taken.documents} 份文件、{taken.films} 个节目已接收并发布 · taken in and published")
    return 0
