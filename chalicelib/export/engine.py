"""DuckDB, tied down: no extension is loaded or looked for, little memory, one place for what does not fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "384MB"
"""What DuckDB counts; the whole process stays below 512 MB."""
SPILL = "2GB"
"""Of disk, for sorting and grouping what does not fit in memory."""


def connect(spill: Path | None = None, threads: int = 1) -> DuckDBPyConnection:
    """A database in memory; `spill` is a folder that the caller removes. Imported here: it takes 0.1 s and 40 MB."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "threads": threads,
        "temp_directory": str(spill or ""),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }
    if spill:
        settings["max_temp_directory_size"] = SPILL
    database = duckdb.connect(":memory:", config=settings)
    database.execute("set TimeZone = 'UTC'")
    return database


def literal(value: str | Path) -> str:
    """A value as an SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"


def name(value: str) -> str:
    """A column's name, quoted."""
    return '"' + value.replace('"', '""') + '"'
