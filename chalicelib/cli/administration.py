"""Commands for whoever runs the loop: users, taxonomy, settings, one customer's rights, the demo company."""

from __future__ import annotations

import csv
import getpass
import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

from chalicelib.api.routing import plain
from chalicelib.cli import reshaping
from chalicelib.cli.acting import given
from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table
from chalicelib.cli.taggers import say_fault
from chalicelib.intake.encoding import detect
from chalicelib.loop import admin, customers, erasure, redrive
from chalicelib.loop.listen.versions import tagging
from chalicelib.model.contact import Contact
from chalicelib.model.customer import Customer
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import Role, User, not_found
from chalicelib.model.phrase_list import cell_of
from chalicelib.model.taxonomy import read_taxonomy
from chalicelib.model.weeks import local

Result = tuple[int, dict[str, Any]]


def user(run: Run) -> Result:
    """List, add or change users and their passwords."""
    from chalicelib.adapters.tokens import hash_password

    a = run.args
    if a.action == "list":
        rows = [
            u.model_dump(mode="json", include={"name", "role", "departments", "disabled"})
            for u in admin.users(run.loop)
        ]
        table(
            "用户 users",
            rows,
            [("name", "用户名"), ("role", "角色"), ("departments", "部门"), ("disabled", "停用")],
        )
        return 0, {"users": rows}
    admin.check_name(a.name or "")
    known = run.loop.unit().get(User, a.name)
    if a.action == "add" and known:
        raise Conflict(
            "user.known",
            "已有这个用户，要改用 set 或 password",
            "this user exists; use set or password",
            "name",
        )
    if a.action != "add" and not known:
        raise not_found("user")
    hashed = hash_password(_new_password()) if a.action in ("add", "password") else None
    role = Role(a.role) if a.role else None
    departments = a.departments.split(",") if a.departments else None
    disabled = {"block": True, "unblock": False}.get(a.action)
    saved = admin.save_user(
        run.loop, a.name, role=role, departments=departments, password_hash=hashed, disabled=disabled
    )
    say(f"已保存 saved: {saved.name} ({saved.role})")
    return 0, {"name": saved.name, "role": saved.role, "departments": saved.departments}


