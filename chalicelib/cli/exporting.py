"""`voc export` and `voc sql`: contacts for other tools, and SQL on what was exported."""

from __future__ import annotations

import sys
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, cast

from chalicelib.backup.leaving import leave
from chalicelib.cli.context import Run
from chalicelib.cli.output import Advance, progress, say, table, write
from chalicelib.export.ddl import PLACE, statements
from chalicelib.export.exporting import export_file, export_folder
from chalicelib.export.files import Format
from chalicelib.export.query import Answer, answering
from chalicelib.loop.export.permission import Wish, permit
from chalicelib.loop.export.rows import first_week, last_week
from chalicelib.loop.export.table import MARK, cells
from chalicelib.model.errors import Invalid
from chalicelib.model.weeks import parse_week, weeks_between

Result = tuple[int, dict[str, Any]]
FORMATS = ("csv", "parquet")
USUAL = "export"
MOST_JSON = 100_000
"""Rows of one JSON object; more are for --csv."""


def export(run: Run) -> Result:
    """Write contacts to a folder of weeks or to one file; or print what Athena needs to read them."""
    args = run.args
    if args.ddl:
        text = statements(args.location or PLACE, args.text)
        say(text)
        return 0, {"ddl": text}
    if args.everything:
        return _everything(run)
    out = Path(args.out) if args.out else run.environment.data / USUAL
    form, single = _form(out, args.format)
    permit(run.loop, run.caller, _wish(run, "2000-W01", "2000-W01"))  # before the weeks are looked for
    wish = _wish(run, *_weeks(run))
    try:
        with progress("导出 exporting") as advance:
            return (_one_file if single else _folder)(run, wish, out, form, advance)
    except OSError as error:
        raise Invalid(
            "export.write",
            f"写不了：{error.strerror}；请检查权限和剩余空间，或用 --out 换个地方",
            f"cannot write: {error.strerror}; check permissions and space, or name another place with --out",
            out.name,
        ) from error


def _everything(run: Run) -> Result:
    """All that is stored, for another product."""
    args = run.args
    path = Path(args.out or "")
    if path.suffix.lower() != ".zip":
        raise Invalid(
            "export.zip",
            "--everything 要用 --out 指明一个 .zip 文件",
            "--everything needs --out with a .zip file",
            "--out",
        )
    with progress("导出 exporting") as advance:
        n = leave(
            run.loop, run.caller, path, args.purpose, args.originals, lambda part, n: advance(n, label=part)
        )
    say(f"已导出 {n} 条记录到 {path}；字段在里面的 schema.json / {n} records, described by schema.json in it")
    return 0, {"out": str(path), "records": n, "originals": args.originals}


def _wish(run: Run, first: str, last: str) -> Wish:
    args = run.args
    return Wish(first, last, args.department or "", args.text, args.purpose)


def _weeks(run: Run) -> tuple[str, str]:
    """What was asked for; else from the first week that has contacts to now."""
    args, loop = run.args, run.loop
    last = parse_week(args.last, where="--last") if args.last else last_week(loop)
    first = parse_week(args.first, where="--first") if args.first else first_week(loop, last)
    if not weeks_between(first, last):
        raise Invalid(
            "weeks.order",
            "起始周在结束周之后，请对调",
            "the first week is after the last; swap them",
            "--first",
        )
    return first, last


def _form(out: Path, asked: str | None) -> tuple[Format, bool]:
    """CSV or Parquet, and whether it is one file."""
    named = out.suffix.lower().removeprefix(".")
    single = named in FORMATS and not out.is_dir()
    if single and asked not in (None, named):
        raise Invalid(
            "export.format",
            f"--format {asked} 和文件名 .{named} 不一致",
            f"--format {asked} contradicts the file's name .{named}",
            "--format",
        )
    return cast(Format, named if single else asked or "parquet"), single


def _folder(run: Run, wish: Wish, out: Path, form: Format, advance: Advance) -> Result:
    receipt = export_folder(run.loop, run.caller, wish, out, form, lambda n: advance(n))
    say(
        f"已导出 {receipt['written']} 条联络（{wish.first}–{wish.last}）到 {out}；收据 receipt.json"
        f" / {receipt['written']} contacts exported"
    )
    if form == "parquet":
        say(
            '查询 query: ./voc sql "select week, count(*) n from contacts where counted group by week order by week"'
        )
    shown = {k: receipt[k] for k in ("format", "departments", "text", "rows", "sha256", "written", "last")}
    return 0, {"out": str(out), **shown}


def _one_file(run: Run, wish: Wish, out: Path, form: Format, advance: Advance) -> Result:
    written, rows = export_file(run.loop, run.caller, wish, out, form, lambda n: advance(n))
    say(f"已导出 {rows} 条联络（{wish.first}–{wish.last}）到 {out} / {rows} contacts exported")
    last = {"first": wish.first, "last": wish.last}
    return 0, {"out": str(out), "format": form, "text": wish.text, **last, **written._asdict()}


def sql(run: Run) -> Result:
    """The answer to one SELECT as a table, CSV or JSON."""
    args = run.args
    query = sys.stdin.read() if args.query == "-" else args.query
    folder = Path(args.dir) if args.dir else run.environment.data / USUAL
    with answering(folder, query) as answer:
        names = _names(answer)
        if args.csv:
            return 0, {"columns": names, "rows": _csv(names, answer)}
        if args.json:
            return 0, _json(names, answer)
        rows = [dict(zip(names, row, strict=True)) for row in islice(answer.rows, args.limit + 1)]
    table("结果 result", [_shown(row) for row in rows[: args.limit]], [(n, n) for n in names])
    if len(rows) > args.limit:
        say(f"只显示前 {args.limit} 行；全部用 --csv / the first {args.limit} rows only; --csv gives all")
    return 0, {}


def _names(answer: Answer) -> list[str]:
    """The columns' names, each once."""
    names: list[str] = []
    for name, _ in answer.columns:
        names.append(next(n for i in range(1, 10**6) if (n := f"{name}_{i}" if i > 1 else name) not in names))
    return names


def _csv(names: list[str], answer: Answer) -> int:
    write(sys.stdout, MARK + cells(names))
    done = 0
    for row in answer.rows:
        sys.stdout.write(cells([_plain(value) for value in row]))
        done += 1
    return done


def _json(names: list[str], answer: Answer) -> dict[str, Any]:
    rows = [[_plain(value) for value in row] for row in islice(answer.rows, MOST_JSON + 1)]
    if len(rows) > MOST_JSON:
        raise Invalid(
            "sql.rows",
            f"超过 {MOST_JSON} 行，请用 --csv 或先汇总",
            f"more than {MOST_JSON} rows; use --csv, or sum them up first",
            "--json",
        )
    types = [{"name": name, "type": kind} for name, (_, kind) in zip(names, answer.columns, strict=True)]
    return {"columns": types, "rows": [dict(zip(names, row, strict=True)) for row in rows]}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {k: f"{v:%Y-%m-%d %H:%M:%S}" if isinstance(v, datetime) else v for k, v in row.items()}


def _plain(value: Any) -> Any:
    """A value of DuckDB's as JSON and CSV have it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds") + ("" if value.tzinfo else "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)
