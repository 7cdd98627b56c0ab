"""No page has a serious fault of accessibility, in either theme and language, on a phone and on a desk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SignIn, Site

TESTED = (
    ("agent", "/log"),
    ("lead.logistics", "/queue"),
    ("lead.logistics", "/cases/{case}"),
    ("exec", "/board"),
    ("exec", "/trend?cause=delivery.late"),
    ("agent", "/nowhere"),
)
LOOKS = (("light", "zh", 1280), ("dark", "en", 1280), ("light", "en", 390), ("dark", "zh", 390))


def _faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical."""
    axe = Path(os.environ["VOC_WEB"]).parent / "node_modules" / "axe-core" / "axe.min.js"
    page.evaluate(
        axe.read_text("utf-8")
    )  # the content policy keeps it out as a script, not as the tester's word
    found = page.evaluate("axe.run().then(r => r.violations)")
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(("user", "path"), TESTED)
def test_pages_can_be_used_by_everybody(user: str, path: str, sign_in: SignIn, site: Site, api: Any) -> None:
    body = {"text": "快递没到", "channel": "phone", "causes": ["delivery.late"], "contact_kind": "complaint"}
    api("POST", "/contacts", body, user="agent")
    site.work()
    case = api("GET", "/cases").json["cases"][0]["id"]
    page = sign_in(user)
    for theme, language, width in LOOKS:
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate(
            "([t, l]) => { localStorage['voc.theme'] = t; localStorage['voc.language'] = l }",
            [json.dumps(theme), json.dumps(language)],
        )
        page.goto(f"{site.address}?{theme}{language}{width}#{path.format(case=case)}")
        page.locator("main h1, main p").first.wait_for()
        page.wait_for_load_state("networkidle")
        assert not _faults(page), (theme, language, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (theme, language, width)
