"""No page has a serious fault of accessibility, in either theme and language, on a phone and on a desk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import AtRest, Form, SignIn, Site
from tests.loop.finding import a_proposal
from tests.loop.judged import CAUSE, contacts, parcels, proposed, write

ADMIN = (
    "",
    "/users",
    "/taxonomy",
    "/calendar",
    "/rules",
    "/channels",
    "/robots",
    "/counts",
    "/tagger",
    "/privacy",
    "/dead",
    "/demo",
)
TESTED = (
    ("agent", "/log"),
    ("lead.logistics", "/queue"),
    ("lead.logistics", "/cases/{case}"),
    ("exec", "/board"),
    ("exec", "/trend?cause=delivery.late"),
    ("agent", "/promises"),
    ("lead.logistics", "/projects"),
    ("lead.logistics", "/projects/new?cause=delivery.late"),
    ("lead.logistics", "/projects/{project}"),
    ("lead.service", "/proposals"),
    ("lead.service", "/proposals/{proposal}"),
    ("exec", "/queue"),
    ("agent", "/callbacks"),
    ("agent", "/andons"),
    ("lead.quality", "/andons/{andon}"),
    ("lead.logistics", "/matrix"),
    ("exec", "/matrix"),
    ("lead.logistics", "/ledger"),
    ("exec", "/ledger?account=logistics&cause=delivery.late"),
    ("exec", "/cycle"),
    ("lead.logistics", "/contacts?cause=delivery.late"),
    ("lead.logistics", "/contacts/{contact}"),
    ("agent", "/search"),
    ("agent", "/review"),
    ("agent", "/review?mode=blind"),
    ("agent", "/import"),
    ("agent", "/nowhere"),
    ("agent", "/me"),
    *(("admin", f"/admin{part}") for part in ADMIN),
)
LOOKS = (("light", "zh", 1280), ("dark", "en", 1280), ("light", "en", 390), ("dark", "zh", 390))


def faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical."""
    axe = Path(os.environ["VOC_WEB"]).parent / "node_modules" / "axe-core" / "axe.min.js"
    page.evaluate(
        axe.read_text("utf-8")
    )  # the content policy keeps it out as a script, not as the tester's word
    found = page.evaluate("axe.run().then(r => r.violations)")
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in ("serious", "critical")
    ]


def _project(site: Site, api: Any) -> str:
    """A project with a reason and weeks behind it."""
    weeks = range(-30, 0)
    write(site.loop, contacts({CAUSE: lambda n: 60}, weeks), parcels(weeks))
    made = proposed(site.loop).id
    api(
        "POST",
        f"/projects/{made}/why",
        {"text": "箱子太薄", "assumption": True, "share": 40},
        user="lead.logistics",
    )
    return made


@pytest.mark.parametrize(("user", "path"), TESTED)
def test_pages_can_be_used_by_everybody(
    user: str, path: str, sign_in: SignIn, site: Site, api: Any, at_rest: AtRest
) -> None:
    body = {"text": "快递没到", "channel": "phone", "causes": ["delivery.late"], "contact_kind": "complaint"}
    contact = api("POST", "/contacts", body, user="agent").json["id"]
    api("POST", "/contacts", {"text": "不知道怎么说", "channel": "web"}, user="agent")
    site.work()
    case = api("GET", "/cases").json["cases"][0]["id"]
    project = _project(site, api)
    proposal = site.loop.change(lambda unit: unit.put(a_proposal())).id
    both = [one["id"] for one in api("GET", "/contacts?limit=2").json["contacts"]]
    asked = {"subject": "电饭煲", "text": "漏电", "department": "quality", "evidence": both}
    andon = api("POST", "/andons", asked, user="agent").json["id"]
    page = sign_in(user)
    for theme, language, width in LOOKS:
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate(
            "([t, l]) => { localStorage['voc.theme'] = t; localStorage['voc.language'] = l }",
            [json.dumps(theme), json.dumps(language)],
        )
        where = path.format(case=case, contact=contact, project=project, proposal=proposal, andon=andon)
        page.goto(f"{site.address}?{theme}{language}{width}#{where}")
        page.locator("main h1, main p").first.wait_for()
        at_rest(page)
        assert not faults(page), (theme, language, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (theme, language, width)


def test_dialogs_of_the_form_can_be_used_by_everybody(form: Form, api: Any, site: Site) -> None:
    for n in (1, 2):
        body = {
            "text": f"快递没到 {n}",
            "channel": "phone",
            "customer": "13800138000",
            "causes": ["delivery.late"],
        }
        api("POST", "/contacts", body, user="agent")
    api("POST", "/voices", {"text": "新包装一碰就破"}, user="lead.logistics")
    site.work()
    page = form()
    page.get_by_label("客户", exact=True).fill("13800138000")
    page.keyboard.press("Alt+KeyP")
    page.keyboard.insert_text("回电")
    for theme in ("深色", "浅色"):
        page.get_by_role("button", name=theme).click()
        for keys, shown in (("Alt+KeyV", "listitem"), ("Alt+KeyA", "checkbox")):
            page.keyboard.press(keys)
            page.get_by_role("dialog").get_by_role(shown).first.wait_for()  # type: ignore[arg-type]
            assert not faults(page), (theme, keys)
            page.keyboard.press("Escape")
        assert not faults(page), theme
