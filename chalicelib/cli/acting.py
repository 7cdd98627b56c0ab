"""Commands that change things: log a contact, do anything a route does, users, taxonomy, settings, privacy."""

from __future__ import annotations

import csv
import getpass
import json
import sys
from pathlib import Path
from typing import Any

from chalicelib.api.routing import ROUTES, Route, perform, plain
from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say, table
from chalicelib.loop import admin, customers, erasure
from chalicelib.loop.listen.corrections import visible_contact
from chalicelib.loop.listen.take import take_one
from chalicelib.loop.worker import advance
from chalicelib.model.errors import Conflict, Invalid
from chalicelib.model.people import Role, User, not_found
from chalicelib.model.taxonomy import read_taxonomy

Result = tuple[int, dict[str, Any]]


def log(run: Run) -> Result:
    """Take one contact, and show at once what the loop made of it."""
    a = run.args
    row = {"text": a.text if a.text != "-" else sys.stdin.read(), "channel": a.channel}
    given = {"customer": a.customer, "order": a.order, "seconds": a.seconds, "causes": tuple(a.cause or ())}
    outcome = take_one(run.loop, run.caller, {**row, **{k: v for k, v in given.items() if v}})
    advance(run.loop, [outcome.id])
    unit = run.loop.unit()
    contact = visible_contact(unit, run.caller, outcome.id)
    labels = [unit.taxonomy.label(c) for c in contact.causes]
    say(f"{contact.id} {'已记录 taken' if outcome.status == 'taken' else '已有 known'}：{contact.text}")
    say(
        f"原因 causes: {'、'.join(labels) or '无 none'}  部门 department: {contact.department or '—'}  工单 case: {contact.case or '—'}"
    )
    return 0, {"status": outcome.status, "contact": contact}


def do(run: Run) -> Result:
    """Call any route as a user, without the service: `do accept_case id=K-... --as lead.quality`."""
    if not run.args.operation:
        rows = [{"op": r.name, "step": r.step, "what": r.summary, "needs": _needs(r)} for r in ROUTES]
        names = [("step", "步骤"), ("op", "操作 operation"), ("what", "做什么"), ("needs", "参数 parameters")]
        table("操作 operations", rows, names)
        return 0, {"operations": rows}
    route = next((r for r in ROUTES if r.name == run.args.operation), None)
    if route is None:
        raise Invalid(
            "do.operation",
            "没有这个操作，./voc do 列出全部",
            "there is no such operation; ./voc do lists them",
            "operation",
        )
    given = _given(run.args.values, run.args.body)
    path = {name: str(given.pop(name)) for name in _path_names(route) if name in given}
    if missing := set(_path_names(route)) - set(path):
        name = sorted(missing)[0]
        raise Invalid("do.missing", f"缺少 {name}=…", f"{name}=… is missing", name)
    answer = plain(
        perform(route, run.loop, run.caller, path, given if route.query else {}, given if route.body else {})
    )
    if not run.args.json:
        say(json.dumps(answer, ensure_ascii=False, indent=2, default=str))
    return 0, answer


def _path_names(route: Route) -> list[str]:
    return [part[1:-1] for part in route.path.split("/") if part.startswith("{")]


def _needs(route: Route) -> list[str]:
    models = [m for m in (route.query, route.body) if m]
    fields = [f if i.is_required() else f"[{f}]" for m in models for f, i in m.model_fields.items()]
    return _path_names(route) + fields


