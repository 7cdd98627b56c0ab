"""`voc bench web`: what the pages weigh and how long they take, in a real browser in front of the real service.

The peer is the same browser with a plain page: one text field, or the queue's own rows as bare HTML, no program at
all. It says how much of a time is the machine's and the browser's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Response, Route

from chalicelib.bench import site
from chalicelib.bench.filling import SAID, fill
from chalicelib.environment import Environment
from chalicelib.loop import admin
from chalicelib.model.people import Role
from chalicelib.wiring import build

Numbers = dict[str, Any]
Step = Callable[[str], None]
Hash = Callable[[str], str]
"""Of a password what may be stored."""
WORD = "bench-" + "password"
SLOWED = 4
"""How many times slower the agent's processor is made."""
ROWS = 1_000
ECHARTS = b"_echarts_instance_"
"""An attribute that ECharts writes: no minifier may shorten it."""
PEOPLE = {"bench.agent": Role.AGENT, "bench.exec": Role.EXECUTIVE, "bench.admin": Role.ADMIN}
PLAIN = "<!doctype html><meta charset=utf-8><title>plain</title><textarea autofocus></textarea>"
WATCH = """
addEventListener('focusin', (event) => {
  if (event.target.tagName !== 'TEXTAREA' || window.benchReady) return
  setTimeout(() => { window.benchReady ??= performance.now() })
})
"""
"""Ready for the first key: the field has the focus and the program has come to rest."""
READY = "() => new Promise((done) => { (function look() { window.benchReady ? done(window.benchReady) : setTimeout(look, 4) })() })"
"""When that was, in milliseconds."""
SHOW = """
([path, wanted]) => new Promise((resolve) => {
  performance.clearResourceTimings()
  const begun = performance.now()
  const look = () => {
    if (document.querySelectorAll('main tbody [role=row], main tbody tr').length < wanted) return requestAnimationFrame(look)
    requestAnimationFrame(() => setTimeout(() => {
      const calls = performance.getEntriesByType('resource').filter((one) => one.name.includes('/api/queue'))
      const answered = Math.max(begun, ...calls.map((one) => one.responseEnd))
      const now = performance.now()
      resolve({ all: now - begun, shown: now - answered })
    }))
  }
  location.hash = path
  look()
})
"""
"""Go to a page in the program; milliseconds until its rows are painted, in all and since the last answer came in."""
PAINT = """
(rows) => new Promise((resolve) => {
  const begun = performance.now()
  document.body.innerHTML = rows
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begun)))
})
"""
SUGGESTED = """
() => new Promise((resolve) => {
  performance.clearResourceTimings()
  const look = () => {
    const asked = performance.getEntriesByType('resource').find((one) => one.name.endsWith('/contacts/suggest'))
    if (!asked || !document.querySelector('.chip kbd')) return setTimeout(look, 2)
    resolve(performance.now() - asked.startTime)
  }
  look()
})
"""


def measure(count: int, rounds: int, hashed: Hash, step: Step) -> Numbers:
    """All figures; weights in kilobytes as sent, times in milliseconds, medians over the rounds."""
    with TemporaryDirectory(prefix="voc-web-") as folder:
        data = Path(folder)
        step("装入 filling")
        _fill(data, count, hashed(WORD))
        with site.served(data) as address, site.browser() as started:
            states = {name: _signed_in(started, address, name) for name in PEOPLE}
            visit = _visitor(started, states)
            step("重量 weights")
            weights = _weights(visit, address)
            step("可输入 interactive")
            times = _interactive(visit, address, rounds)
            step("工单列表 queue")
            queue = _queue(visit, address, rounds)
            step("建议 suggestions")
            return {"contacts": count, **weights, **times, **queue, **_suggestions(visit, address)}


def _fill(data: Path, count: int, hashed: str) -> None:
    system = build(Environment(data=data))
    try:
        fill(system.loop, count)
        for name, role in PEOPLE.items():
            admin.save_user(system.loop, name, role=role, display=name, password_hash=hashed, disabled=False)
    finally:
        system.close()


def _signed_in(started: Browser, address: str, name: str) -> Any:
    context = site.person(started)
    site.sign_in(context, address, name, WORD)
    state = context.storage_state()
    context.close()
    return state


