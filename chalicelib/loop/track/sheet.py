"""A project's weeks as the table that `voc verdict` reads: whoever has it can check the verdict."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from chalicelib.loop.track.project_weeks import Weeks

Columns = dict[str, Sequence[str | float]]
OTHER, SIBLING = "intervention_", "sibling_"


def columns(weeks: Weeks) -> Columns:
    """Column name -> its cells. A control that never had a contact says nothing and is left out."""
    rows = weeks.rows
    control = [row.control or 0.0 for row in rows]
    others = rows[0].others if rows else {}
    siblings = rows[0].siblings if rows else {}
    return {
        "time": [row.week for row in rows],
        "count": [row.count for row in rows],
        "exposure": [row.exposure for row in rows],
        "intervention": [row.begun for row in rows],
        **({"season": [row.season for row in rows]} if weeks.config["harmonics"] else {}),
        **({"control": control} if any(control) else {}),
        **{OTHER + name: [row.others[name] for row in rows] for name in others},
        **{SIBLING + name: [row.siblings[name] for row in rows] for name in siblings},
    }


def as_csv(weeks: Weeks) -> str:
    """The table as a file: numbers, weeks and codes, nothing a spreadsheet could run."""
    table = columns(weeks)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))
    return out.getvalue()
