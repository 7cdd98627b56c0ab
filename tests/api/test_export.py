"""GET /export.csv: who gets which rows, page by page, and the log of it."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

import pytest

WEEKS = "first=2026-W40&last=2026-W47"


@pytest.fixture
def busy(take):
    """Seven contacts of logistics and two of quality, in two weeks."""
    late = [take(f"第 {n} 件没送到", time=f"2026-11-1{n} 09:00", external_id=f"L{n}") for n in range(7)]
    broken = [take(f"第 {n} 件坏了", causes=["product.defect"], external_id=f"Q{n}") for n in range(2)]
    return [c["id"] for c in late + broken]


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def fetched(api, query: str, user: str, limit: int) -> tuple[str, int]:
    """All pages one after the other, and how many there were."""
    whole, cursor, n = "", "", 0
    while n == 0 or cursor:
        page = api("GET", f"/export.csv?{query}&limit={limit}&cursor={cursor}", user=user)
        assert page.status == 200, page.text
        whole, cursor, n = whole + page.text, page.headers.get("X-Next-Cursor", ""), n + 1
    return whole, n


@pytest.mark.parametrize("limit", [1, 4, 100])
def test_pages_one_after_the_other_are_one_file(limit, api, busy):
    whole, n = fetched(api, WEEKS, "exec", limit)
    assert whole.startswith("\ufeffweek,id,")
    assert whole.count("\ufeff") == whole.count("week,id,") == 1
    found = read(whole)
    assert {row["id"] for row in found} == set(busy)
    assert [row["time"] for row in found] == sorted(row["time"] for row in found)
    assert (n > 1) == (limit < 9)


def test_it_is_csv_that_is_not_kept(api, busy):
    page = api("GET", "/export.csv", user="admin")
    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-store"
    assert "X-Next-Cursor" not in page.headers
    assert "text" not in read(page.text)[0]
    assert "没送到" not in page.text


@pytest.mark.parametrize(
    ("user", "query", "status", "code"),
    [
        ("agent", "", 403, "role"),
        ("exec", "&text=true&purpose=看看", 403, "export.text"),
        ("admin", "&text=true", 422, "export.purpose"),
        ("lead.quality", "&department=logistics", 404, "department.not_found"),
        ("admin", "&department=nowhere", 404, "department.not_found"),
        ("admin", "&cursor=abc", 422, "cursor"),
        ("admin", "&cursor=é", 422, "cursor"),
        ("admin", "&limit=2001", 422, None),
        ("admin", "&colour=red", 422, None),
    ],
)
def test_what_is_refused(user, query, status, code, api, busy):
    name, _, value = query.rpartition("=")
    said = api("GET", f"/export.csv?{WEEKS}{name}={quote(value)}" if query else "/export.csv", user=user)
    assert said.status == status
    assert code in (None, said.json["error"]["code"])
    assert api("GET", "/readings").json["readings"] == []


@pytest.mark.parametrize("query", ["first=2026-W47&last=2026-W46", "first=2001-W01", "first=soon"])
def test_weeks_that_cannot_be(query, api):
    assert api("GET", f"/export.csv?{query}").status == 422


def test_a_lead_gets_its_own_with_texts_and_it_is_logged(api, busy):
    whole, _ = fetched(api, f"{WEEKS}&text=true&purpose={quote('核对 13800138000')}", "lead.quality", 100)
    assert {row["text"] for row in read(whole)} == {"第 0 件坏了", "第 1 件坏了"}
    (reading,) = api("GET", "/readings").json["readings"]
    assert (reading["by"], reading["what"], reading["rows"], reading["text"]) == (
        "lead.quality",
        "table",
        2,
        True,
    )
    assert reading["weeks"] == "2026-W40/2026-W47"
    assert "13800138000" not in reading["purpose"]