def _given(values: list[str], body: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for value in values:
        name, found, text = value.partition("=")
        if not found:
            raise Invalid("do.value", "参数写成 名=值", "write parameters as name=value", value[:20])
        try:
            given[name] = json.loads(text)
        except ValueError:
            given[name] = text
    try:
        more = json.loads(body) if body else {}
    except ValueError:
        raise Invalid("do.body", "--body 不是有效的 JSON", "--body is not valid JSON", "--body") from None
    return {**given, **more}


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
    """Show the causes, write them to two files, or make the next version from two files."""
    a = run.args
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
    for warning in now.warnings:
        say(f"注意 warning: {warning['zh']} / {warning['en']}")
    return 0, {"number": now.number, "causes": rows, "warnings": now.warnings}


def _lines(args: Any, name: str) -> list[str]:
    given = getattr(args, name)
    if not given:
        raise Invalid("taxonomy.file", f"请用 --{name} 指明文件", f"name the file with --{name}", f"--{name}")
    try:
        return Path(given).read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise Invalid(
            "taxonomy.file",
            "文件读不出来，应为 UTF-8 CSV",
            "the file cannot be read; it must be CSV in UTF-8",
            f"--{name}",
        ) from None


def _write(path: Path, rows: Any, words: str) -> None:
    names = [n for n in type(rows[0]).model_fields if n != "words"] + ([words] if words else [])
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        for row in rows:
            cells = row.model_dump(mode="json", include=set(names))
            writer.writerow({**cells, **({words: "|".join(row.words)} if words else {})})
    say(f"已写 written: {path}")


def settings(run: Run) -> Result:
    """Show the settings, or change those given as name=value (JSON)."""
    if run.args.values:
        now = admin.save_settings(run.loop, _given(run.args.values, ""), None)
    else:
        now = run.loop.unit().settings
    shown = plain(now)
    say(json.dumps(shown, ensure_ascii=False, indent=2))
    return 0, {"settings": shown}


def customer(run: Run) -> Result:
    """Show, export or erase one customer, named by phone, member or user number."""
    a = run.args
    found = customers.look_up(run.loop, a.ref)
    if a.action == "export":
        everything = customers.export(run.loop, run.caller, found.id, a.purpose)
        target = Path(a.out or f"{found.id}.json")
        target.touch(mode=0o600)
        target.write_text(json.dumps(everything, ensure_ascii=False, indent=2, default=str), "utf-8")
        say(f"已导出 exported: {target}")
        return 0, {"file": str(target)}
    if a.action == "erase":
        confirm(run, f"永久删除 {found.shown} 的个人数据 erase this person's data for good")
        receipt = erasure.erase(run.loop, run.caller, found.id, a.purpose)
        say(f"已删除，回执 erased, receipt: {receipt.id}（联络 contacts {receipt.contacts}）")
        return 0, {"receipt": receipt}
    history = customers.history(run.loop, run.caller, found.id)
    rows = [{"time": c.time, "channel": c.channel, "causes": c.causes, "text": c.text[:80]} for c in history]
    table(
        f"{found.shown} {found.segment}",
        rows,
        [("time", "时间"), ("channel", "渠道"), ("causes", "原因"), ("text", "内容")],
    )
    return 0, {"customer": found, "contacts": len(history)}


def confirm(run: Run, what: str) -> None:
    """Ask before what cannot be undone, unless --yes."""
    if run.args.yes:
        return
    if not sys.stdin.isatty() or input(f"{what}？输入 yes 确认 type yes: ").strip() != "yes":
        raise Invalid(
            "confirm",
            "没有确认，什么也没做；加 --yes 直接执行",
            "not confirmed, nothing was done; --yes goes ahead",
            "--yes",
        )


def dead(run: Run) -> Result:
    """List steps that were given up; `dead again` owes them all again."""
    letters = admin.dead_letters(run.loop)
    rows = [letter._asdict() for letter in letters]
    names = [("kind", "种类"), ("key", "编号"), ("step", "步骤"), ("attempts", "次数"), ("error", "错误")]
    table("死信 dead letters", rows, names)
    if run.args.action == "again":
        for letter in letters:
            admin.send_again(run.loop, letter.kind, letter.key)
        say(f"已重新排队 {len(letters)} / {len(letters)} sent again")
    return 0, {"dead_letters": rows}


def demo(run: Run) -> Result:
    """Load the demo company, or remove everything that belongs to it."""
    from chalicelib.cli.serving import load_demo
    from chalicelib.demo.remove import is_demo, remove

    if run.args.action == "load":
        if is_demo(run.loop):
            raise Invalid("demo.loaded", "演示数据已在", "the demo data is there already", "demo")
        operator = run.loop.unit().get(User, "admin")
        load_demo(run.loop, operator.password if operator else "")
        say("演示公司已载入 the demo company is loaded")
        return 0, {"loaded": True}
    confirm(run, "删除全部演示数据 remove all demo data")
    with progress("删除演示数据 removing demo data") as advance:
        removed = remove(run.loop, lambda label, done, total: advance(done, total, label))
    say("、".join(f"{k} {n}" for k, n in removed.items()) or "没有演示数据 there was none")
    return 0, {"removed": removed}


def status(run: Run) -> Result:
    """What is owed and what was given up."""
    store = run.loop.store
    numbers = {
        "waiting": store.waiting(),
        "dead_letters": len(store.dead()),
        "data": str(run.environment.data),
    }
    say("  ".join(f"{k}: {v}" for k, v in numbers.items()))
    return 0, numbers