def _new_password() -> str:
    """Typed twice on a terminal; otherwise the first line of standard input."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("新密码 new password: ")
        if getpass.getpass("再输一次 again: ") != password:
            raise Invalid("password.differs", "两次输入不同", "the two differ", "password")
    if len(password) < 10:
        raise Invalid(
            "password.short", "密码至少 10 个字符", "a password needs at least 10 characters", "password"
        )
    return password


def taxonomy(run: Run) -> Result:
    """Show the causes, write them to two files, make the next version from two files, or merge or split one."""
    a = run.args
    if a.action in ("merge", "split"):
        done = reshaping.reshape(run, _lines)
        _warnings(run)
        return done
    if a.action == "load":
        fresh = read_taxonomy(_lines(a, "causes"), _lines(a, "departments"))
        with progress("新分类 new taxonomy"):
            now = admin.new_taxonomy(run.loop, run.caller, fresh.departments, fresh.causes, None)
        say(
            f"第 {now.number} 版生效；./voc retag 用它重读历史 / version {now.number} is in force; ./voc retag reads the past with it"
        )
    else:
        now = run.loop.unit().taxonomy
    if a.action == "save":
        _write(Path(a.causes or "causes.csv"), now.causes, "lexicon")
        _write(Path(a.departments or "departments.csv"), now.departments, "")
    rows = [c.model_dump(mode="json") for c in now.causes]
    names = [
        ("code", "代码"),
        ("label_zh", "原因"),
        ("department", "部门"),
        ("denominator", "分母 X"),
        ("active", "启用"),
    ]
    table(f"分类第 {now.number} 版 taxonomy", rows, names)
    return 0, {"number": now.number, "causes": rows, "warnings": _warnings(run)}


def _warnings(run: Run) -> list[dict[str, str]]:
    """What there is to know of the taxonomy in force, said too."""
    found = admin.warnings(run.loop, run.loop.unit().taxonomy)
    for warning in found:
        say(f"注意 warning: {warning['zh']} / {warning['en']}")
    return found


def _lines(args: Any, name: str) -> list[str]:
    given = getattr(args, name)
    if not given:
        raise Invalid("taxonomy.file", f"请用 --{name} 指明文件", f"name the file with --{name}", f"--{name}")
    try:
        return list(StringIO(Path(given).read_text(detect(Path(given)))))  # a cell may hold line ends
    except (OSError, UnicodeDecodeError):
        raise Invalid(
            "taxonomy.file",
            "文件读不出来，应为 UTF-8 或 GB18030 的 CSV",
            "the file cannot be read; it must be CSV in UTF-8 or GB18030",
            f"--{name}",
        ) from None


def _write(path: Path, rows: Any, words: str) -> None:
    names = [n for n in type(rows[0]).model_fields if n != "words"] + ([words] if words else [])
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        for row in rows:
            cells = row.model_dump(mode="json", include=set(names))
            cells |= {name: "|".join(cell) for name, cell in cells.items() if isinstance(cell, list)}
            writer.writerow({**cells, **({words: cell_of(row.words)} if words else {})})
    say(f"已写 written: {path}")


def settings(run: Run) -> Result:
    """Show the settings, or change those given as name=value (JSON)."""
    if run.args.values:
        now = admin.save_settings(run.loop, given(run.args.values), None, run.caller)
    else:
        now = run.loop.unit().settings
    shown = plain(now)
    say(json.dumps(shown, ensure_ascii=False, indent=2))
    return 0, {"settings": shown}


def customer(run: Run) -> Result:
    """Show, export or erase one customer, named by phone, member or user number."""
    a = run.args
    run.may("look_up_customer")
    found = customers.look_up(run.loop, a.ref)
    if a.action == "export":
        everything = customers.export(run.loop, run.caller, found.id, a.purpose)
        folder = run.environment.data / "exports"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = Path(a.out or folder / f"{found.id}.json")
        target.touch(mode=0o600)
        target.write_text(json.dumps(everything, ensure_ascii=False, indent=2, default=str), "utf-8")
        say(f"已导出 exported: {target}")
        return 0, {"file": str(target)}
    if a.action == "erase":
        confirm(run, f"永久删除 {found.shown} 的个人数据 erase this person's data for good")
        receipt = erasure.erase(run.loop, run.caller, found.id, a.purpose)
        say(f"已删除，回执 erased, receipt: {receipt.id}（联络 contacts {receipt.contacts}）")
        _say_where_else(run, a.ref)
        return 0, {"receipt": receipt}
    _show_customer(found)
    history = customers.history(run.loop, run.caller, found.id)
    label = run.loop.unit().taxonomy.label
    rows = [
        {
            "time": f"{local(c.time):%Y-%m-%d %H:%M}",
            "channel": str(c.channel),
            "causes": [label(code) for code in c.causes],
            "text": c.text.replace("\n", " ")[:80],
        }
        for c in history
    ]
    names = [("time", "时间"), ("channel", "渠道"), ("causes", "原因"), ("text", "内容")]
    table("联络 contacts", rows, names)
    return 0, {"customer": found, "contacts": len(history)}


def _say_where_else(run: Run, ref: str) -> None:
    """Files of the user's own that may still name the person: they are not ours to change."""
    folders = (run.environment.data / "refused", run.environment.data / "exports")
    files = [f for folder in folders if folder.is_dir() for f in folder.iterdir() if f.is_file()]
    for file in files:
        if ref.encode() in file.read_bytes():
            say(f"这个文件里还有，请自行删除 still named in this file, delete it yourself: {file}")


