"""Arguments of the commands that check the statistics on a plain table."""

from __future__ import annotations

from argparse import ArgumentParser

VERDICT = "改进前后的结论，从一张表算 before/after verdict of a plain table"


def verdict(one: ArgumentParser) -> None:
    """`voc verdict`."""
    columns = "time,count,exposure,intervention[,season,control,intervention_NAME,sibling_NAME]"
    one.add_argument("--in", dest="source", required=True, metavar="CSV", help=columns)
    one.add_argument("--config", required=True, metavar="JSON", help="事先约定的口径 what was agreed before")
