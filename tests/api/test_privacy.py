"""Whose words are shown to whom, what is logged, what an export holds, and what an erasure leaves."""

from __future__ import annotations

import io
import json
import logging
from dataclasses import replace

import pytest

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.adapters.vault import KeyVault
from chalicelib.api import middleware
from chalicelib.api.routing import DOOR, PUBLIC, ROUTES
from chalicelib.loop import erasure
from chalicelib.loop.context import Loop
from chalicelib.loop.listen import originals
from chalicelib.loop.rebuild import recount
from chalicelib.loop.worker import drain
from chalicelib.model.case import Callback, Case
from chalicelib.model.contact import Contact, Reading

PHONE = "13800138000"
WHY = {"purpose": "核对收货电话"}


def numbers(loop):
    """Every stored number."""
    cells = {}
    for family in loop.store.families():
        cells |= loop.store.cells(family)
    return cells


def rows(store):
    """Everything in the store's tables as one text."""
    db = store._writer
    tables = [
        name for (name,) in db.execute("select name from sqlite_master where type = 'table' and rootpage > 0")
    ]
    return "\n".join(str(row) for table in tables for row in db.execute(f"select * from {table}"))


# --- Originals ---


@pytest.mark.parametrize(
    ("user", "status"),
    [
        ("admin", 200),
        ("lead.logistics", 200),
        ("lead.quality", 404),
        ("agent", 403),
        ("exec", 403),
        (None, 401),
    ],
)
def test_who_may_read_the_original(user, status, api, company):
    said = api("POST", f"/contacts/{company.ids['contact']}/original", WHY, user=user)
    assert said.status == status
    assert (PHONE in said.text) == (status == 200)
    log = api("GET", "/readings").json["readings"]
    assert [(r["by"], r["contact"], r["purpose"], r["what"]) for r in log] == (
        [(user, company.ids["contact"], WHY["purpose"], "original")] if status == 200 else []
    )


@pytest.mark.parametrize(
    "body", [{}, {"purpose": ""}, {"purpose": "x"}, {"purpose": None}, {"purpose": "x" * 201}]
)
def test_without_a_purpose_nothing_is_read(body, api, company):
    for path in (
        "/contacts/{contact}/original",
        "/customers/{customer}/reveal",
        "/customers/{customer}/export",
    ):
        said = api("POST", path.format(**company.ids), body)
        assert said.status == 422
        assert PHONE not in said.text
    assert api("GET", "/readings").json["readings"] == []


def test_each_reading_is_logged(api, company, clock):
    paths = ("/contacts/{contact}/original", "/customers/{customer}/reveal", "/customers/{customer}/export")
    for path in paths:
        for _ in range(2):
            clock.forward(seconds=1)
            assert PHONE in api("POST", path.format(**company.ids), WHY).text
    log = api("GET", "/readings").json["readings"]
    assert [r["what"] for r in log] == ["export", "export", "reveal", "reveal", "original", "original"]
    assert {r["by"] for r in log} == {"admin"}
    for user in ("agent", "lead.logistics", "exec"):
        assert api("GET", "/readings", user=user).status == 403


def test_a_purpose_may_hold_no_personal_data_for_ever(api, company, loop):
    why = {"purpose": "回拨13912345678"}
    for path in ("/contacts/{contact}/original", "/customers/{customer}/reveal"):
        api("POST", path.format(**company.ids), why)
    assert "13912345678" not in rows(loop.store)


def test_the_setting_says_which_roles_read_originals(api, company):
    path = f"/contacts/{company.ids['contact']}/original"
    assert api("PATCH", "/settings", {"settings": {"originals": ["agent"]}}).status == 200
    assert api("POST", path, WHY, user="agent").status == 200
    assert api("POST", path, WHY, user="lead.logistics").status == 403


