"""SQL on an export: reading only, of its files only, without network, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.export.engine import MEMORY, SPILL, connect, literal, name
from chalicelib.export.folder import CONTACTS, NUMBERS, read_receipt
from chalicelib.loop.export.columns import NUMBERS as NUMBER_COLUMNS
from chalicelib.loop.export.columns import WEEK, Column, columns
from chalicelib.model.errors import Invalid

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AT_ONCE = 1_000
LONGEST_SECONDS = 60.0
"""Of one statement, until its last row has been taken."""
LONGEST_REASON = 600


class Answer(NamedTuple):
    """Names and types of the columns, and the rows as they come."""

    columns: list[tuple[str, str]]
    rows: Iterator[tuple[Any, ...]]


@contextmanager
def answering(folder: Path, sql: str, seconds: float = LONGEST_SECONDS) -> Iterator[Answer]:
    """The answer to one SELECT. Raises Invalid for what is no export, no SELECT, wrong, too large or too slow."""
    import duckdb

    receipt = _receipt(folder)
    with TemporaryDirectory() as spill, connect(Path(spill), threads=2) as database, _refusing(seconds):
        files = [_view(database, folder, CONTACTS, columns(bool(receipt["text"])))]
        files.append(_view(database, folder, NUMBERS, NUMBER_COLUMNS))
        allowed = ", ".join(literal(file) for some in files for file in some)
        database.execute(f"set allowed_paths = [{allowed}]")
        database.execute("set enable_external_access = false")
        database.execute("set lock_configuration = true")
        found = duckdb.extract_statements(sql)
        if len(found) != 1 or found[0].type is not duckdb.StatementType.SELECT:
            raise Invalid(
                "sql.select",
                "只能有一条 SELECT（或 DESCRIBE、SUMMARIZE、SHOW TABLES）",
                "give one SELECT (or DESCRIBE, SUMMARIZE, SHOW TABLES), nothing else",
                "sql",
            )
        with _interrupting(database, seconds):
            asked = database.execute(found[0])
            yield Answer([(d[0], str(d[1])) for d in asked.description or ()], _rows(asked))


@contextmanager
def _interrupting(database: DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """DuckDB has no time limit of its own; it is asked again and again, should it stand between two rows then."""
    over = Event()

    def watch() -> None:
        wait = seconds
        while not over.wait(wait):
            database.interrupt()
            wait = 0.1

    thread = Thread(target=watch, name="sql-limit", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _rows(asked: DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while some := asked.fetchmany(AT_ONCE):
        yield from some


def _receipt(folder: Path) -> dict[str, Any]:
    receipt = read_receipt(folder) if folder.is_dir() else None
    if receipt is None or receipt["format"] != "parquet":
        raise Invalid(
            "sql.folder",
            "这里没有 Parquet 导出；先运行 ./voc export --format parquet，或用 --dir 指定文件夹",
            "there is no Parquet export here; run ./voc export --format parquet first, or name its folder with --dir",
            folder.name,
        )
    return receipt


def _view(database: DuckDBPyConnection, folder: Path, table: str, shown: tuple[Column, ...]) -> list[Path]:
    """Make the view of a table; the files it reads. Without any file it is empty, with the same columns."""
    files = sorted(folder.resolve().glob(f"{table}/week=*/part-*.parquet"))
    if files:
        listed = ", ".join(literal(file) for file in files)
        source = (
            f"select * from read_parquet([{listed}], hive_partitioning = true,"
            f" hive_types = {{{name(WEEK.name)}: varchar}})"
        )
    else:
        fields = ", ".join(f"null::{c.type} as {name(c.name)}" for c in (*shown, WEEK))
        source = f"select {fields} limit 0"
    database.execute(f"create view {table} as {source}")
    return files


@contextmanager
def _refusing(seconds: float) -> Iterator[None]:
    """DuckDB's errors as ours. What it says of the statement is passed on; what may repeat a value of the data
    is not."""
    import duckdb

    try:
        yield
    except (duckdb.ParserException, duckdb.CatalogException, duckdb.BinderException) as error:
        said = str(error)[:LONGEST_REASON]
        raise Invalid("sql.wrong", f"SQL 有误：{said}", "the SQL is wrong, see above", "sql") from error
    except (duckdb.PermissionException, duckdb.IOException) as error:
        raise Invalid(
            "sql.outside",
            "SQL 只能读 contacts 和 numbers，不能碰别的文件和网络（或导出的文件坏了）",
            "SQL reads contacts and numbers only, no other file and no network (or an exported file is damaged)",
            "sql",
        ) from error
    except duckdb.InterruptException as error:
        raise Invalid(
            "sql.slow",
            f"超过 {seconds:.0f} 秒，已停下；请加条件、少连几张表，或先按周汇总",
            f"stopped after {seconds:.0f} seconds; add conditions, join less, or sum by week first",
            "sql",
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise Invalid(
            "sql.large",
            f"超过了 {MEMORY} 内存和 {SPILL} 磁盘；请少要几行几列，或先按周汇总",
            f"more than {MEMORY} of memory and {SPILL} of disk; ask for fewer rows and columns, or sum by week first",
            "sql",
        ) from error
    except duckdb.Error as error:
        kind = type(error).__name__
        raise Invalid(
            "sql.failed",
            f"算不出来（{kind}）：请检查类型转换和函数的参数",
            f"it cannot be computed ({kind}): check casts and arguments of functions",
            "sql",
        ) from error
