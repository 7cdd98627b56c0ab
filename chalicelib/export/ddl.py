"""The statement that lets Athena read an export on S3."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.export.folder import CONTACTS, NUMBERS
from chalicelib.loop.export.columns import NUMBERS as NUMBER_COLUMNS
from chalicelib.loop.export.columns import WEEK, Column, columns

ATHENA = {
    "varchar": "string",
    "varchar[]": "array<string>",
    "integer": "int",
    "bigint": "bigint",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "date": "date",
}
"""Type of a column -> its type in Athena."""
PLACE = "s3://BUCKET/PREFIX/"


def statements(place: str = PLACE, text: bool = False) -> str:
    """CREATE EXTERNAL TABLE for contacts and numbers, and how new weeks become known."""
    made = [
        _create(table, place, shown)
        for table, shown in ((CONTACTS, columns(text)), (NUMBERS, NUMBER_COLUMNS))
    ]
    return "\n".join([*made, *(f"MSCK REPAIR TABLE {table};" for table in (CONTACTS, NUMBERS))])


def _create(table: str, place: str, shown: Sequence[Column]) -> str:
    lines = ",\n".join(f"  `{c.name}` {ATHENA[c.type]} COMMENT '{c.en}'" for c in shown)
    return (
        f"CREATE EXTERNAL TABLE IF NOT EXISTS {table} (\n{lines}\n)\n"
        f"PARTITIONED BY (`{WEEK.name}` {ATHENA[WEEK.type]})\n"
        f"STORED AS PARQUET\nLOCATION '{place.rstrip('/')}/{table}/';\n"
    )
