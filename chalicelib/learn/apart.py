"""Work in a process of its own: training takes a core for minutes, and memory that a service should not keep."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any, NamedTuple, TypeVar, cast

from chalicelib.model.errors import Invalid, LoopError

T = TypeVar("T")
KINDNESS = 10
"""How far the work steps back (nice) behind whoever serves."""


class _Refused(NamedTuple):
    code: str
    zh: str
    en: str
    where: str


class _Failed(NamedTuple):
    what: str


def apart(work: Callable[..., T], *given: Any) -> T:
    """`work(*given)`, done by a process that ends with this one; all of it must be picklable.

    Raises Invalid as the work does, and when its process was ended, for instance for want of memory.
    """
    context = get_context("spawn")  # a fork of a process with threads may never wake
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_do, args=(there, work, given), daemon=True)
    child.start()
    there.close()
    try:
        said = here.recv()
    except EOFError:
        raise _ended() from None
    finally:
        child.terminate()
        child.join()
        here.close()
    if isinstance(said, _Refused):
        raise Invalid(*said)
    if isinstance(said, _Failed):
        raise RuntimeError(f"the work failed: {said.what}")
    return cast(T, said)


def _do(there: Connection, work: Callable[..., Any], given: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this one
    os.nice(KINDNESS)
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        there.send(work(*given))
    except LoopError as error:
        there.send(_Refused(error.code, error.zh, error.en, error.where))
    except Exception as error:  # its text may hold what a customer said: only the type goes on
        there.send(_Failed(type(error).__name__))


def _end_with_parent() -> None:
    """A parent that is killed cannot end its children: nobody would ever read what this one works out."""
    if parent := parent_process():
        parent.join()
    os._exit(1)


def _ended() -> Invalid:
    return Invalid(
        "learn.ended",
        "训练进程中途结束，可能内存不足；什么也没有改变，请腾出内存后再试",
        "the training process was ended, perhaps for want of memory; nothing was changed, free some and try again",
        "learn",
    )
