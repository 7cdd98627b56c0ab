"""Commands around the tagger: tag a file, train one for a company's own causes, measure one."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table, write
from chalicelib.cli.streams import STANDARD, Refusals, can_be_file, can_be_folder, reading, writing
from chalicelib.learn.evaluation import ENOUGH, Report
from chalicelib.learn.evaluation import evaluate as compare
from chalicelib.learn.gold import Line, Refuse, contact_line, gold_line, knowing, label_line, read_lines
from chalicelib.model.analysis import Analysis
from chalicelib.model.errors import Invalid
from chalicelib.model.phrase_list import phrases_in
from chalicelib.nlp.lexicon import CauseWords, fault_of
from chalicelib.nlp.tagger_file import load_tagger, shipped

CHUNK = 512
T = TypeVar("T")
Result = tuple[int, dict[str, Any]]


def tag(run: Run) -> Result:
    """Tag each line of a JSONL file; a bad line is named on standard error, the others are tagged."""
    args = run.args
    can_be_file(args.target_file, args.source)
    tagger = load_tagger(Path(args.model)) if args.model else shipped()
    refusals, done = Refusals(args.source), 0
    with (
        reading(args.source) as lines,
        writing(args.target_file) as out,
        progress("打标 tagging") as advance,
    ):
        for some in _chunks(read_lines(lines, contact_line, refusals, refusals.again)):
            for line, analysis in zip(some, tagger([one.text for one in some]), strict=True):
                out.write(json.dumps(_tagged(line, analysis), ensure_ascii=False) + "\n")
            done += len(some)
            advance(done)
    numbers = {"tagged": done, "refused": refusals.count, "version": tagger.version}
    numbers["repeated_ids"] = refusals.repeated
    if args.target_file != STANDARD:
        say(f"已打标 {done} 条，拒收 {refusals.count} 条 / {done} tagged, {refusals.count} refused")
        if refusals.repeated:
            say(f"其中 {refusals.repeated} 条的 id 重复 / {refusals.repeated} of them with a repeated id")
    return int(refusals.count > 0), numbers


def _tagged(line: Line, analysis: Analysis) -> dict[str, Any]:
    causes = [
        {"code": t.code, "confidence": t.confidence, "evidence": [list(span) for span in t.evidence]}
        for t in analysis.causes
    ]
    return {
        "id": line.id,
        "causes": causes,
        "kind": analysis.kind,
        "severity": analysis.severity,
        "unsure": analysis.unsure,
        "version": analysis.version,
    }


def learn(run: Run) -> Result:
    """From the company's corrections; or, with --taxonomy, a stand-alone tagger from scratch."""
    if run.args.taxonomy:
        return learn_own(run)
    from chalicelib.cli.taggers import learn_from_corrections

    return learn_from_corrections(run)


def learn_own(run: Run) -> Result:
    """Train a tagger for a company's own causes and save it to a folder."""
    from chalicelib.learn.own import train_own

    args = run.args
    if not args.labels or not args.out:
        raise Invalid(
            "learn.arguments",
            "--taxonomy 需要同时给 --labels 和 --out",
            "--taxonomy needs --labels and --out too",
            "--labels" if not args.labels else "--out",
        )
    can_be_folder(Path(args.out))
    causes, refusals = _causes(Path(args.taxonomy)), Refusals(args.labels)
    make = knowing({cause.code for cause in causes}, label_line)
    with reading(args.labels) as lines:
        fine = list(read_lines(lines, make, refusals, refusals.again))
    unused = Refusals(args.unlabelled or "")
    pool = _pool(args.unlabelled, unused)
    with progress("训练 training") as advance:
        model = train_own(causes, fine, pool, lambda label: advance(0, label=label))
    digest = model.save(Path(args.out))
    figures = model.facts.get("held_out", {})
    say(f"模型已存到 {args.out}（{len(fine)} 条标注，{len(causes)} 个原因） model saved, digest {digest[:8]}")
    if figures:
        say(
            f"交叉验证 cross-validated: micro F1 {figures['micro_f1']:.3f}, macro F1 {figures['macro_f1']:.3f}"
        )
    refused = refusals.count + unused.count
    return int(refused > 0), {
        "labels": len(fine),
        "refused": refused,
        "repeated_ids": refusals.repeated,
        "digest": digest,
        **figures,
    }


def _pool(path: str | None, refusals: Refuse) -> list[str]:
    if not path:
        return []
    with reading(path) as lines:
        return [one.text for one in read_lines(lines, contact_line, refusals)]


