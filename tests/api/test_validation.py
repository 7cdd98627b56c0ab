"""What is taken, what is refused, and that a refusal says what, where and what to do, and never repeats a value."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import BytesIO

import pytest

from chalicelib.api.routing import PUBLIC, ROUTES
from chalicelib.loop.worker import drain

PERSONAL = ("13912345678", "张三丰", "zhangsan@example.com")
NOTE = {"text": "快递太慢了", "channel": "phone"}


def is_error(said):
    """Whether it is an error a person can act on."""
    error = said.json["error"]
    return error.keys() == {"code", "zh", "en", "where"} and all(error[k] for k in ("code", "zh", "en"))


# --- The body as a whole ---


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{broken", "body.json"),
        (b'{"text": "\xff\xfe"}', "body.json"),
        ('{"text": "太慢"}'.encode("gb18030"), "body.json"),
        (b'{"a":' * 30_000, "body.json"),
        (b"[" * 100_000, "body.json"),
        (b'{"seconds": ' + b"9" * 6_000 + b"}", "body.json"),
        (b"[]", "body.object"),
        (b'[{"text": "x"}]', "body.object"),
        (b'"text"', "body.object"),
        (b"null", "body.object"),
        (b"7", "body.object"),
        (b"", "invalid"),
        (b"{}", "invalid"),
    ],
)
def test_a_body_that_is_not_an_object(raw, code, api):
    said = api("POST", "/contacts", raw, user="agent")
    assert (said.status, said.json["error"]["code"]) == (422, code)
    assert is_error(said)


def test_a_body_of_seven_megabytes(api):
    said = api("POST", "/contacts", b"x" * 7_000_000, user="agent")
    assert (said.status, said.json["error"]["code"]) == (413, "body.large")
    assert is_error(said)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_a_body_of_another_type_gets_an_error_like_all_others(kind, api):
    raw, seen = json.dumps(NOTE).encode(), []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/contacts",
        "CONTENT_LENGTH": str(len(raw)),
        "CONTENT_TYPE": kind,
        "HTTP_AUTHORIZATION": f"Bearer {api.token('agent')}",
        "wsgi.input": BytesIO(raw),
    }
    body = b"".join(api._gateway(environ, lambda status, headers: seen.append(status))).decode()
    assert seen[0][:3] in ("201", "415", "422")
    assert seen[0][:3] == "201" or json.loads(body).get("error"), body


# --- A contact's fields ---


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("text", "", "text"),
        ("text", "  \n\t ", "text"),
        ("text", "\u200b\u200d\ufe0f", "text"),
        ("text", None, "text"),
        ("text", 17, "text"),
        ("text", ["快递"], "text"),
        ("text", {"a": 1}, "text"),
        ("text", "快递\x00慢", "text"),
        ("text", "\x01\x02\x03\x04慢", "text"),
        ("text", "\ud800\udfff\ud800", "text"),
        ("text", "慢" * 20_001, "text"),
        ("channel", "信鸽", "channel"),
        ("channel", None, "channel"),
        ("channel", ["phone"], "channel"),
        ("channel", {}, "channel"),
        ("time", "2026-11-18 10:06", "time"),
        ("time", "2030-01-01", "time"),
        ("time", "昨天", "time"),
        ("time", "1999-12-31", "time"),
        ("time", True, "time"),
        ("time", [], "time"),
        ("time", float("nan"), "time"),
        ("time", float("inf"), "time"),
        ("seconds", -1, "seconds"),
        ("seconds", "很久", "seconds"),
        ("seconds", 86_401, "seconds"),
        ("seconds", 1.5, "seconds"),
        ("concession", -1, "concession"),
        ("concession", 10**30, "concession"),
        ("severity", 4, "severity"),
        ("causes", ["nonsense"], "causes"),
        ("causes", "delivery.late", "causes"),
        ("causes", ["delivery.late"] * 6, "causes"),
        ("contact_kind", "唠叨", "contact_kind"),
        ("customer", "1" * 129, "customer"),
        ("customer", True, "customer"),
        ("customer", "a\ud800", "customer"),
        ("external_id", "1" * 129, "external_id"),
        ("external_id", {"a": 1}, "external_id"),
        ("order", "x" * 129, "order"),
        ("segment", "x" * 41, "segment"),
        ("agent", "x" * 65, "agent"),
        ("legal_basis", "because", "legal_basis"),
        ("surprise", 1, "surprise"),
    ],
)
def test_what_is_refused_says_where(field, value, where, api):
    said = api("POST", "/contacts", {**NOTE, field: value}, user="agent")
    assert said.status == 422, said.text
    assert is_error(said)
    assert said.json["error"]["where"].split(":")[0].split(".")[0] == where


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "慢" * 20_000),
        ("text", "一家👨‍👩‍👧‍👦都不满意🇨🇳👍🏽"),
        ("text", "商品壞了，客服態度差，請退貨"),
        ("text", "ＡＢＣ１２３（全角）"),
        ("text", "快递\r\n太\u200b慢"),
        ("text", "x"),
        ("time", "2026-11-18 10:05"),
        ("time", "2026年11月17日 9点5分"),
        ("time", 1_794_900_000),
        ("time", ""),
        ("customer", 13_800_138_000),
        ("customer", 13_800_138_000.0),
        ("customer", "匿名"),
        ("seconds", "240"),
        ("severity", 3),
        ("causes", []),
        ("contact_kind", "投诉"),
        ("legal_basis", "contract"),
    ],
)
def test_what_is_taken(field, value, api, loop):
    said = api("POST", "/contacts", {**NOTE, field: value}, user="agent")
    assert said.status == 201, said.text
    drain(loop)
    contact = api("GET", f"/contacts/{said.json['id']}").json
    assert contact["analysis"], "the worker has read it"
    assert loop.store.waiting() == 0


def test_words_are_kept_as_written(api):
    text = "一家👨‍👩‍👧‍👦都說：ＡＢＣ１２３，壞了"
    taken = api("POST", "/contacts", {"text": text, "channel": "web"}).json["id"]
    assert api("GET", f"/contacts/{taken}").json["text"] == text


def test_full_width_numbers_are_masked_and_are_the_same_customer(api):
    full = {"text": "请打１３８００１３８０００", "channel": "web", "customer": "１３８００１３８０００"}
    one = api("GET", f"/contacts/{api('POST', '/contacts', full).json['id']}").json
    half = {"text": "又坏了", "channel": "web", "customer": "+86 138-0013-8000"}
    two = api("GET", f"/contacts/{api('POST', '/contacts', half).json['id']}").json
    assert "１３８" not in one["text"]
    assert one["masked"] == ["mobile"]
    assert one["customer"] == two["customer"] != ""


def test_a_customer_is_found_by_a_number_in_any_width(api, company):
    for ref in ("13800138000", "+86 138-0013-8000", "１３８００１３８０００"):
        said = api("POST", "/customers/look-up", {"ref": ref}, user="agent")
        assert (said.status, said.json["customer"]["id"]) == (200, company.ids["customer"]), ref


CHANNELS = [
    *[("phone", w) for w in ("phone", "电话", "热线", "Hotline", " 来电 ")],
    *[("chat", w) for w in ("chat", "在线客服", "聊天", "IM")],
    *[("email", w) for w in ("email", "E-mail", "邮件", "邮箱")],
    *[("web", w) for w in ("web", "网页", "表单", "官网", "Website")],
    *[("wechat", w) for w in ("wechat", "WeChat", "微信", "公众号", "小程序")],
    *[("wecom", w) for w in ("wecom", "企业微信", "企微", "WeCom")],
    *[("store", w) for w in ("store", "门店", "线下")],
    *[("app", w) for w in ("app", "APP", "应用")],
    *[("social", w) for w in ("social", "社交", "微博", "抖音", "小红书")],
    *[("survey", w) for w in ("survey", "问卷", "调查")],
    *[("12315", w) for w in ("12315", 12315, "12345", "投诉平台")],
]


@pytest.mark.parametrize(("channel", "word"), CHANNELS)
def test_channels_in_both_languages(channel, word, api):
    taken = api("POST", "/contacts", {"text": "太慢", "channel": word})
    assert taken.status == 201, taken.text
    assert api("GET", f"/contacts/{taken.json['id']}").json["channel"] == channel


# --- Once only, and many at once ---


def test_the_same_contact_twice(api):
    note = {**NOTE, "external_id": "N-1", "customer": "C-1"}
    one, two = (api("POST", "/contacts", note, user="agent") for _ in range(2))
    assert (one.json["status"], two.json["status"]) == ("taken", "known")
    assert one.json["id"] == two.json["id"]
    other = api("POST", "/contacts", {**note, "channel": "app"})
    assert other.json["status"] == "taken", "another channel counts its own numbers"


def test_without_a_number_content_customer_and_minute_are_the_key(api, clock):
    first = api("POST", "/contacts", {**NOTE, "customer": "C-1"}).json["id"]
    clock.forward(seconds=20)
    assert api("POST", "/contacts", {**NOTE, "customer": "C-1"}).json == {"status": "known", "id": first}
    assert api("POST", "/contacts", {**NOTE, "customer": "C-2"}).json["status"] == "taken"
    clock.forward(minutes=1)
    assert api("POST", "/contacts", {**NOTE, "customer": "C-1"}).json["status"] == "taken"


@pytest.mark.parametrize("change", [{"text": "别的话"}, {"customer": "C-2"}])
def test_the_same_number_with_other_content_is_a_conflict(change, api):
    note = {**NOTE, "external_id": "N-1", "customer": "C-1"}
    taken = api("POST", "/contacts", note).json["id"]
    said = api("POST", "/contacts", {**note, **change})
    assert (said.status, said.json["error"]["code"]) == (409, "contact.changed")
    assert api("GET", f"/contacts/{taken}").json["text"] == NOTE["text"]


BAD = [
    {"text": "", "channel": "phone"},
    {"text": "慢", "channel": "信鸽"},
    {"text": "慢"},
    {"channel": "phone"},
    {"text": "慢", "channel": "phone", "time": "2031-01-01"},
    {"text": "慢", "channel": "phone", "causes": ["nonsense"]},
    {"text": "慢", "channel": "phone", "x": 1},
    {},
    {"text": "慢" * 20_001, "channel": "phone"},
    {"text": "\x00", "channel": "phone"},
]


def test_a_thousand_at_once_with_bad_ones_among_them(api, loop):
    good = [
        {"text": f"第{i}个包裹太慢", "channel": "web", "external_id": i, "customer": i % 90 + 1}
        for i in range(1_000)
    ]
    rows = [BAD[i // 100] if i % 100 == 50 else row for i, row in enumerate(good)]
    rows[1] = rows[0]
    rows[3] = {**rows[2], "text": "改了内容"}
    said = api("POST", "/contacts/bulk", {"contacts": rows}, user="agent")
    assert said.status == 200
    counts = {k: said.json[k] for k in ("taken", "known", "refused")}
    assert counts == {"taken": 988, "known": 1, "refused": 11}
    results = said.json["results"]
    assert len(results) == 1_000
    assert [i for i, r in enumerate(results) if r["status"] == "refused"] == [3, *range(50, 1_000, 100)]
    for row in results:
        if row["status"] == "refused":
            assert all(row["error"][k] for k in ("code", "zh", "en"))
            assert "where" in row["error"]
        else:
            assert row["error"] is None
            assert row["id"]
    assert results[1]["id"] == results[0]["id"]
    assert results[3]["error"]["code"] == "contact.changed"
    again = api("POST", "/contacts/bulk", {"contacts": rows}).json
    assert (again["taken"], again["known"], again["refused"]) == (0, 989, 11)


def test_a_row_that_is_not_an_object_does_not_lose_the_others(api):
    rows = [NOTE, None, "文字", 7, ["x"], {**NOTE, "customer": "C-9"}]
    said = api("POST", "/contacts/bulk", {"contacts": rows})
    assert said.status == 200, said.text
    assert (said.json["taken"], said.json["refused"]) == (2, 4)


@pytest.mark.parametrize("n", [0, 1_001])
def test_too_few_or_too_many_at_once(n, api):
    said = api("POST", "/contacts/bulk", {"contacts": [NOTE] * n})
    assert said.status == 422
    assert said.json["error"]["where"] == "contacts"


# --- Nothing personal comes back in an error ---


def leaks(said):
    return [p for p in PERSONAL if p in said.text]


@pytest.mark.parametrize("shape", ["text", "list", "object"])
def test_no_value_is_repeated_in_an_error(shape, api, samples, where):
    found = []
    for route in ROUTES:
        if route.body is None or route.name in ("sign_in", "change_password", "erase_customer"):
            continue
        for field in route.body.model_fields.keys() - {"version"}:
            for value in PERSONAL:
                given = {"text": value, "list": [value], "object": {"a": value}}[shape]
                said = api(route.method, where(route), {**samples[route.name], field: given})
                if said.status >= 400 and leaks(said):
                    found.append(f"{route.name}.{field}: {said.text}")
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("user", ["agent", "lead.quality"])
def test_a_department_that_is_refused_is_not_repeated(user, api, company):
    body = {"cause": "delivery.late", "department": PERSONAL[0], "customer_value": 1, "company_value": 1}
    said = api("PUT", "/matrix", body, user=user)
    assert said.status in (403, 422)
    assert not leaks(said)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/contacts", {**NOTE, PERSONAL[0]: "x"}),
        ("PATCH", "/settings", {"settings": {PERSONAL[0]: 1}}),
        ("GET", f"/contacts?{PERSONAL[0]}=x", None),
        ("GET", f"/cases?{PERSONAL[0]}=x", None),
    ],
)
def test_a_name_that_looks_like_a_person_is_not_repeated(method, path, body, api):
    said = api(method, path, body)
    assert said.status == 422
    assert not leaks(said)


def test_a_name_of_any_length_does_not_come_back_whole(api):
    said = api("POST", "/contacts", {**NOTE, "x" * 100_000: 1})
    assert said.status == 422
    assert len(said.text) < 2_000


@pytest.mark.parametrize("route", [r for r in ROUTES if r.query], ids=lambda r: r.name)
def test_no_query_value_is_repeated_in_an_error(route, api, where):
    for field in route.query.model_fields:
        said = api(route.method, f"{where(route)}?{field}=13912345678")
        assert said.status < 500
        assert said.status < 400 or not leaks(said), field


# --- Names and titles that others read ---


@pytest.mark.parametrize(
    ("said", "kept"),
    [("A\u202e线", "A线"), ("A\n 线\x07", "A 线"), ("\u200bA线 ", "A线"), ("A\x00线", ""), ("\u202e\n", "")],
)
def test_names_and_titles_are_one_line_without_what_nobody_sees(said, kept, api, company):
    evidence = [company.ids["contact"], company.ids["resolved_contact"]]
    andon = {"subject": said, "department": "quality", "evidence": evidence}
    for method, path, body, field in (
        ("PUT", "/users/agent", {"display": said}, "display"),
        ("POST", "/andons", andon, "subject"),
    ):
        answer = api(method, path, body)
        if kept:
            assert kept in answer.json.values(), path
        else:
            assert (answer.status, answer.json["error"]["where"]) == (422, field)


def test_a_voice_is_text_without_what_nobody_sees(api):
    assert api("POST", "/voices", {"text": "漏\u202e扫\n很多"}).json["text"] == "漏扫\n很多"
    refused = api("POST", "/voices", {"text": "漏\x00扫"})
    assert (refused.status, refused.json["error"]["where"]) == (422, "text")


# --- Wrong types everywhere: never a broken route ---

ODD = [None, True, -1, 0, 1e308, 10**40, float("nan"), "", " ", "x" * 30_000, "\x00", "a\ud800", "²", "2026-W99",
       "9999-12-31T23:59:59Z", "2026-12-01T00:00:00", [], [None], [[]], {}, {"a": 1}]  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=lambda v: repr(v)[:24])
def test_no_odd_value_breaks_a_route(odd, api, samples, where):
    broken = []
    for route in ROUTES:
        if route.body is None or route.name in ("sign_in", "change_password", "erase_customer", "save_user"):
            continue
        for field in route.body.model_fields:
            said = api(route.method, where(route), {**samples[route.name], field: odd})
            broken += [f"{route.name}.{field}"] if said.status >= 500 else []
            assert said.status < 400 or is_error(said)
    assert broken == [], " ".join(broken)
    for path in (
        "/cases",
        "/projects",
        "/andons",
        "/voices",
        "/callbacks",
        "/focus",
        "/customers/x",
        "/users",
    ):
        assert api("GET", path).status < 500, f"{path} is broken by what was taken"


@pytest.mark.parametrize(
    "starts",
    [
        "2026-12-01T00:00:00",
        "9999-12-31T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "2026-12-01",
        0,
    ],
)
def test_a_projects_start_is_a_time_that_can_be_counted_with(starts, api, clock):
    plan = {"metric": "cpx", "cause": "delivery.late", "starts": starts}
    body = {"title": "换承运商", "hypothesis": "更准时", "department": "logistics", "plan": plan}
    said = api("POST", "/projects", body)
    assert said.status in (201, 422), said.text
    assert api("GET", "/projects").status == 200


@pytest.mark.parametrize(
    ("name", "field"),
    [("propose_project", "plan"), ("save_taxonomy", "causes"), ("save_taxonomy", "departments")],
)
def test_unknown_fields_are_refused_inside_too(name, field, api, samples, where):
    route = next(r for r in ROUTES if r.name == name)
    body = json.loads(json.dumps(samples[name]))
    target = body[field][0] if isinstance(body[field], list) else body[field]
    target["minimum_efect"] = 0.5
    assert api(route.method, where(route), body).status == 422


ODD_QUERIES = ["abc", "²", "-1", "1e3", "", "2026-W99", "2026W1", "%00", "%ED%A0%80", "9" * 5_000]


@pytest.mark.parametrize("route", [r for r in ROUTES if r.query], ids=lambda r: r.name)
def test_no_odd_query_breaks_a_route(route, api, where):
    broken = []
    for field in route.query.model_fields:
        for odd in ODD_QUERIES:
            said = api(route.method, f"{where(route)}?{field}={odd}")
            broken += [f"{field}={odd[:9]}"] if said.status not in (200, 404, 422) else []
            assert said.status == 200 or is_error(said)
    assert broken == []


@pytest.mark.parametrize("route", [r for r in ROUTES if r.query], ids=lambda r: r.name)
def test_unknown_query_names_are_refused(route, api, where):
    said = api(route.method, f"{where(route)}?surprise=1")
    assert (said.status, said.json["error"]["where"]) == (422, "query.surprise")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "0",
        ":",
        "-1:",
        "99:",
        "0:x",
        "0:[]",
        "0:[1,2]",
        '0:["a"]',
        '0:["a","b","c"]',
        "0:null",
        "²:",
        "１:",
        "9" * 5_000 + ":",
        '0:["\\ud800","x"]',
        '0:["~","~"]',
        "0:" + "[" * 3_000,
    ],
)
def test_garbage_cursors(cursor, api, company):
    for path in ("/contacts", "/contacts?cause=delivery.late"):
        said = api("GET", f"{path}{'&' if '?' in path else '?'}cursor={cursor}")
        assert said.status in (200, 422)
        assert said.status == 200 or is_error(said)


def test_pages_follow_each_other_without_gap_or_repeat(api):
    rows = [{"text": f"包裹{i}太慢", "channel": "web", "causes": ["delivery.late"]} for i in range(25)]
    api("POST", "/contacts/bulk", {"contacts": rows})
    for path in ("/contacts?limit=7", "/contacts?limit=7&cause=delivery.late&first=2026-W40"):
        seen, cursor = [], ""
        while True:
            page = api("GET", path + (f"&cursor={cursor}" if cursor else "")).json
            seen += [c["id"] for c in page["contacts"]]
            cursor = page["cursor"].replace('"', "%22").replace(" ", "%20")
            if not cursor:
                break
        assert len(seen) in (0, 25)
        assert len(set(seen)) == len(seen)


WEEKS = [
    "x",
    "2026",
    "2026-W0",
    "2026-W54",
    "2025-W53",
    "1999-W01",
    "2100-W01",
    "W47",
    "2026-47-1",
    "²026-W47",
]


@pytest.mark.parametrize("week", WEEKS)
def test_garbage_weeks(week, api):
    for path in ("/contacts", "/focus", "/matrix", "/metrics", "/series", "/trend"):
        for name in ("first", "last"):
            said = api("GET", f"{path}?{name}={week}")
            assert said.status == 422, path
            assert said.json["error"]["where"] == name
    assert api("GET", f"/cycles/{week}").status in (404, 422)
    said = api("POST", f"/cycles/{week}/close")
    assert said.status in (404, 422)


@pytest.mark.parametrize("edge", ["2000-W01", "2099-W53", "2026-W53"])
def test_the_first_and_the_last_week(edge, api):
    for path in ("/contacts", "/focus", "/matrix", "/metrics", "/series", "/trend"):
        for query in (f"last={edge}", f"first={edge}", f"first={edge}&last={edge}"):
            assert api("GET", f"{path}?{query}").status in (200, 422), f"{path}?{query}"
    assert api("POST", f"/cycles/{edge}/close").status in (404, 422)


def test_weeks_the_wrong_way_round_are_refused(api):
    for path in ("/contacts", "/focus", "/metrics", "/series", "/trend"):
        assert api("GET", f"{path}?first=2026-W47&last=2026-W40").status == 422, path


UNKNOWN = ["/metrics?cause=nonsense", "/metrics?department=nonsense", "/trend?cause=nonsense", "/contacts?cause=nonsense",
           "/contacts?channel=nonsense", "/contacts?contact_kind=nonsense", "/contacts?department=nonsense",
           "/series?by=department&part=nonsense", "/series?by=channel&part=nonsense", "/series?by=cause&part=nonsense",
           "/cases?department=nonsense", "/trend?metric=nonsense"]  # fmt: skip


@pytest.mark.parametrize("path", UNKNOWN)
def test_a_misspelt_name_is_refused_and_not_counted_as_nothing(path, api):
    assert api("GET", path, user="exec").status in (404, 422)


# --- Addresses ---

ODD_IDS = ["a%20b", "..", "%", "%25", "%zz", "中文", "👍", "a" * 3_000, "²", "\x00", "%00", "{id}", "' or 1=1", "a;b",
           "a#b", "a?b", "K-1\nX-Evil: 1", "%ED%A0%80", "\\", "<script>"]  # fmt: skip


@pytest.mark.parametrize("odd", ODD_IDS, ids=lambda v: repr(v)[:16])
def test_odd_path_parameters(odd, api, samples):
    for route in ROUTES:
        if "{" in route.path and route.name != "save_user":
            path = re.sub(r"{\w+}", lambda _: odd.replace("?", "%3F"), route.path)
            said = api(route.method, path, samples.get(route.name, {}))
            assert said.status in (404, 405, 422), f"{route.method} {route.path}: {said.status}"
            assert is_error(said)
            assert "<script>" not in said.text
            assert not any("evil" in name.lower() for name in said.headers)


@pytest.mark.parametrize("path", ["/contacts/a/b", "/cases/x/y/z", "/nothing", "/api", "/api/", "/api/api/health", "//", "/docs/x",
                                  "/contacts%2Fx", "/%2e%2e/etc/passwd", "/../etc/passwd", "/HEALTH"])  # fmt: skip
def test_unknown_addresses(path, api):
    for method in ("GET", "POST", "DELETE"):
        said = api(method, path, user=None)
        assert said.status == 404
        assert said.json["error"]["code"] == "route.not_found"
        assert is_error(said)
        assert said.headers["Content-Type"].startswith("application/json")


def test_a_trailing_slash_is_the_same_address(api):
    assert api("GET", "/health/").status == 200


def test_methods_that_are_not_there(api, where):
    allowed: dict[str, set[str]] = {}
    for route in ROUTES:
        allowed.setdefault(where(route), set()).add(route.method)
    for path, methods in allowed.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - methods:
            said = api(method, path, {})
            assert said.status == 405, f"{method} {path}"
            assert said.json["error"]["code"] == "route.method"


@pytest.mark.parametrize("name", ["a b", "张三", "a/b".replace("/", "%2F"), "x" * 65, "system", "a@b"])
def test_odd_user_names(name, api):
    said = api("PUT", f"/users/{name}", {"role": "agent"})
    assert said.status in (404, 422)
    assert is_error(said)


def test_everything_but_pages_and_files_is_json_and_nothing_is_kept(api, where, samples):
    for route in ROUTES:
        if route.html or route.roles == PUBLIC or route.name == "change_password":
            continue
        said = api(route.method, where(route), samples.get(route.name, {}))
        kind = route.media if route.media and said.status == 200 else "application/json"
        assert said.headers["Content-Type"].startswith(kind), route.path
        assert said.headers["Cache-Control"] == "no-store"
        assert said.headers["X-Content-Type-Options"] == "nosniff"


def test_the_future_is_refused_for_calls_too(api, clock, company):
    later = (clock.now + timedelta(days=2)).isoformat()
    for reached in (True, False):
        body = {"reached": reached, "time": later}
        said = api("POST", f"/callbacks/{company.ids['resolved_case']}/answer", body, user="agent")
        assert said.status == 422, reached


@pytest.mark.parametrize("body", [{}, {"severity": 3}, {"contact_kind": "complaint"}])
def test_a_correction_that_says_nothing_of_causes_is_refused_and_changes_nothing(body, api, company):
    contact = company.ids["contact"]
    before = api("GET", f"/contacts/{contact}").json
    said = api("POST", f"/contacts/{contact}/correction", body, user="agent")
    assert (said.status, said.json["error"]["where"]) == (422, "causes")
    assert api("GET", f"/contacts/{contact}").json == before


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/denominators", {"denominator": "parcels", "period": "2026-W47", "value": 5}, "value"),
        ("/source-counts", {"channel": "phone", "day": "2026-11-17", "count": 5}, "count"),
        (
            "/matrix",
            {"cause": "delivery.late", "department": "logistics", "customer_value": 5, "company_value": 5},
            "customer_value",
        ),
        (
            "/matrix",
            {"cause": "delivery.late", "department": "logistics", "customer_value": 5, "company_value": 5},
            "company_value",
        ),
    ],
)
def test_true_and_text_are_no_numbers(path, body, field, api):
    for value in (True, False, "5"):
        said = api("PUT", path, {**body, field: value})
        assert (said.status, said.json["error"]["where"]) == (422, field), value
    assert api("PUT", path, body).status == 200


@pytest.mark.parametrize("field", ["seconds", "severity", "concession"])
def test_a_contact_counts_nothing_with_true(field, api):
    said = api("POST", "/contacts", {**NOTE, field: True}, user="agent")
    assert (said.status, said.json["error"]["where"]) == (422, field)