class NoLog:
    """A store on which readings cannot be saved."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)

    def save(self, changes, cells):
        if any(isinstance(c.after, Reading) for c in changes):
            raise OSError("disk full")
        self._store.save(changes, cells)


class SpyVault(KeyVault):
    """Remembers whether it was opened."""

    opened = 0

    def open(self, sealed, about):
        self.opened += 1
        return super().open(sealed, about)


@pytest.mark.parametrize(
    "path", ["/contacts/{contact}/original", "/customers/{customer}/reveal", "/customers/{customer}/export"]
)
def test_what_cannot_be_logged_cannot_be_read(path, api, loop, company):
    vault = SpyVault(b"k" * 32)
    broken = replace(loop, store=NoLog(loop.store), vault=vault)
    DOOR.loop, DOOR.report = lambda: broken, lambda route, error: None
    said = api("POST", path.format(**company.ids), WHY)
    assert (said.status, vault.opened) == (500, 0)
    assert PHONE not in said.text


def test_the_masked_words_are_what_everybody_else_sees(api, company):
    for user in ("agent", "lead.logistics", "exec", "admin"):
        for path in ("/contacts/{contact}", "/contacts", "/cases/{case}/contacts", "/cases/{case}"):
            assert PHONE not in api("GET", path.format(**company.ids), user=user).text
    assert PHONE not in api("GET", "/customers/{customer}".format(**company.ids), user="agent").text


def test_nothing_unsealed_lies_in_the_store(api, loop, company):
    api("PUT", "/customers", {"customer": PHONE, "name": "王小明", "email": "wang@example.com"})
    text = rows(loop.store)
    assert not [p for p in (PHONE, "王小明", "wang@example.com") if p in text]


# --- Export and erasure ---


@pytest.fixture
def person(api, loop, clock, company, take):
    """Everything one person can have with us, and beside it another person."""
    customer = {
        "customer": PHONE,
        "name": "王小明",
        "email": "wang@example.com",
        "member": "M-77",
        "consent": True,
    }
    assert api("PUT", "/customers", customer).status == 200
    take(
        "M-77 的包裹又丢了，我是王小明，车牌京A12345",
        customer="M-77",
        external_id="LOG-3",
        order="DD-7788",
        seconds=100,
    )
    case = company.ids["resolved_case"]
    said = {"reached": True, "resolved": True, "satisfaction": "满意", "text": "收到了，王小明谢谢"}
    api("POST", f"/callbacks/{case}/answer", said, user="agent")
    drain(loop)
    api("POST", f"/cases/{company.ids['case']}/comments", {"text": "王小明住三楼"}, user="agent")
    take(
        "李四的杯子坏了，电话13912345678",
        customer="13912345678",
        external_id="OTHER-1",
        causes=["product.defect"],
    )
    api("POST", f"/contacts/{company.ids['contact']}/original", WHY, user="lead.logistics")
    return company.ids["customer"]


def test_an_export_holds_everything_of_one_person_and_nothing_of_others(api, person, company):
    said = api("POST", f"/customers/{person}/export", {"purpose": "本人要求"})
    out = said.json
    assert out["person"]["name"] == "王小明"
    assert out["person"]["email"] == "wang@example.com"
    texts = {c["text"] for c in out["contacts"]}
    assert len(texts) == 4
    assert any(PHONE in t for t in texts), "as it was said, not masked"
    assert any("京A12345" in t for t in texts)
    assert any("谢谢" in t for t in texts), "the answer to the call-back is a contact"
    assert {company.ids["case"], company.ids["resolved_case"]} <= {k["id"] for k in out["cases"]}
    assert [b["case"] for b in out["callbacks"]] == [company.ids["resolved_case"]]
    assert {(r["by"], r["what"]) for r in out["readings"]} >= {
        ("lead.logistics", "original"),
        ("admin", "export"),
    }
    assert not [w for w in ("李四", "13912345678", "OTHER-1") if w in said.text]
    assert not [w for w in ("sealed", "fingerprint", "aliases") if f'"{w}"' in said.text]


def test_an_export_is_the_admins(api, person):
    for user in ("agent", "lead.logistics", "exec"):
        assert api("POST", f"/customers/{person}/export", WHY, user=user).status == 403
        assert api("POST", f"/customers/{person}/erase", WHY, user=user).status == 403


def test_an_erasure_leaves_numbers_and_nothing_else(api, loop, person, company):
    before = numbers(loop)
    receipt = api("POST", f"/customers/{person}/erase", {"purpose": "本人要求"})
    assert receipt.status == 200
    assert (receipt.json["contacts"], receipt.json["callbacks"]) == (4, 1)
    assert [r["id"] for r in api("GET", "/receipts").json["receipts"]] == [receipt.json["id"]]
    assert numbers(loop) == before
    assert recount(loop).differences == 0
    left = rows(loop.store)
    gone = [
        PHONE,
        "王小明",
        "三天了还没送到",
        "压坏了",
        "谢谢",
        "京A",
        "M-77",
        "DD-7788",
        "LOG-1",
        "住三楼",
        "补发新包裹",
    ]
    assert [w for w in gone if w in left] == []
    assert loop.store._writer.execute("select count(*) from items where kind = 'alias'").fetchone() == (0,)
    contact = api("GET", f"/contacts/{company.ids['contact']}").json
    assert contact["erased"]
    assert contact["customer"] != person
    assert loop.store._writer.execute("select count(*) from items where kind = 'original'").fetchone() == (
        1,
    ), "李四"
    assert api("GET", f"/customers/{person}").status == 404
    assert api("POST", f"/contacts/{company.ids['contact']}/original", WHY).status == 404
    assert "李四" in api("GET", "/contacts").text


def test_an_erasure_takes_the_words_of_tasks_too(api, loop, person, company):
    task = {"department": "quality", "what": "去王小明家三楼看看"}
    api("POST", f"/cases/{company.ids['case']}/tasks", task, user="lead.logistics")
    api("POST", f"/customers/{person}/erase", {"purpose": "本人要求"})
    assert "王小明" not in rows(loop.store)


def test_no_row_leads_from_the_erased_name_back_to_the_person(api, loop, person, company):
    alias_of = lambda: api("GET", f"/contacts/{company.ids['contact']}").json["customer"]  # noqa: E731
    api("POST", f"/customers/{person}/erase", {"purpose": "本人要求"})
    assert alias_of().startswith("erased-")
    log = api("GET", "/readings").json["readings"]
    assert not [r for r in log if r["customer"] == person and r["contact"]]


@pytest.mark.parametrize("with_number", [True, False])
def test_an_erased_contact_is_not_taken_again(with_number, api, loop, take):
    note = {
        "text": "快递丢了，电话13800138000",
        "channel": "web",
        "customer": PHONE,
        "time": "2026-11-17 09:30",
    }
    note |= {"external_id": "WEB-9"} if with_number else {}
    taken = api("POST", "/contacts", note).json["id"]
    drain(loop)
    person = api("GET", f"/contacts/{taken}").json["customer"]
    api("POST", f"/customers/{person}/erase", {"purpose": "本人要求"})
    before, items = numbers(loop), rows(loop.store).count("\n")
    assert api("POST", "/contacts", note).json == {"status": "known", "id": taken}
    assert api("POST", "/contacts/bulk", {"contacts": [note]}).json["known"] == 1
    drain(loop)
    assert (numbers(loop), rows(loop.store).count("\n")) == (before, items)
    assert "丢了" not in rows(loop.store)
    assert api("GET", f"/customers/{person}").status == 404


STAGES = ["name", "contacts", "cases", "callbacks"]


@pytest.mark.parametrize("stage", STAGES)
def test_an_interrupted_erasure_is_finished_by_the_next(stage, api, loop, person):
    before = numbers(loop)
    alias = loop.change(lambda unit: erasure._pseudonym(unit, person))
    done = STAGES.index(stage)
    for kind, index in ((Contact, "contact"), (Case, "case"), (Callback, "callback"))[:done]:
        erasure._in_parts(loop, kind, f"{index}.customer", person, alias)
    assert numbers(loop) == before
    receipt = api("POST", f"/customers/{person}/erase", {"purpose": "本人要求"})
    assert receipt.status == 200
    assert "王小明" not in rows(loop.store)
    assert numbers(loop) == before
    assert recount(loop).differences == 0
    owners = {c.customer for c in loop.store.scan(Contact) if c.erased}
    assert owners == {alias}, "one random name, whatever came between"
    assert (receipt.json["contacts"], receipt.json["callbacks"]) == (4, 1)


def test_an_erasure_while_the_worker_still_owes_work(api, loop):
    note = {"text": "快递丢了", "channel": "web", "customer": PHONE, "external_id": "WEB-9"}
    taken = api("POST", "/contacts", note).json["id"]
    person = api("GET", f"/contacts/{taken}").json["customer"]
    api("POST", f"/customers/{person}/erase", {"purpose": "本人要求"})
    drain(loop)
    assert loop.store.waiting() == 0
    assert recount(loop).differences == 0
    assert api("GET", f"/contacts/{taken}").json["erased"]


def test_an_erased_person_is_not_called_back(api, loop, company):
    person = company.ids["customer"]
    assert len(api("GET", "/callbacks", user="agent").json["callbacks"]) == 1
    api("POST", f"/customers/{person}/erase", {"purpose": "本人要求"})
    assert api("GET", "/callbacks", user="agent").json["callbacks"] == []
    case = company.ids["case"]
    api("POST", f"/cases/{company.ids['case']}/tasks/{company.ids['task']}/done", {}, user="lead.logistics")
    api("POST", f"/cases/{case}/accept", {}, user="lead.logistics")
    assert api("POST", f"/cases/{case}/resolve", {"what": "已处理"}, user="lead.logistics").status == 200
    assert api("GET", "/callbacks", user="agent").json["callbacks"] == []
    assert recount(loop).differences == 0


def test_an_erasure_on_disk(tmp_path, clock, loop):
    store = SqliteStore(str(tmp_path / "x.db"))
    here = Loop(store, loop.vault, loop.analyser, clock)
    from chalicelib.loop.listen.take import take_one
    from chalicelib.model.people import SYSTEM

    take_one(here, SYSTEM, {"text": "特别的词语在这里，13800138000", "channel": "web", "customer": PHONE})
    drain(here)
    (contact,) = store.scan(Contact)
    erasure.erase(here, SYSTEM, contact.customer, "本人要求")
    assert "特别的词语" not in rows(store)
    store.close()
    raw = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert "特别的词语".encode() not in raw


# --- The log ---


@pytest.fixture
def log():
    """What the logger of the routes writes at DEBUG, and what any other logger does."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    loggers = [logging.getLogger("huisheng"), logging.getLogger()]
    levels = [one.level for one in loggers]
    formatter = next((h.formatter for h in loggers[0].handlers if h.formatter), None)
    handler.setFormatter(formatter)
    for one in loggers:
        one.addHandler(handler)
        one.setLevel(logging.DEBUG)
    yield stream
    for one, level in zip(loggers, levels, strict=True):
        one.removeHandler(handler)
        one.setLevel(level)