def _show_customer(found: Customer) -> None:
    """The record as screens show it; the name stays sealed."""
    segment = "未知 unknown" if found.segment in ("", "unknown") else found.segment
    say(f"客户 customer {found.shown}　编号 id {found.id}")
    say(
        f"姓名 name：不显示 hidden　等级 tier：{found.tier or '—'}　客群 segment：{segment}"
        f"　首次 first seen：{local(found.first_seen):%Y-%m-%d %H:%M}"
    )


YES = ("yes", "y", "是")


def confirm(run: Run, what: str) -> None:
    """Ask before what cannot be undone, unless --yes."""
    if run.args.yes:
        return
    if not sys.stdin.isatty() or input(f"{what}？输入 yes 确认 type yes: ").strip().lower() not in YES:
        raise Invalid(
            "confirm",
            "没有确认，什么也没做；加 --yes 直接执行",
            "not confirmed, nothing was done; --yes goes ahead",
            "--yes",
        )


def dead(run: Run) -> Result:
    """List steps that were given up, and what queues gave up where there are any; `dead again` tries all again."""
    letters = admin.dead_letters(run.loop)
    rows = [letter._asdict() for letter in letters]
    names = [("kind", "种类"), ("key", "编号"), ("step", "步骤"), ("attempts", "次数"), ("error", "错误")]
    table("死信 dead letters", rows, names)
    if run.args.action == "again":
        for letter in letters:
            admin.send_again(run.loop, letter.kind, letter.key)
        say(f"已重新排队 {len(letters)} / {len(letters)} sent again")
    queues = redrive.listed(run.loop)
    if queues:
        columns = [("queue", "队列 queue"), ("count", "约几条 about"), ("error", "错误"), ("where", "哪里")]
        first = [
            {**(one["letters"][0] if one["letters"] else {"error": "", "where": ""}), **one} for one in queues
        ]
        table("队列里的死信 of queues", first, columns)
    if run.args.action == "again":
        for one in (one["queue"] for one in queues if one["sends"] and one["count"]):
            say(f"{one}: {redrive.send_again(run.loop, one)['sent']} 条已发回 sent again")
    return 0, {"dead_letters": rows, "queues": queues}


def demo(run: Run) -> Result:
    """Load the demo company, or remove everything that belongs to it."""
    from chalicelib.cli.serving import NOTE, first_admin, forget_removed, load_demo, refresh_note
    from chalicelib.demo.mark import unfinished
    from chalicelib.loop.removal import is_demo, remove

    if run.args.action == "load":
        if is_demo(run.loop) and not unfinished(run.loop):
            raise Invalid("demo.loaded", "演示数据已在", "the demo data is there already", "demo")
        first_admin(run)
        load_demo(run.loop)
        refresh_note(run)
        say(
            f"演示公司已载入，首次密码在 the demo company is loaded, its first password is in {run.environment.data / NOTE}"
        )
        return 0, {"loaded": True}
    mine = sum(not c.demo for c in run.loop.store.scan(Contact))
    confirm(
        run,
        f"删除全部演示数据，演示用户也不能再登录；您自己的 {mine} 条联络保留"
        f" remove all demo data and its users; your own {mine} contacts stay",
    )
    with progress("删除演示数据 removing demo data") as advance:
        removed = remove(run.loop, lambda label, done, total: advance(done, total, label))
    say("、".join(f"{k} {n}" for k, n in removed.items()) or "没有演示数据 there was none")
    forget_removed(run)
    return 0, {"removed": removed}


def status(run: Run) -> Result:
    """What is owed, what was given up, and whether the live tagger can be read."""
    store, tagger = run.loop.store, tagging(run.loop)
    numbers = {
        "waiting": store.waiting(),
        "dead_letters": len(store.dead()),
        "data": str(run.environment.data),
    }
    say("  ".join(f"{k}: {v}" for k, v in numbers.items()) + f"  tagger: {tagger['live']}")
    say_fault(tagger["fault"])
    return 0, {**numbers, "tagger": tagger}
