"""Commands that hand data to other tools."""

from __future__ import annotations

from typing import Any

from chalicelib.cli.grammar.options import acting_as, add, between, weeks


def exporting(commands: Any) -> None:
    """Add them."""
    text = "导出联络为 CSV 或 Parquet export contacts as CSV or Parquet"
    one = weeks(acting_as(add(commands, "export", text, "exporting:export")))
    one.add_argument(
        "--format", choices=("csv", "parquet"), help="默认 parquet，或看文件名 or by the file's name"
    )
    one.add_argument(
        "--out", metavar="DIR|FILE",
        help="文件夹（每周一个文件），或一个 .csv、.parquet 文件；默认数据目录下的 export folder or file",
    )  # fmt: skip
    one.add_argument("--department", help="部门代码 only this department's contacts")
    one.add_argument("--text", action="store_true", help="带脱敏后的内容，要说用途 with masked texts")
    one.add_argument("--purpose", default="", help="用途，记入查阅记录 what for; goes into the reading log")
    one.add_argument(
        "--everything",
        action="store_true",
        help="全部数据到一个 .zip，带字段说明 all there is, to leave with",
    )
    one.add_argument(
        "--originals",
        action="store_true",
        help="--everything 带原文和客户身份 originals and identities opened",
    )
    one.add_argument("--ddl", action="store_true", help="只打印 Athena 建表语句 print the table for Athena")
    one.add_argument("--location", default="", metavar="S3", help="--ddl 的位置 s3://…/ of the folder")
    one = add(commands, "sql", "对 Parquet 导出用 SQL SQL on a Parquet export (DuckDB)", "exporting:sql")
    one.add_argument("query", metavar="SELECT", help="表 tables: contacts, numbers；- 读标准输入")
    one.add_argument("--dir", metavar="DIR", help="导出的文件夹 folder of the export")
    one.add_argument("--csv", action="store_true", help="输出 CSV output CSV, all rows")
    one.add_argument(
        "--limit", type=between(1, 10_000), default=200, help="表格最多几行 rows of the table (default 200)"
    )
