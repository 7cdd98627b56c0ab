"""What an admin does by the command line: users, taxonomy, settings, rights of customers, repairs."""

from __future__ import annotations

import csv
import json

import pytest

from chalicelib.adapters.sqlite import SqliteStore
from tests.cli.commands import typed


def test_users(shop, tmp_path):
    data = tmp_path / "data"
    typed(data, "short\n", "user", "add", "carl", "--role", "agent", expect=2)
    typed(data, "long enough\n", "user", "add", "carl", "--role", "agent")
    typed(data, "another long one\n", "user", "password", "carl")
    shop("user", "set", "carl", "--role", "lead", expect=2)
    shop("user", "set", "carl", "--role", "lead", "--departments", "moon", expect=2)
    shop("user", "set", "carl", "--role", "lead", "--departments", "quality,logistics")
    shop("user", "block", "carl")
    rows = {u["name"]: u for u in shop("user", "list", "--json").last["users"]}
    assert (rows["carl"]["role"], rows["carl"]["departments"]) == ("lead", ["quality", "logistics"])
    assert rows["carl"]["disabled"]
    shop("user", "unblock", "carl")
    assert "argon2" not in shop("user", "list").out


def test_nobody_acts_as_a_blocked_user(shop):
    shop("user", "block", "lead")
    assert "已停用" in shop("queue", "--as", "lead", expect=2).error


def test_adding_a_user_twice_does_not_replace_the_first(shop, tmp_path):
    typed(tmp_path / "data", "something else\n", "user", "add", "boss", "--role", "agent", expect=2)
    rows = {u["name"]: u["role"] for u in shop("user", "list", "--json").last["users"]}
    assert rows["boss"] == "admin"


def test_the_taxonomy_to_files_and_back(shop, tmp_path):
    files = ("--causes", tmp_path / "c.csv", "--departments", tmp_path / "d.csv")
    shop("taxonomy", "save", *files)
    assert shop("taxonomy", "load", *files, "--json").last["number"] == 1, "nothing changed, no new version"
    text = (tmp_path / "c.csv").read_text("utf-8-sig")
    (tmp_path / "c.csv").write_text(text.replace("东西送得太慢", "等太久了"), "utf-8-sig")
    loaded = shop("taxonomy", "load", *files, "--json").last
    assert (loaded["number"], len(loaded["causes"])) == (2, 39)
    assert "等太久了" in shop("taxonomy").out
    (tmp_path / "c.csv").write_text(text.replace("delivery.late", "Delivery Late"), "utf-8-sig")
    error = shop("taxonomy", "load", *files, "--json", expect=2).last["error"]
    assert (error["code"], error["where"]) == ("taxonomy.row", "causes.csv:2:code")


