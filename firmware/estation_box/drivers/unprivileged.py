"""From root to an ordinary user, for good, and proved by what the kernel says of this process afterwards."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
from pathlib import Path
from typing import Final

_PDEATHSIG, _DUMPABLE, _NO_NEW_PRIVS = 1, 4, 38  # prctl.h
_CAPABILITIES: Final = ("CapInh", "CapPrm", "CapEff", "CapAmb")
_libc: Final = ctypes.CDLL(None, use_errno=True)


def become(user: str, parent: int) -> None:
    """Be ``user`` alone, without any capability, never to gain one, unseen by debuggers, and gone with ``parent``.

    Raises `OSError` where a step fails, `KeyError` where there is no such user, `PermissionError` where something of
    root is left: the process must end then.
    """
    who = pwd.getpwnam(user)
    os.setgroups([])
    os.setresgid(who.pw_gid, who.pw_gid, who.pw_gid)
    os.setresuid(who.pw_uid, who.pw_uid, who.pw_uid)
    for option, value in ((_NO_NEW_PRIVS, 1), (_PDEATHSIG, int(signal.SIGKILL))):
        _prctl(option, value)
    left = remains(Path("/proc/self/status").read_text(encoding="utf-8"), who.pw_uid, who.pw_gid)
    if left or os.getppid() != parent:
        msg = f"not an ordinary user: {left or 'the parent is gone'}"
        raise PermissionError(msg)
    _prctl(_DUMPABLE, 0)


def remains(status: str, uid: int, gid: int) -> str:
    """What ``/proc/self/status`` says that an ordinary user would not have; empty where there is nothing."""
    said = {name: value.split() for name, _, value in (line.partition(":") for line in status.splitlines())}
    wanted = {
        "Uid": [str(uid)] * 4,
        "Gid": [str(gid)] * 4,
        "Groups": [],
        "NoNewPrivs": ["1"],
        **{name: ["0" * 16] for name in _CAPABILITIES},
    }
    return ", ".join(f"{name} {said.get(name)}" for name, value in wanted.items() if said.get(name) != value)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), f"prctl {option}")
