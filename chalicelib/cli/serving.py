"""`run`: everything in one process, with a demo company on an empty store."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from chalicelib.adapters.tokens import hash_password
from chalicelib.cli.context import Run
from chalicelib.cli.output import progress, say
from chalicelib.demo.mark import unfinished
from chalicelib.loop import admin
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.suggesting import suggest
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Invalid
from chalicelib.model.people import Role, User
from chalicelib.pages import Pages

NOTE = "sign-in.txt"
"""In the data folder, mode 0600: the first passwords, until somebody deletes it."""


def run_service(run: Run) -> tuple[int, dict[str, Any]]:
    """Serve until interrupted."""
    import waitress

    import app as chalice_app
    from chalicelib.api.routing import LARGEST_BODY
    from chalicelib.host import THREADS, Background, Gateway

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a short queue is no news
    os.environ["VOC_DATA"] = str(run.environment.data)  # the handlers read the environment themselves
    listener = _listener(run.args.host, run.args.port)
    password = first_start(run, run.args.empty)
    from chalicelib.wiring import system

    loop = system().loop
    suggest(loop, "快递没到")  # the tagger is there before the first request waits for it
    background = Background(loop, lambda: forget_removed(run))
    server = waitress.create_server(
        Gateway(chalice_app.app, lambda: home(loop), _pages()),
        sockets=[listener],
        threads=THREADS,
        ident=None,
        max_request_body_size=LARGEST_BODY,  # what is larger is refused before it is read to the end
        connection_limit=1_000,  # half-sent requests must not keep others out
        channel_timeout=30,
    )
    background.start()
    _announce(run, password)
    signal.signal(signal.SIGTERM, _stop)
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit, OSError):
        pass
    finally:
        background.stop()
        system().close()
    return 0, {"stopped": True}


def _pages() -> Pages | None:
    """The built web pages, where `./voc` has built them."""
    folder = os.environ.get("VOC_WEB")
    return Pages(Path(folder)) if folder else None


def _stop(number: int, frame: object) -> None:
    raise SystemExit


def _listener(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), reuse_port=False)
    except OSError as error:
        raise Invalid(
            "run.port",
            f"端口 {port} 用不了（{error.strerror}）；换一个：./voc run --port {port + 1}",
            f"port {port} cannot be used ({error.strerror}); try another: ./voc run --port {port + 1}",
            "--port",
        ) from None


def first_start(run: Run, empty: bool = False) -> str:
    """Without an admin: one with a fresh password. On an empty store: the demo company, unless told otherwise;
    one whose loading was interrupted is made anew. Returns the fresh password, "" when there was an admin."""
    loop = run.loop
    fresh = not loop.store.find(Contact, "contact.week", "~", limit=1).keys and not admin.users(loop)
    password = first_admin(run)
    if unfinished(loop):
        say("上次没有装完演示公司，重新来 the demo company was not finished last time, making it anew")
        load_demo(loop)
    elif fresh and not empty:
        load_demo(loop)
    refresh_note(run)
    return password


def first_admin(run: Run) -> str:
    """Where nobody can administer: an admin with a fresh password, which is returned; "" when there was one."""
    loop = run.loop
    if any(user.role is Role.ADMIN and not user.disabled for user in admin.users(loop)):
        return ""
    password = secrets.token_urlsafe(9)
    hashed = hash_password(password)
    admin.save_user(loop, "admin", role=Role.ADMIN, display="管理员", password_hash=hashed, disabled=False)
    _note(run.environment.data / NOTE, loop, password)
    return password


def refresh_note(run: Run) -> None:
    """Write the names that can sign in now into the note of the first password, if it is still there."""
    note = run.environment.data / NOTE
    if note.exists():
        _note(note, run.loop, note.read_text("utf-8").splitlines()[1])


def forget_removed(run: Run) -> None:
    """Take users that are gone out of the note of the first password; the note itself when it lists nobody more."""
    note = run.environment.data / NOTE
    if not note.exists():
        return
    there = {user.name for user in admin.users(run.loop)}
    lines = note.read_text("utf-8").splitlines()
    kept = [line for line in lines[2:] if line.partition("\t")[0] in there]
    if not kept:
        note.unlink()
    elif kept != lines[2:]:
        _write(note, [*lines[:2], *kept])


LABELS = {"run": "演示公司：模拟每一天 simulating days", "save": "演示公司：保存 saving"}


def load_demo(loop: Loop) -> None:
    """Make the demo company, with progress; its people have the admin's first password."""
    from chalicelib.demo.load import load

    known = loop.unit().get(User, "admin")
    with progress("演示公司 demo company") as advance:
        load(
            loop,
            loop.clock(),
            lambda label, done, total: advance(done, total, LABELS.get(label, label)),
            password_hash=known.password if known else "",
        )


def _note(path: Path, loop: Loop, password: str) -> None:
    lines = [f"{u.name}\t{u.role}\t{'、'.join(u.departments)}" for u in admin.users(loop)]
    head = "# 首次密码，请登录后修改并删除本文件 first password: change it, then delete this file"
    _write(path, [head, password, *lines])


def _write(path: Path, lines: Sequence[str]) -> None:
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write("\n".join(lines) + "\n")


def _announce(run: Run, password: str) -> None:
    address = f"http://{run.args.host}:{run.args.port}/"
    names = "、".join(f"{u.name}({u.role})" for u in admin.users(run.loop) if not u.disabled)
    say(f"回声已启动 running at {address}  接口 API {address}docs  数据 data {run.environment.data}")
    say(f"用户 sign-in names: {names}")
    if password:
        say(f"首次密码 first password: {password}")
    note = run.environment.data / NOTE
    if note.exists():
        say(
            f"首次密码在 first password in {note}；改密码 change it: ./voc user password NAME；之后删除该文件 then delete it"
        )
    say("按 Ctrl-C 停止 press Ctrl-C to stop")


def home(loop: Loop) -> bytes:
    """The first page: what runs here, whether it is the demo, where to go."""
    from chalicelib.loop.removal import is_demo

    demo = (
        "<p><strong>演示数据 demo data</strong>：<code>./voc demo remove</code> 一键删除</p>"
        if is_demo(loop)
        else ""
    )
    company = escape(loop.unit().settings.company) or "回声 Huisheng"
    steps = "听 listen → 担 own → 聚 focus → 量 measure → 协 coordinate → 追 track → 复 repeat"
    text = (
        f"<!doctype html><html lang=zh-CN><meta charset=utf-8><title>{company}</title>"
        "<style>body{font:16px/1.7 sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#1c2430}</style>"
        f"<h1>{company}</h1><p>{steps}</p>{demo}"
        "<p>网页没有装好，见启动时的提示；现在用命令行或接口 the web pages were not built, see what the start said; use the command line or the API:</p>"
        "<pre>./voc queue --as lead.logistics\n./voc cycle --as exec\n./voc log 内容 --channel phone --as agent.wang</pre>"
        "<p><a href=docs>接口说明 API</a> · <a href=openapi.json>OpenAPI</a> · <a href=health>health</a></p>"
    )
    return text.encode()