def test_phrases_come_back_from_the_files_and_what_is_odd_about_them_is_told(shop, tmp_path):
    files = ("--causes", tmp_path / "c.csv", "--departments", tmp_path / "d.csv")
    shop("taxonomy", "save", *files)
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["lexicon"] = "(很|太)慢\n送 慢|晚\n价格还有点(贵|高)；C++"
    with (tmp_path / "c.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    loaded = shop("taxonomy", "load", *files, "--json").last
    assert loaded["causes"][0]["words"] == ["(很|太)慢", "送 慢|晚", "价格还有点(贵|高)", "C++"]
    assert [one["zh"].split("”")[0].split("“")[1] for one in loaded["warnings"]] == [
        "价格还有点(贵|高)",
        "C++",
    ]
    again = shop("taxonomy", "save", *files)
    assert "as it stands" in again.out
    assert shop("taxonomy", "load", *files, "--json").last["number"] == loaded["number"], "nothing was torn"
    rows[1]["lexicon"] = f"慢\n{'长' * 101}"
    with (tmp_path / "c.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    error = shop("taxonomy", "load", *files, "--json", expect=2).last["error"]
    assert error["where"] == "causes.csv:6:lexicon.1"
    assert "100" in error["zh"]


@pytest.mark.parametrize(
    "wrong", [("logistics", "moon"), ("delivery.lost", "delivery.late"), ("service,", "desk,")]
)
def test_files_that_do_not_fit_each_other_are_refused(shop, tmp_path, wrong):
    files = ("--causes", tmp_path / "c.csv", "--departments", tmp_path / "d.csv")
    shop("taxonomy", "save", *files)
    name = "d.csv" if wrong[0] == "service," else "c.csv"
    (tmp_path / name).write_text((tmp_path / name).read_text("utf-8-sig").replace(*wrong), "utf-8-sig")
    assert set(shop("taxonomy", "load", *files, "--json", expect=2).last) == {"error"}


def test_settings(shop):
    assert shop("settings", "--json").last["settings"]["hours"] == "09:00-18:00"
    shown = shop("settings", "company=青禾", 'task="5d"', "callback_attempts=2", "--json").last["settings"]
    assert (shown["company"], shown["task"], shown["callback_attempts"]) == ("青禾", "5d", 2)
    shop("settings", "callback_attempts=0", expect=2)
    assert shop("settings", "--json").last["settings"]["callback_attempts"] == 2


def test_one_customers_rights(shop, tmp_path):
    assert "快递三天了还没送到" in shop("customer", "show", "+86 138-0013-8000").out
    out = tmp_path / "export.json"
    shop("customer", "export", "13800138000", "--out", out)
    held = json.loads(out.read_text("utf-8"))
    assert (out.stat().st_mode & 0o777, len(held["contacts"]), held["person"]["ref"]) == (
        0o600,
        1,
        "13800138000",
    )
    shop("customer", "export", "13800138000", "--out", out, "--as", "lead", expect=2)
    shop("customer", "erase", "13800138000", expect=2)
    before = shop("metrics", "--last", "2026-W10", "--json").last
    receipt = shop("customer", "erase", "13800138000", "--yes", "--json").last["receipt"]
    assert (receipt["contacts"], receipt["cases"]) == (1, 1)
    shop("customer", "show", "13800138000", expect=2)
    assert shop("metrics", "--last", "2026-W10", "--json").last == before
    assert shop("rebuild", "--check", "--json").last["differences"] == 0


def test_only_an_admin_may_erase(shop):
    shop("customer", "erase", "13800138000", "--yes", "--as", "lead", expect=2)


@pytest.mark.parametrize(
    "words", [("callbacks",), ("customer", "show", "13800138000"), ("log", "快递慢")], ids=lambda w: w[0]
)
def test_the_command_line_opens_no_doors_that_the_api_does_not(shop, words):
    shop(*words)
    assert shop(*words, "--as", "exec", "--json", expect=2).last["error"]["code"] == "role"


def test_only_an_admin_may_change_the_taxonomy(shop, tmp_path):
    files = ("--causes", tmp_path / "c.csv", "--departments", tmp_path / "d.csv")
    shop("taxonomy", "save", *files)
    shop("taxonomy", "load", *files, "--as", "anna", expect=2)


def test_status_dead_work_and_retag(shop):
    status = shop("status", "--json").last
    assert (status["waiting"], status["dead_letters"]) == (0, 0)
    assert "none yet" in shop("dead").out
    assert shop("dead", "again", "--json").last == {"dead_letters": [], "queues": []}
    assert shop("work", "--json").last["done"] == 0
    before = shop("metrics", "--last", "2026-W10", "--json").last
    assert shop("retag", "--json").last == {"retagged": 3}
    assert shop("metrics", "--last", "2026-W10", "--json").last == before
    assert shop("rebuild", "--json").last["differences"] == 0


def test_a_wrong_number_is_found_and_put_right(shop, tmp_path):
    store = SqliteStore(str(tmp_path / "data" / "huisheng.db"))
    store.save([], {("week", "2026-W10", "n"): 5})
    store.close()
    found = shop("rebuild", "--check", "--json", expect=1)
    assert found.last["differences"] == 1
    assert "differences" in found.out
    shop("rebuild")
    assert shop("rebuild", "--check", "--json").last["differences"] == 0


@pytest.mark.parametrize("command", ["queue", "focus", "metrics", "trend", "contacts", "callbacks", "projects",
                                     "cycle", "do", "taxonomy", "settings", "status", "dead", "work", "retag"])  # fmt: skip
def test_an_empty_store_is_no_error(voc, command):
    voc("user", "list")
    done = voc(command, "--json")
    assert isinstance(done.last, dict)
    assert len(done.out.splitlines()) > 1, "people are told something too"


def test_causes_are_merged_and_split(shop, tmp_path):
    words = ("taxonomy", "merge", "--cause", "delivery.late", "--into", "delivery.lost", "--json")
    first = shop(*words).last["change"]
    assert (first["what"], first["into"]) == ("merge", ["delivery.lost"])
    assert first["owed"] > 0
    assert shop(*words).last["change"]["taxonomy"] == first["taxonomy"]
    assert "东西没收到" in shop("queue", "--department", "logistics", "--json").out
    assert "--into" in shop("taxonomy", "merge", "--cause", "delivery.lost", expect=2).error
    assert "--cause" in shop("taxonomy", "split", expect=2).error
    parts = tmp_path / "parts.csv"
    parts.write_text(
        "code,label_zh,lexicon\ndelivery.slow,路上太慢,慢|没送到\ndelivery.gone,找不到了,丢了\n", "utf-8"
    )
    made = shop("taxonomy", "split", "--cause", "delivery.lost", "--causes", parts, "--json").last["change"]
    assert made["into"] == ["delivery.slow", "delivery.gone"]
    files = ("--causes", tmp_path / "c.csv", "--departments", tmp_path / "d.csv")
    kept = shop("taxonomy", "save", *files, "--json").last
    assert shop("taxonomy", "load", *files, "--json").last == kept  # the files hold all of it
    assert shop("rebuild", "--check", "--json").last["differences"] == 0
