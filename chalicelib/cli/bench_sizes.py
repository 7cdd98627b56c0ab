"""How large a bench is asked to be."""

from __future__ import annotations

from chalicelib.cli.context import Run
from chalicelib.model.errors import Invalid


def rounds(run: Run) -> int:
    """--rounds; raises Invalid for none."""
    asked: int = run.args.rounds
    return _at_least(1, asked, "--rounds")


def contacts(run: Run, usual: int, fewest: int) -> int:
    """--contacts, or the usual number; raises Invalid for fewer than say anything."""
    asked = run.args.contacts
    return _at_least(fewest, usual if asked is None else asked, "--contacts")


def _at_least(least: int, asked: int, option: str) -> int:
    if asked < least:
        raise Invalid("bench.size", f"{option} 至少 {least}", f"{option} must be at least {least}", option)
    return asked
