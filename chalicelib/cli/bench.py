"""`voc bench loop`: measure the whole loop on one core of this machine, beside django-helpdesk."""

from __future__ import annotations

import os
from collections.abc import Callable
from statistics import median
from typing import Any

from chalicelib.bench.child import PeerUnavailable, cache_folder, one_core
from chalicelib.bench.loop import Report, Side, compare, helpdesk, ours, spread
from chalicelib.cli import (
    bench_aws,
    bench_discovery,
    bench_numbers,
    bench_search,
    bench_sizes,
    bench_statistics,
    bench_tagger,
    bench_web,
)
from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table

USUAL, FEWEST, BUSY = 3_000, 20, 0.9
"""Contacts a round; fewest that say anything; less CPU than this of the wall time means that others had the core."""
OTHERS: dict[str, Callable[[Run], tuple[int, dict[str, Any]]]] = {
    "search": bench_search.bench,
    "tagger": bench_tagger.bench,
    "discovery": bench_discovery.bench,
    "numbers": bench_numbers.bench,
    "statistics": bench_statistics.bench,
    "web": bench_web.bench,
    "aws": bench_aws.bench,
}
NOTES = """\
每条联络做什么 what one contact costs on each side:
  回声 ours: 校验、去重、脱敏、原文加密、打标、并入或新建工单、算时限、连重复、每个指标随之改数 checked, \
told from repeats, masked, the original encrypted, tagged, routed into a case with its clocks, linked to \
earlier contacts, every stored number moved with it; {cases:.0%} 有工单 got a case
  对照 peer: django-helpdesk 用它自己的 TicketForm 建一张工单：校验、工单行、跟进行、信号；不打标、不脱敏、\
不加密、不计数、不写邮件 its own TicketForm: checks, a ticket row, a follow-up row, a signal; no tags, \
masking, encryption, counts or e-mail
  对照只写行 peer, rows only: 同样两行，绕过表单 the same two rows by its models, past the form
两边都是 SQLite（WAL，synchronous=normal），每 500 条一个事务，同一文件的同样内容；启动另计：\
回声 {start:.1f} 秒{peer_start} both on SQLite (WAL, synchronous=normal), 500 a transaction, the same texts; \
start-up is not in the rates
{core}；{noise}"""


def bench(run: Run) -> tuple[int, dict[str, Any]]:
    """Measure; exit code 1 when a recount finds a wrong number or a contact was not counted."""
    if other := OTHERS.get(run.args.what):
        return other(run)
    count, rounds, core = bench_sizes.contacts(run, USUAL, FEWEST), bench_sizes.rounds(run), one_core()
    peer, reason = _peer(run.args.no_peer)
    with progress("测速 benchmark", rounds * (2 if peer else 1)) as advance:
        report = compare(count, rounds, ours, peer, core, lambda label, n: advance(n, label=label))
    show(report, core, reason)
    return outcome(report, core, reason)