def test_the_log_holds_nothing_personal(api, loop, company, samples, where, log, vault):
    secret = ("13800138000", "王小明", "三天了还没送到")
    for route in ROUTES:
        if route.name in ("erase_customer", "change_password"):
            continue
        body = {
            k: "王小明13800138000" if isinstance(v, str) else v
            for k, v in samples.get(route.name, {}).items()
        }
        for user in ("admin", None):
            api(route.method, where(route), samples.get(route.name, {}), user=user)
            api(route.method, where(route) + "?q=王小明13800138000".encode().decode(), body, user=user)
        if "{" in route.path:
            api(route.method, route.path.replace("{", "王小明13800138000").replace("}", ""), body)

    def broken() -> None:
        raise RuntimeError("王小明13800138000")

    DOOR.loop, DOOR.report = lambda: replace(loop, clock=broken), middleware.report
    failed = 0
    for route in ROUTES:
        if route.roles != PUBLIC:
            api(route.method, where(route), {**samples.get(route.name, {}), "text": "王小明13800138000"})
            failed += 1
    written = log.getvalue()
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    assert len([x for x in lines if x.get("message") == "request"]) > 200, "the log was really listened to"
    assert len([x for x in lines if x.get("message") == "failed"]) > 10
    assert not [s for s in (*secret, company.ids["customer"]) if s in written]
    assert failed > 40


def test_a_failed_step_says_nothing_personal(api, loop, clock, log):
    class Broken:
        version = "broken"

        def __call__(self, texts):
            raise ValueError(f"cannot read {texts}")

    sick = replace(loop, analyser=lambda taxonomy: Broken())
    api("POST", "/contacts", {"text": "王小明的快递丢了", "channel": "web"})
    for _ in range(10):
        drain(sick)
        clock.forward(hours=2)
    letters = api("GET", "/dead-letters").json["dead_letters"]
    assert len(letters) == 1
    assert "王小明" not in str(letters) + log.getvalue()
    assert originals.reading_log(loop) == []
