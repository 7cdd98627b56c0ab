"""Commands that change things: log a contact, do anything a route does."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from chalice.app import Response

from chalicelib.api.routing import ROUTES, Route, may, perform, plain
from chalicelib.cli import words
from chalicelib.cli.context import Run
from chalicelib.cli.lines import lines
from chalicelib.cli.output import say, table
from chalicelib.loop.listen.corrections import visible_contact
from chalicelib.loop.listen.take import take_one
from chalicelib.loop.worker import advance
from chalicelib.model.errors import Invalid

Result = tuple[int, dict[str, Any]]
COMMAS = re.compile(r"\s*[,，、]\s*")


def log(run: Run) -> Result:
    """Take one contact, and show at once what the loop made of it."""
    run.may("take_contact")
    a = run.args
    row = {"text": a.text if a.text != "-" else sys.stdin.read(), "channel": a.channel}
    more = {"customer": a.customer, "order": a.order, "seconds": a.seconds, "causes": tuple(a.cause or ())}
    outcome = take_one(run.loop, run.caller, {**row, **{k: v for k, v in more.items() if v}})
    advance(run.loop, [outcome.id])
    unit = run.loop.unit()
    contact = visible_contact(unit, run.caller, outcome.id)
    labels = [unit.taxonomy.label(c) for c in contact.causes]
    say(f"{contact.id} {'已记录 taken' if outcome.status == 'taken' else '已有 known'}：{contact.text}")
    department = words.department(unit.taxonomy, contact.department)
    say(
        f"原因 causes: {'、'.join(labels) or '无 none'}  部门 department: {department}  工单 case: {contact.case or '—'}"
    )
    return 0, {"status": outcome.status, "contact": contact}


def do(run: Run) -> Result:
    """Call any route as a user, without the service: `do accept_case id=K-... --as lead.quality`."""
    if not run.args.operation:
        return _operations()
    route = next((r for r in ROUTES if r.name == run.args.operation), None)
    if route is None:
        raise Invalid(
            "do.operation",
            "没有这个操作，./voc do 列出全部",
            "there is no such operation; ./voc do lists them",
            "operation",
        )
    may(route, run.caller)
    values = given(run.args.values, run.args.body, _shapes(route))
    _complete(route, values)
    path = {name: str(values.pop(name)) for name in _path_names(route)}
    query, body = ({}, values) if route.body else (values, {})
    answer = perform(route, run.loop, run.caller, path, query, body)
    if isinstance(answer, Response):
        return _file(answer)
    if not run.args.json:
        told = lines(answer, run.loop.unit())
        for line in told or [json.dumps(plain(answer), ensure_ascii=False, indent=2, default=str)]:
            say(line)
    return 0, plain(answer)


def _file(answer: Response) -> Result:
    """A page, a table or a document goes to standard output as it is."""
    sys.stdout.flush()
    body = answer.body if isinstance(answer.body, bytes) else str(answer.body).encode()
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()
    return 0, {"headers": dict(answer.headers)}


def _operations() -> Result:
    rows = [{"op": r.name, "step": r.step, "what": r.summary, "needs": _needs(r)} for r in ROUTES]
    names = [("step", "步骤"), ("op", "操作 operation"), ("what", "做什么"), ("needs", "参数 parameters")]
    table("操作 operations", rows, names)
    return 0, {"operations": rows}


def _path_names(route: Route) -> list[str]:
    return [part[1:-1] for part in route.path.split("/") if part.startswith("{")]


def _fields(route: Route) -> dict[str, bool]:
    """What a route takes -> whether it must be given."""
    models = [m for m in (route.query, route.body) if m]
    fields = {f: i.is_required() for m in models for f, i in m.model_fields.items()}
    return dict.fromkeys(_path_names(route), True) | fields


def _needs(route: Route) -> list[str]:
    return [name if must else f"[{name}]" for name, must in _fields(route).items()]


def _complete(route: Route, values: dict[str, Any]) -> None:
    """Refuse with everything that is missing at once."""
    missing = [f"{name}=…" for name, must in _fields(route).items() if must and name not in values]
    if missing:
        raise Invalid(
            "do.missing",
            f"缺少 {'、'.join(missing)}，请补上",
            f"missing: {', '.join(missing)}; add them",
            missing[0].removesuffix("=…"),
        )


def _shapes(route: Route) -> dict[str, Any]:
    """The JSON schema of each field a route takes."""
    models = [m for m in (route.query, route.body) if m]
    return {k: v for m in models for k, v in m.model_json_schema().get("properties", {}).items()}


def given(values: list[str], body: str = "", shapes: dict[str, Any] | None = None) -> dict[str, Any]:
    """name=value arguments, and JSON on top; `shapes` says which fields are text or lists of text."""
    out: dict[str, Any] = {}
    for value in values:
        name, found, text = value.partition("=")
        if not found:
            raise Invalid("do.value", "参数写成 名=值", "write parameters as name=value", value[:20])
        out[name] = _read(text, (shapes or {}).get(name, {}))
    try:
        more = json.loads(body) if body else {}
    except ValueError:
        more = None
    if not isinstance(more, dict):
        raise Invalid("do.body", "--body 不是有效的 JSON 对象", "--body is not a valid JSON object", "--body")
    return {**out, **more}


def _read(text: str, shape: dict[str, Any]) -> Any:
    """A value as JSON, as a list split at commas, or as the words it is."""
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    kinds = [shape, *shape.get("anyOf", [])]
    types = {k["type"] for k in kinds if "type" in k} - {"null"}
    if any(k.get("type") == "array" and k.get("items", {}).get("type") == "string" for k in kinds):
        listed = isinstance(value, list) or value is None
        return value if listed else [part for part in COMMAS.split(text.strip()) if part]
    if types == {"string"} and not isinstance(value, str):
        return text  # an order number or the word true is meant as it was typed
    return value
