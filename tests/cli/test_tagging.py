"""`tag`, `evaluate` and the stand-alone `learn`, as a person runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from chalicelib.cli.__main__ import main, start

ROOT = Path(__file__).parents[2]
SLOW = ["快递太慢了", "等了三天还没送到", "送货慢", "半个月没收到", "物流龟速", "一直不发货", "催了也不送"]
RUDE = ["客服骂人", "态度恶劣", "服务员翻白眼", "说话很凶", "客服不耐烦", "态度差得很", "店员吼我"]
FINE = ["挺好的", "谢谢", "颜色好看", "味道不错", "下次再来", "很满意", "包装漂亮"]
START = ["昨天", "唉，", "说实话，", "在这家店，", "", "朋友说", "买了两次，"]


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(word) for word in words])
    done = capsys.readouterr()
    return code, done.out, done.err


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_each_good_line_is_tagged_and_each_bad_one_named(tmp_path, capsys):
    (tmp_path / "x.jsonl").write_text(
        '{"id": "1", "text": "快递三天没动静，客服也不理人"}\n'
        "not json\n"
        '{"id": 3, "text": "很好，谢谢"}\n'
        "\n"
        '{"text": "没有编号"}\n'
        '{"id": "6", "text": 6}\n',
        "utf-8",
    )
    code, _, told = run(capsys, "tag", "--in", tmp_path / "x.jsonl", "--out", tmp_path / "y.jsonl")
    first, third = lines(tmp_path / "y.jsonl")
    assert code == 1
    assert [line for line in (2, 5, 6) if f"x.jsonl:{line}" in told] == [2, 5, 6]
    assert "没有编号" not in told
    assert set(first) == {"id", "causes", "kind", "severity", "unsure", "version"}
    assert (first["id"], third["id"], third["causes"], third["kind"]) == ("1", "3", [], "praise")
    text = "快递三天没动静，客服也不理人"
    assert first["causes"]
    assert all(text[a:b] for cause in first["causes"] for a, b in cause["evidence"])
    assert sorted(tmp_path.iterdir()) == [tmp_path / "x.jsonl", tmp_path / "y.jsonl"]


def test_standard_streams(tmp_path, capsys):
    (tmp_path / "x.jsonl").write_text('{"id": "1", "text": "发票没开"}\n', "utf-8")
    code, out, _ = run(capsys, "tag", "--in", tmp_path / "x.jsonl", "--out", "-")
    assert (code, json.loads(out)["id"]) == (0, "1")


def test_a_file_is_not_written_over_itself(tmp_path, capsys):
    file = tmp_path / "x.jsonl"
    file.write_text('{"id": "1", "text": "发票没开"}\n', "utf-8")
    code, _, told = run(capsys, "tag", "--in", file, "--out", tmp_path / "." / "x.jsonl")
    assert (code, lines(file)) == (2, [{"id": "1", "text": "发票没开"}])
    assert "--in" in told


def test_a_pipe_stays_a_pipe(tmp_path, capsys):
    (tmp_path / "x.jsonl").write_text('{"id": "1", "text": "发票没开"}\n', "utf-8")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = list[str]()
    reader = Thread(target=lambda: got.append(pipe.read_text("utf-8")), daemon=True)
    reader.start()
    code, _, _ = run(capsys, "tag", "--in", tmp_path / "x.jsonl", "--out", pipe)
    reader.join(60)
    assert (code, pipe.is_fifo(), json.loads(got[0])["id"]) == (0, True, "1")


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_file_that_cannot_be_read_leaves_nothing_behind(name, tmp_path, capsys):
    code, _, told = run(capsys, "tag", "--in", tmp_path / name, "--out", tmp_path / "y.jsonl")
    assert (code, list(tmp_path.iterdir())) == (2, [])
    assert told.count("\n") >= 2


def test_a_company_trains_its_own_tagger_uses_and_measures_it(tmp_path, capsys):
    (tmp_path / "t.csv").write_text(
        "code,label_zh,lexicon\n慢,送得慢,慢;没收到\n凶,态度差,骂人；吼\n网,网络差,断网\n", "utf-8"
    )
    said = [(text, ["慢"]) for text in SLOW] + [(text, ["凶"]) for text in RUDE]
    said += [(text, []) for text in FINE]
    labels = [
        {"id": f"{n}-{m}", "text": start + text, "causes": causes}
        for n, (text, causes) in enumerate(said)
        for m, start in enumerate(START)
    ]
    rows = [*labels, {"id": "x", "text": "不认识的", "causes": ["没有这个"]}]
    (tmp_path / "l.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    common = ("--taxonomy", tmp_path / "t.csv", "--labels", tmp_path / "l.jsonl", "--out", tmp_path / "m")
    code, out, told = run(capsys, "learn", *common, "--json")
    assert (code, json.loads(out.splitlines()[-1])["labels"]) == (1, len(labels))
    assert f"l.jsonl:{len(rows)} (causes)" in told
    assert "没有这个" in told
    assert "不认识的" not in told
    code, out, _ = run(
        capsys, "evaluate", "--gold", tmp_path / "l.jsonl", "--model", tmp_path / "m", "--json"
    )
    figures = json.loads(out.splitlines()[-1])
    assert (code, figures["contacts"], figures["refused"]) == (1, len(labels), 1)
    assert figures["micro"]["value"] > 0.9
    assert {cause["code"] for cause in figures["causes"]} >= {"慢", "凶"}
    said = [{"id": "1", "text": "物流慢死了，店员还骂人"}, {"id": "2", "text": "天天断网"}]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(one) + "\n" for one in said), "utf-8")
    run(capsys, "tag", "--in", tmp_path / "x.jsonl", "--out", tmp_path / "y.jsonl", "--model", tmp_path / "m")
    both, unlabelled = ({cause["code"] for cause in line["causes"]} for line in lines(tmp_path / "y.jsonl"))
    assert both == {"慢", "凶"}
    assert unlabelled == {"网"}
    code, out, _ = run(capsys, "evaluate", "--gold", tmp_path / "l.jsonl", "--model", tmp_path / "m")
    assert "micro F1" in out


def test_a_gold_line_with_an_unknown_code_is_named_and_left_out(tmp_path, capsys):
    (tmp_path / "g.jsonl").write_text(
        '{"id": "1", "text": "快递三天没动静", "causes": ["delivery.late"]}\n'
        '{"id": "2", "text": "快递三天没动静", "causes": ["delivery.lat"]}\n'
        '{"id": "3", "text": "很好，谢谢", "causes": [], "disputed": ["store.staf"]}\n'
        '{"id": "4", "text": "很好，谢谢", "causes": []}\n',
        "utf-8",
    )
    code, out, told = run(capsys, "evaluate", "--gold", tmp_path / "g.jsonl", "--json")
    figures = json.loads(out.splitlines()[-1])
    assert (code, figures["contacts"], figures["refused"]) == (1, 2, 2)
    assert not {"delivery.lat", "store.staf"} & {one["code"] for one in figures["causes"]}
    assert figures["macro"] == {"value": None, "low": None, "high": None}
    assert "g.jsonl:2 (causes): 分类表里没有这个代码：delivery.lat，" in told
    assert "g.jsonl:3 (disputed): 分类表里没有这个代码：store.staf，" in told
    _, out, _ = run(capsys, "evaluate", "--gold", tmp_path / "g.jsonl")
    (macro,) = [line for line in out.splitlines() if "macro F1" in line]
    assert macro.split()[-4:] == ["—", "—", "—", "2"]


@pytest.mark.parametrize("spoil", ["missing", "json", "arrays"])
def test_a_broken_model_is_refused_with_what_to_do(spoil, tmp_path, capsys):
    (tmp_path / "x.jsonl").write_text('{"id": "1", "text": "发票没开"}\n', "utf-8")
    (tmp_path / "m").mkdir()
    if spoil != "missing":
        (tmp_path / "m/model.json").write_text(
            '{"format": "huisheng-tagger-1"}' if spoil == "arrays" else "{"
        )
        (tmp_path / "m/arrays.npz").write_bytes(b"PK")
    code, _, told = run(
        capsys, "tag", "--in", tmp_path / "x.jsonl", "--out", tmp_path / "y.jsonl", "--model", tmp_path / "m"
    )
    assert code == 2
    assert "model" in told
    assert not (tmp_path / "y.jsonl").exists()


def test_labels_that_name_no_cause_teach_nothing(tmp_path, capsys):
    (tmp_path / "t.csv").write_text("code,label_zh\n慢,送得慢\n", "utf-8")
    rows = ({"id": str(n), "text": text, "causes": []} for n, text in enumerate(FINE))
    (tmp_path / "l.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    common = ("--taxonomy", tmp_path / "t.csv", "--labels", tmp_path / "l.jsonl", "--out", tmp_path / "m")
    code, _, told = run(capsys, "learn", *common)
    assert code == 2
    assert "没有一条写了原因" in told
    assert not list((tmp_path / "m").glob("*.npz"))


def test_the_stand_alone_training_says_what_is_missing(tmp_path, capsys):
    (tmp_path / "t.csv").write_text("code\na\nb\n", "utf-8")
    code, _, told = run(capsys, "learn", "--taxonomy", tmp_path / "t.csv")
    assert (code, "--labels" in told) == (2, True)


@pytest.mark.parametrize("place", [".", "..", "sub", "/proc/nowhere/y.jsonl", "/proc/y.jsonl"])
def test_a_place_where_nothing_can_be_written_is_refused_first(place, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "x.jsonl").write_text('{"id": "1", "text": "发票没开"}\n', "utf-8")
    code, _, told = run(capsys, "tag", "--in", "x.jsonl", "--out", place)
    assert code == 2
    assert told.count("\n") >= 2
    assert {f.name for f in tmp_path.iterdir()} == {"sub", "x.jsonl"}


@pytest.mark.parametrize("place", ["taken", "/proc/nowhere"])
def test_training_does_not_begin_where_its_model_cannot_be_saved(place, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("mine", "utf-8")
    (tmp_path / "t.csv").write_text("code\na\nb\n", "utf-8")
    words = ("learn", "--taxonomy", "t.csv", "--labels", "not there.jsonl", "--out", place)
    code, _, told = run(capsys, *words)
    assert (code, "--out" in told or "cannot be written" in told) == (2, True)
    assert "No such file: check the path" not in told  # the labels were not even looked for
    assert (tmp_path / "taken").read_text("utf-8") == "mine"


def test_lines_with_the_same_id_are_told_and_both_tagged(tmp_path, capsys):
    rows = ["1", "2", "1", "1"]
    text = "".join(f'{{"id": "{one}", "text": "发票没开"}}\n' for one in rows)
    (tmp_path / "x.jsonl").write_text(text, "utf-8")
    code, out, told = run(
        capsys, "tag", "--in", tmp_path / "x.jsonl", "--out", tmp_path / "y.jsonl", "--json"
    )
    assert (code, json.loads(out.splitlines()[-1])["repeated_ids"]) == (0, 2)
    assert [one["id"] for one in lines(tmp_path / "y.jsonl")] == rows
    assert told.count("line 1") == 2
    assert "x.jsonl:3" in told
    assert "x.jsonl:4" in told


def test_labels_with_unknown_codes_and_odd_phrases_are_told_with_their_lines(tmp_path, capsys):
    (tmp_path / "t.csv").write_text(
        "code,label_zh,lexicon\nslow,慢,送 慢|晚;(没送到\nrude,凶,骂人；态度[差]+\n", "utf-8"
    )
    (tmp_path / "l.jsonl").write_text(
        '{"id": "1", "text": "送得慢", "causes": ["slow"]}\n'
        '{"id": "2", "text": "态度差", "causes": ["rude", "rood"]}\n'
        '{"id": "1", "text": "骂人", "causes": ["13800138000"]}\n'
        '{"id": "1", "text": "还是慢", "causes": ["slow"]}\n',
        "utf-8",
    )
    words = ("--taxonomy", tmp_path / "t.csv", "--labels", tmp_path / "l.jsonl", "--out", tmp_path / "m")
    code, _, told = run(capsys, "learn", *words)
    assert code == 2  # far too few labels to train from
    by_place = {
        line.split(" ")[0]: line for line in told.splitlines() if ".jsonl:" in line or ".csv:" in line
    }
    assert "rood" in by_place[f"{tmp_path / 'l.jsonl'}:2"]
    assert "13800138000" not in told
    assert "line 1" in by_place[f"{tmp_path / 'l.jsonl'}:4"]
    assert "(没送到" in by_place["t.csv:2"]
    assert "态度[差]+" in by_place["t.csv:3"]
    assert "送 慢|晚" not in told
    assert not (tmp_path / "m").exists()


def piped(raw: bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "chalicelib.cli", *words]
    return subprocess.run(command, cwd=ROOT, input=raw, capture_output=True)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-8-sig"])
def test_standard_input_in_any_encoding(encoding):
    text = (
        '{"id": "1", "text": "ok"}\n{"id": "2", "text": "快递三天没动静"}\n{"id": "3", "text": "发票没开"}\n'
    )
    done = piped(text.encode(encoding), "tag", "--in", "-", "--out", "-")
    assert done.returncode == 0, done.stderr.decode()
    found = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [one["id"] for one in found] == ["1", "2", "3"]
    assert all(found[n]["causes"] for n in (1, 2))


def test_what_nobody_foresaw_is_no_refusal_of_rows(capsys):
    assert start([object()]) == 3  # type: ignore[list-item]
    assert "it did not work: TypeError" in capsys.readouterr().err