def outcome(report: Report, core: int | None, reason: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON: fast but wrong is a failure."""
    return int(bool(report.differences or report.uncounted)), numbers(report, core, reason)


def _peer(unwanted: bool) -> tuple[Side | None, str]:
    if unwanted:
        return None, "--no-peer"
    try:
        return helpdesk(cache_folder(os.environ)), ""
    except PeerUnavailable as error:
        return None, str(error)


def show(report: Report, core: int | None, reason: str) -> None:
    """The report for people."""
    names = [("what", f"{report.ours[0]['contacts']} 条 contacts"), ("median", "中位 median")]
    rows = [_row(label, values) for label, values in _lines(report) if values]
    table(f"整个环路，{len(report.ours)} 轮 the whole loop, rounds: {len(report.ours)}", rows,
          [*names, ("least", "最小 min"), ("most", "最大 max")])  # fmt: skip
    if not report.peers:
        say(f"没有对照，只有回声的数 no peer, only our own figures: {reason}")
    first = report.ours[0]
    starts = [r["start_seconds"] for r in report.peers]
    say(
        NOTES.format(
            cases=first["with_case"] / (first["contacts"] + first["singles"]),
            start=median(r["start_seconds"] for r in report.ours),
            peer_start=f"，对照 peer {median(starts):.1f} 秒" if starts else "",
            core="没有绑定处理器核 not pinned to a core" if core is None else f"都绑在核 both on core {core}",
            noise=_noise(report),
        )
    )
    wrong = f"；{report.uncounted} 条没有走完 not counted" if report.uncounted else ""
    say(f"重算核对：{report.differences} 处不一致 recount: {report.differences} differences{wrong}")


def _lines(report: Report) -> list[tuple[str, list[float]]]:
    singles = [("single_take_p95_ms", "单条收下"), ("single_p95_ms", "单条全程")]
    return [
        ("回声 条/秒 ours, contacts/s", report.per_second()),
        ("  按 CPU 时间 by CPU time", report.per_second("cpu_seconds")),
        ("  只收下 listening only", report.per_second("listen_seconds")),
        *((f"  {zh} p95 毫秒 one alone, ms", [r[name] for r in report.ours]) for name, zh in singles),
        ("对照 张/秒 peer, tickets/s", report.tickets_per_second()),
        ("  按 CPU 时间 by CPU time", report.tickets_per_second("cpu_seconds")),
        ("  只写行 rows only", report.tickets_per_second("lean_seconds")),
        ("比值 ratio, ours : peer", report.ratios()),
        ("  按 CPU 时间 by CPU time", cpu_ratios(report)),
        ("  对照只写行 peer's rows only", report.ratios("lean_seconds")),
    ]


def cpu_ratios(report: Report) -> list[float]:
    """The ratio of each round by CPU time, which other programs on the machine disturb less."""
    pairs = zip(report.per_second("cpu_seconds"), report.tickets_per_second("cpu_seconds"), strict=False)
    return [ours / theirs for ours, theirs in pairs]


def _row(label: str, values: list[float]) -> dict[str, Any]:
    return {"what": label, "median": median(values), "least": min(values), "most": max(values)}


def _noise(report: Report) -> str:
    busy = [f"{_busy(report.ours):.0%}"] + ([f"{_busy(report.peers):.0%}"] if report.peers else [])
    wide = [f"{spread(report.per_second()):.0%}"]
    wide += [f"{spread(report.tickets_per_second()):.0%}"] if report.peers else []
    shared = min(_busy(report.ours), _busy(report.peers) if report.peers else 1.0) < BUSY
    hint = "；机器忙，请看按 CPU 时间的数 the core was shared: read the figures by CPU time" if shared else ""
    return (
        f"噪声：各轮相差 {'、'.join(wide)}，CPU 占实际时间 {'、'.join(busy)}"
        f" noise: rounds differ by {', '.join(wide)}; CPU {', '.join(busy)} of the wall time (ours, peer){hint}"
    )


def _busy(rounds: list[dict[str, Any]]) -> float:
    return float(sum(r["cpu_seconds"] for r in rounds) / sum(r["seconds"] for r in rounds))


def numbers(report: Report, core: int | None, reason: str) -> dict[str, Any]:
    """The report for programs; medians over the rounds, None for what was not measured."""
    pairs = [
        {"ours": one, "peer": report.peers[i] if i < len(report.peers) else None}
        for i, one in enumerate(report.ours)
    ]
    return {
        "contacts_per_second": median(report.per_second()),
        "cpu_contacts_per_second": median(report.per_second("cpu_seconds")),
        "single_p95_ms": median(r["single_p95_ms"] for r in report.ours),
        "peer_tickets_per_second": _median(report.tickets_per_second()),
        "peer_rows_only_per_second": _median(report.tickets_per_second("lean_seconds")),
        "ratio": _median(report.ratios()),
        "cpu_ratio": _median(cpu_ratios(report)),
        "rows_only_ratio": _median(report.ratios("lean_seconds")),
        "rounds": pairs,
        "differences": report.differences,
        "uncounted": report.uncounted,
        "peer": report.peers[0]["versions"] if report.peers else None,
        "peer_reason": reason,
        "core": core,
    }


def _median(values: list[float]) -> float | None:
    return median(values) if values else None
