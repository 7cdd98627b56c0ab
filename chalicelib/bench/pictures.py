"""The pictures in README, drawn by a real browser from the demo company, so that they show what is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from chalicelib.bench import site

Step = Callable[[str], None]


@dataclass(frozen=True)
class Picture:
    """Whose page, where, and what has to be there before it is drawn."""

    name: str
    user: str
    path: str
    until: str
    width: int = 1280
    height: int = 900
    typed: str = ""
    follow: str = ""
    """A link to follow first."""


PICTURES = (
    Picture("agent", "agent.wang", "/log", ".chip kbd", typed="快递三天没送到，客服电话也打不通，急着用"),
    Picture("lead", "lead.logistics", "/queue", "main tbody tr"),
    Picture("case", "lead.logistics", "/queue", ".timeline", follow="main tbody tr a"),
    Picture("executive", "exec", "/board", "main svg"),
    Picture("phone", "exec", "/board", "main svg", width=390, height=844),
)


def draw(data: Path, out: Path, step: Step) -> list[Path]:
    """All pictures of the demo company in `data`; returns where they are."""
    out.mkdir(parents=True, exist_ok=True)
    word, drawn = site.password(data), list[Path]()
    with site.served(data) as address, site.browser() as started:
        for picture in PICTURES:
            step(picture.name)
            context = site.person(started, picture.width, picture.height)
            page = site.sign_in(context, address, picture.user, word)
            _go(page, address, picture)
            path = out / f"{picture.name}.png"
            page.screenshot(path=path)
            drawn.append(path)
            context.close()
    return drawn


def _go(page: Page, address: str, picture: Picture) -> None:
    page.goto(f"{address}#{picture.path}")
    if picture.typed:
        page.locator("textarea").fill(picture.typed)
    if picture.follow:
        page.locator(picture.follow).first.click()
    page.locator(picture.until).first.wait_for()
    page.wait_for_load_state("networkidle")
