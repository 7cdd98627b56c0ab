"""Writes a report of `voc bench aws --json` into README's part on scale, between its marks:

./voc bench aws --json | python -m chalicelib.bench.aws_paper README.md
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from chalicelib.model.entity import utc_now
from chalicelib.model.weeks import local

BEGIN, END = "<!-- voc bench aws: begin -->", "<!-- voc bench aws: end -->"
LIMITS = {
    "table_new": "新表 new table，写单位/秒",
    "table_new_reads": "新表 new table，读单位/秒",
    "table_quota": "表的默认配额 table quota，写单位/秒",
    "key_writes": "一个分区键 one key，写单位/秒",
    "key_reads": "一个分区键 one key，读单位/秒",
    "item": "一个条目上接连的事务 transactions at one item",
    "gateway": "API Gateway，请求/秒",
    "APIHandler": "`APIHandler` 的并发 concurrency",
    "Intake": "`Intake` 的并发 concurrency",
    "Stream": "`Stream` 的并发 concurrency",
}


def paper(report: Mapping[str, Any], day: str) -> str:
    """The tables, in Markdown."""
    burst = report["loads"][0]["burst"]
    ways = _table(
        ("怎么来 way in", "写单位", "读单位", "请求", "函数 ms", "字节", "美元/百万条", "占 Comprehend"),
        (_way(name, way, report["comprehend_usd"]) for name, way in report["ways"].items()),
    )
    loads = _table(
        (
            "条/天",
            "平均/秒",
            "最忙一小时/秒",
            "它的十倍/秒",
            "那时写单位/秒",
            "GB/年",
            "头一月美元",
            "一年后每月",
        ),
        (_load(row) for row in report["loads"]),
    )
    limits = _table(
        ("什么 what", "上限 limit", "一条用 a contact", "每秒几条时满 full at", f"{burst:.0f} 条/秒时"),
        (_limit(row, burst) for row in report["limits"]),
    )
    said = (
        f"{day} 由 `./voc bench aws` 算出（{report['contacts']} 条，价格 {report['region']} {report['as_of']}；"
        f"没有联络时每月 {report['standing_usd_a_month']['total']:.1f} 美元）："
    )
    return "\n\n".join((said, ways, loads, limits))


def _way(name: str, way: Mapping[str, Any], against: float) -> list[str]:
    functions = way["functions"].values()
    return [
        f"{name}（{way['zh']}）",
        f"{way['write_units']:.1f}",
        f"{way['read_units']:.1f}",
        f"{sum(way['requests'].values()):.1f}",
        f"{sum(one['computing_ms'] + one['waiting_ms'] for one in functions):.0f}",
        f"{way['bytes_stored']:,.0f}",
        f"{way['usd']['total']:.1f}",
        f"{way['usd']['total'] / against:.1%}",
    ]


def _load(row: Mapping[str, float]) -> list[str]:
    return [
        f"{row['a_day']:,.0f}",
        *(f"{row[name]:.2f}" for name in ("mean", "busy", "burst")),
        *(f"{row[name]:,.0f}" for name in ("write_units_at_burst", "gb_a_year", "usd_first_month")),
        f"{row['usd_month_after_a_year']:,.0f}",
    ]


def _limit(row: Mapping[str, Any], burst: float) -> list[str]:
    key = f"（`{row['key'].replace('|', ' ')}`）" if "key" in row else ""
    full = row["full_at"]
    return [
        LIMITS[row["what"]] + key,
        f"{row['limit']:,.0f}",
        f"{row['each']:.3g}",
        f"{full:,.0f}",
        f"{burst / full:.0%}",
    ]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(file: Path, said: str) -> None:
    """The report is the last line of what was said; the file keeps all that is not between the marks."""
    report = json.loads(said.splitlines()[-1])
    before, _, rest = file.read_text("utf-8").partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise SystemExit(f"{file}: {BEGIN} … {END}")
    day = local(utc_now()).date().isoformat()
    file.write_text(f"{before}{BEGIN}\n\n{paper(report, day)}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.stdin.read())