def _causes(path: Path) -> list[CauseWords]:
    """A stand-alone taxonomy: code, and where given label_zh, definition_zh, lexicon (or words)."""
    with reading(str(path)) as lines:
        reader = csv.DictReader(lines)
        rows = [
            {(k or "").strip(): (v or "") for k, v in row.items() if isinstance(v, str)}
            | {LINE: str(reader.line_num)}
            for row in reader
        ]
    found = [
        CauseWords(
            row.get("code", "").strip(),
            row.get("label_zh", "").strip(),
            row.get("definition_zh", "").strip(),
            phrases_in(row.get("lexicon") or row.get("words") or ""),
        )
        for row in rows
    ]
    for row, cause in zip(rows, found, strict=True):
        _odd_phrases(f"{path.name}:{row[LINE]}", cause.words)
    codes = [cause.code for cause in found]
    if not codes or not all(codes) or len(set(codes)) < len(codes):
        raise Invalid(
            "taxonomy.codes",
            "分类表要有 code 列，每行一个不重复的代码",
            "the taxonomy needs a column code with one code a row, each once",
            path.name,
        )
    return found


LINE = "\n"
"""A column that no file has: where a row's line number is kept."""


def _odd_phrases(place: str, phrases: Iterable[str]) -> None:
    """Warn of phrases that are looked for as they stand, or can never be found."""
    for phrase in phrases:
        if fault := fault_of(phrase):
            write(sys.stderr, f"{place} (lexicon): {fault.zh} {fault.en}\n")


def evaluate(run: Run) -> Result:
    """Measure a tagger on labelled lines."""
    args = run.args
    tagger = load_tagger(Path(args.model)) if args.model else shipped()
    refusals = Refusals(args.gold)
    with reading(args.gold) as lines:
        gold = list(read_lines(lines, knowing(tagger.codes, gold_line), refusals, refusals.again))
    if not gold:
        raise Invalid("gold.empty", "没有可用的标注行", "no usable labelled line", "--gold")
    analyses: list[Analysis] = []
    with progress("打标 tagging", len(gold)) as advance:
        for some in _chunks(gold):
            analyses += tagger([one.text for one in some])
            advance(len(analyses))
    report = compare(gold, analyses)
    if not args.json:
        _show(report)
    return int(refusals.count > 0), {**report.as_dict(), "refused": refusals.count}


def _show(report: Report) -> None:
    say(f"{report.contacts} 条，版本 {report.version} / {report.contacts} contacts, version {report.version}")
    rows = [
        {"what": name, "value": figure.value, "low": figure.low, "high": figure.high, "n": n}
        for name, figure, n in _headline(report)
    ]
    table(
        "指标 figures",
        rows,
        [("what", ""), ("value", "值 value"), ("low", "95% 下限 low"), ("high", "上限 high"), ("n", "n")],
    )
    if report.calibration_error is not None:
        say(
            f"校准误差 expected calibration error: {report.calibration_error:.3f}；"
            f"这么多条，校准完美的平均也有 a perfect one would show, on as many: {report.calibration_by_chance:.3f}"
        )
    by_support = sorted(report.causes, key=lambda one: (-one.support, one.code))
    names = [("code", "原因 cause"), ("support", "标注 labels"), ("right", "对 right"), ("wrong", "多 wrong")]
    names += [("missed", "漏 missed"), ("precision", "precision"), ("recall", "recall"), ("f1", "F1")]
    table("每个原因 each cause", [vars(one) for one in by_support], names)


def _headline(report: Report) -> Iterator[tuple[str, Any, int]]:
    yield "micro F1", report.micro, report.recall.n
    yield (
        f"macro F1（至少 {ENOUGH} 个标注的原因 causes with at least {ENOUGH} labels）",
        report.macro,
        report.contacts,
    )
    for name, share in (
        ("precision", report.precision),
        ("recall", report.recall),
        ("类别 kind", report.kind),
        ("严重度差不过一级 severity within 1", report.severity_within_one),
        ("证据重合 evidence overlaps", report.evidence_overlap),
        ("无问题的没给原因 none where none", report.none_where_none),
        ("自己决定的 decided", report.decided),
        ("自己决定的有多准 precision when decided", report.decided_precision),
    ):
        yield name, share, share.n


def _chunks(lines: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(lines)
    while some := list(islice(rest, CHUNK)):
        yield some