Visit = Callable[[str], BrowserContext]


def _visitor(started: Browser, states: dict[str, Any]) -> Visit:
    """Somebody who is signed in and has nothing in the cache."""

    def visit(name: str) -> BrowserContext:
        context = started.new_context(storage_state=states[name], viewport={"width": 1280, "height": 900})
        context.add_init_script(WATCH)
        return context

    return visit


def _weights(visit: Visit, address: str) -> Numbers:
    agent, first = _loaded(visit("bench.agent"), f"{address}#/log", "textarea:focus")
    board, _ = _loaded(visit("bench.exec"), f"{address}#/board", "main svg")
    return {
        "agent_kb": first,
        "agent_all_kb": _kilobytes(agent),
        "agent_has_echarts": _has_echarts(agent),
        "executive_kb": _kilobytes(board),
        "executive_has_echarts": _has_echarts(board),
    }


def _loaded(context: BrowserContext, where: str, until: str) -> tuple[list[Response], float]:
    """The files of a page, and the kilobytes of those that came before `until` was there."""
    files: list[Response] = []
    page = context.new_page()
    page.on("response", lambda answer: files.append(answer) if "/api/" not in answer.url else None)
    page.goto(where)
    page.locator(until).first.wait_for()
    first = _kilobytes(files)
    page.wait_for_load_state("networkidle")
    return files, first


def _kilobytes(files: list[Response]) -> float:
    return round(sum(int(one.headers.get("content-length", 0)) for one in files) / 1000, 1)


def _has_echarts(files: list[Response]) -> bool:
    return any(ECHARTS in one.body() for one in files)


def _interactive(visit: Visit, address: str, rounds: int) -> Numbers:
    ours = [_ready(visit("bench.agent"), f"{address}#/log") for _ in range(rounds)]
    plain = [_ready(visit("bench.agent"), f"{address}plain") for _ in range(rounds)]
    return {
        "agent_interactive_ms": median(ours),
        "plain_interactive_ms": median(plain),
        "agent_interactive_rounds": ours,
        "interactive_ratio": round(median(ours) / median(plain), 2),
    }


def _ready(context: BrowserContext, where: str) -> float:
    """Milliseconds to the first key on a processor slowed down."""
    page = context.new_page()
    page.route("**/plain", _plain)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    page.goto(where)
    took = float(page.evaluate(READY))
    context.close()
    return round(took, 1)


def _plain(route: Route) -> None:
    route.fulfill(body=PLAIN, content_type="text/html")


def _queue(visit: Visit, address: str, rounds: int) -> Numbers:
    """ROWS rows of the queue, from the last answer to the paint; the peer paints the same rows as bare HTML."""
    shown, everything, bare = [], [], []
    for _ in range(rounds):
        page = visit("bench.admin").new_page()
        page.goto(f"{address}#/log")
        page.evaluate(READY)
        took = page.evaluate(SHOW, ["#/queue?state=working", ROWS])
        shown.append(took["shown"])
        everything.append(took["all"])
        bare.append(_bare(page))
        page.context.close()
    return {
        "queue_rows": ROWS,
        "queue_shown_ms": round(median(shown), 1),
        "queue_with_answer_ms": round(median(everything), 1),
        "bare_rows_ms": round(median(bare), 1),
        "queue_ratio": round(median(shown) / median(bare), 2),
    }


def _bare(page: Page) -> float:
    table = page.locator("main table").first.evaluate("(table) => table.outerHTML")
    other = page.context.new_page()
    return float(other.evaluate(PAINT, table))


def _suggestions(visit: Visit, address: str) -> Numbers:
    """From the request that the pause triggers to the causes on the screen."""
    page = visit("bench.agent").new_page()
    took = []
    for text in SAID:
        page.goto(f"{address}?{time.monotonic_ns()}#/log")
        page.evaluate(READY)
        page.keyboard.insert_text(text[:-1])
        waiting = page.evaluate_handle(f"({{ answer: ({SUGGESTED})() }})")
        page.keyboard.insert_text(text[-1])
        took.append(float(waiting.evaluate("(one) => one.answer")))
    return {
        "suggestion_ms": round(median(took), 1),
        "suggestion_worst_ms": round(max(took), 1),
        "suggestion_rounds": [round(one, 1) for one in took],
    }
