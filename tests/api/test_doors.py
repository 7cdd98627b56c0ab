"""Who may come in, and what those who may not are told: always the same, and nothing."""

from __future__ import annotations

import base64
from typing import Any

import jwt
import pytest
from argon2 import PasswordHasher

from chalicelib.api.routing import PUBLIC, ROUTES
from chalicelib.loop.admin import save_user
from chalicelib.model.people import Role

HOUR = 3_600


@pytest.fixture
def craft(clock, vault):
    """A token of the admin, right in all but what is asked for."""

    def craft(key: Any = vault.token_key, algorithm: str = "HS256", drop: str = "", **claims: Any) -> str:
        now = clock.now.timestamp()
        said = {"iss": "huisheng", "aud": "huisheng", "sub": "admin", "role": "admin", "departments": []}
        said |= {"iat": now, "exp": now + HOUR, **claims}
        said.pop(drop, None)
        return "Bearer " + jwt.encode(said, key, algorithm=algorithm)

    return craft


def b64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


WRONG = {
    "empty bearer": lambda craft, now: "Bearer ",
    "garbage": lambda craft, now: "Bearer garbage",
    "three parts of garbage": lambda craft, now: "Bearer a.b.c",
    "not latin": lambda craft, now: "Bearer 令牌.令牌.令牌",
    "basic": lambda craft, now: "Basic YWRtaW46YWRtaW4=",
    "basic x": lambda craft, now: "Basic x",
    "no scheme": lambda craft, now: craft().removeprefix("Bearer "),
    "another scheme": lambda craft, now: craft().replace("Bearer", "Token"),
    "another key": lambda craft, now: craft(key=b"x" * 32),
    "no signature": lambda craft, now: craft(key=None, algorithm="none"),
    "signature cut off": lambda craft, now: craft().rsplit(".", 1)[0] + ".",
    "signature changed": lambda craft, now: craft()[:-4] + "AAAA",
    "another algorithm": lambda craft, now: craft(key=b"x" * 64, algorithm="HS512"),
    "expired": lambda craft, now: craft(iat=now - 13 * HOUR, exp=now - HOUR),
    "from the future": lambda craft, now: craft(iat=now + HOUR, exp=now + 2 * HOUR),
    "without an end": lambda craft, now: craft(drop="exp"),
    "without a beginning": lambda craft, now: craft(drop="iat"),
    "foreign issuer": lambda craft, now: craft(iss="https://elsewhere.example"),
    "foreign audience": lambda craft, now: craft(aud="elsewhere"),
    "no audience": lambda craft, now: craft(drop="aud"),
    "unknown role": lambda craft, now: craft(role="emperor"),
    "nested header": lambda craft, now: f"Bearer {b64('[' * 1_200)}.{b64('{}')}.{b64('x')}",
    "unknown user": lambda craft, now: craft(sub="nobody"),
    "blocked user": lambda craft, now: craft(sub="exec", role="executive"),
    "before a password change": lambda craft, now: craft(sub="agent", role="agent", iat=now - 60),
}


@pytest.fixture
def refused(api, company):
    """The one body that everybody without a right token gets."""
    return api("GET", "/session", user=None)


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_token_opens_no_door_and_learns_nothing(
    kind, api, loop, clock, craft, company, refused, where
):
    save_user(loop, "exec", disabled=True)
    save_user(loop, "agent", password_hash="changed")
    clock.forward(seconds=1)
    header = WRONG[kind](craft, clock.now.timestamp())
    for route in ROUTES:
        said = api(route.method, where(route), {}, user=None, headers={"Authorization": header})
        assert (said.status, said.text) == (401, refused.text), f"{route.method} {route.path}"
        assert said.headers["WWW-Authenticate"] == "Bearer"


def test_without_a_token_only_public_doors_open(api, company, refused, where):
    for route in ROUTES:
        said = api(route.method, where(route), {}, user=None)
        if route.roles == PUBLIC:
            assert said.status == (401 if route.path == "/session" else 200), route.path
        else:
            assert (said.status, said.text) == (401, refused.text), f"{route.method} {route.path}"
        assert not [secret for secret in company.secrets if secret in said.text]


def test_what_is_public_is_known():
    public = {r.path for r in ROUTES if r.roles == PUBLIC}
    assert public == {"/session", "/openapi.json", "/docs", "/health"}


def test_the_crafted_token_is_right_when_nothing_is_wrong_with_it(api, craft):
    said = api("GET", "/session", user=None, headers={"Authorization": craft()})
    assert (said.status, said.json["name"]) == (200, "admin")


def test_a_refusal_carries_safe_headers(refused):
    assert refused.headers["Cache-Control"] == "no-store"
    assert refused.headers["X-Content-Type-Options"] == "nosniff"
    assert refused.json["error"].keys() == {"code", "zh", "en", "where"}


def cheap_hash(password: str) -> str:
    """Right for tests only: quick to make and to check."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(password)


SIGN_INS = [
    {},
    {"name": "agent"},
    {"name": "nobody", "password": "correct horse"},
    {"name": "agent", "password": "wrong"},
    {"name": "agent", "password": ""},
    {"name": "exec", "password": ""},
]


def test_every_failed_sign_in_gets_the_same_answer(api, loop):
    save_user(loop, "agent", password_hash=cheap_hash("correct horse"))
    answers = {(a.status, a.text) for body in SIGN_INS for a in [api("POST", "/session", body, user=None)]}
    assert [status for status, _ in answers] == [401]


def test_sign_in_lock_and_password_change(api, loop, clock):
    save_user(loop, "agent", password_hash=cheap_hash("correct horse"))
    clock.forward(seconds=1)
    right, wrong = {"name": "agent", "password": "correct horse"}, {"name": "agent", "password": "x"}
    old = api("POST", "/session", right, user=None).json["token"]
    bearer = {"Authorization": f"Bearer {old}"}
    assert api("GET", "/session", user=None, headers=bearer).json["role"] == "agent"
    for _ in range(5):
        api("POST", "/session", wrong, user=None)
    assert api("POST", "/session", right, user=None).status == 401
    clock.forward(seconds=61)
    assert api("POST", "/session", right, user=None).status == 200
    change = {"old": "correct horse", "new": "battery staple"}
    assert api("PUT", "/session/password", {**change, "old": "no"}, user=None, headers=bearer).status == 401
    assert api("PUT", "/session/password", change, user=None, headers=bearer).status == 200
    assert api("GET", "/session", user=None, headers=bearer).status == 401, "old sessions end"
    assert api("POST", "/session", right, user=None).status == 401
    assert api("POST", "/session", {"name": "agent", "password": "battery staple"}, user=None).status == 200


def test_a_new_role_counts_at_once(api, loop):
    assert api("GET", "/users", user="agent").status == 403
    save_user(loop, "agent", role=Role.ADMIN)
    assert api("GET", "/users", user="agent").status == 200, "the role in the token is not what counts"
    save_user(loop, "agent", role=Role.AGENT)
    assert api("GET", "/users", user="agent").status == 403


USER_OF = {"agent": "agent", "lead": "lead.logistics", "executive": "exec", "admin": "admin"}


@pytest.mark.parametrize("role", USER_OF)
def test_a_role_is_let_in_where_its_route_says_so(role, api, company, samples, where):
    for route in ROUTES:
        if route.roles == PUBLIC or route.name == "change_password":
            continue
        said = api(route.method, where(route), samples.get(route.name, {}), user=USER_OF[role])
        name = f"{route.method} {route.path}: {said.text}"
        if role in route.roles:
            assert said.status < 500, name
            assert said.status != 403 or said.json["error"]["code"] != "role", name
        else:
            assert (said.status, said.json["error"]["code"]) == (403, "role"), name
            assert not [secret for secret in company.secrets if secret in said.text], name


def test_the_role_is_looked_at_before_the_body(api, company, where):
    for route in ROUTES:
        if route.body and Role.EXECUTIVE not in route.roles and route.roles != PUBLIC:
            said = api(route.method, where(route), b"{broken", user="exec")
            assert said.status == 403, f"{route.method} {route.path}"


STARTS = "2027-01-04T00:00:00+08:00"
PLAN = {"metric": "cpx", "cause": "delivery.late", "starts": STARTS}
FOREIGN = [
    ("GET", "/contacts/{contact}", None),
    ("POST", "/contacts/{contact}/correction", {"causes": ["product.defect"]}),
    ("POST", "/contacts/{contact}/original", {"purpose": "看看"}),
    ("GET", "/cases/{case}", None),
    ("GET", "/cases/{case}/clocks", None),
    ("GET", "/cases/{case}/contacts", None),
    ("POST", "/cases/{case}/accept", {}),
    ("POST", "/cases/{case}/resolve", {"what": "好了"}),
    ("POST", "/cases/{case}/tasks", {"department": "quality", "what": "我也要看"}),
    ("POST", "/cases/{case}/tasks/{task}/done", {}),
    ("POST", "/cases/{case}/comments", {"text": "路过"}),
    ("POST", "/cases/{case}/owner", {"department": "quality", "reason": "给我"}),
    ("POST", "/callbacks/{resolved_case}/answer", {"reached": True, "resolved": True}),
    ("GET", "/projects/{project}", None),
    ("POST", "/projects/{project}/move", {"order": "accept"}),
    ("PUT", "/projects/{project}/plan", {"plan": PLAN}),
    ("GET", "/projects/{project}/verdict", None),
    ("GET", "/projects/{project}/table", None),
    ("GET", "/projects/{project}/why", None),
    ("POST", "/projects/{project}/why", {"text": "箱子太薄", "assumption": True}),
    ("PUT", "/projects/{project}/why/Y-1", {"text": "箱子太薄", "assumption": True}),
    ("POST", "/projects/{project}/why/Y-1/withdraw", {}),
    ("GET", "/andons/{andon}", None),
    ("POST", "/andons/{andon}/answer", {"answer": "refused"}),
    (
        "PUT",
        "/matrix",
        {"cause": "delivery.late", "department": "logistics", "customer_value": 1, "company_value": 1},
    ),
    ("GET", "/contacts?department=logistics", None),
    ("GET", "/cases?department=logistics", None),
    ("GET", "/series?by=cause&part=delivery.late", None),
    ("GET", "/series?by=department&part=logistics", None),
    ("GET", "/metrics?cause=delivery.late", None),
    ("GET", "/metrics?department=logistics", None),
    ("GET", "/trend?cause=delivery.late", None),
    ("GET", "/trend?department=logistics", None),
]


@pytest.mark.parametrize(("method", "path", "body"), FOREIGN)
def test_a_lead_learns_and_changes_nothing_of_other_departments(method, path, body, api, company):
    def state() -> list[Any]:
        seen = ("/contacts/{contact}", "/cases/{case}", "/cases/{resolved_case}", "/projects/{project}")
        return [api("GET", p.format(**company.ids)).json for p in seen]

    before = state()
    said = api(method, path.format(**company.ids), body, user="lead.quality")
    assert said.status in (403, 404), said.text
    assert not [secret for secret in company.secrets if secret in said.text]
    assert state() == before


@pytest.mark.parametrize(
    ("method", "path", "body"), [row for row in FOREIGN if "{" in row[1] and "{task}" not in row[1]]
)
def test_what_is_foreign_looks_like_what_does_not_exist(method, path, body, api, company):
    foreign = api(method, path.format(**company.ids), body, user="lead.quality")
    absent = api(method, path.format(**dict.fromkeys(company.ids, "K-000")), body, user="lead.quality")
    assert (foreign.status, foreign.text) == (absent.status, absent.text)


LISTS = [
    "/contacts",
    "/contacts?cause=delivery.late",
    "/contacts?channel=phone",
    "/cases",
    "/cases?state=unverified",
    "/queue",
    "/queue?order=cost&state=unverified",
    "/callbacks",
    "/andons",
    "/projects",
    "/series?by=cause",
    "/series?by=department",
    "/focus",
    "/notices",
    "/cycles",
    "/cycles/2026-W47",
]


@pytest.mark.parametrize("path", LISTS)
def test_lists_leave_out_what_is_not_the_leads_business(path, api, company):
    api("GET", "/cycles/current")
    api("POST", "/cycles/2026-W47/close")
    theirs = api("GET", path, user="lead.logistics")
    assert any(w in theirs.text for w in ("delivery.late", "delivery.damaged", "logistics")), (
        "there is something"
    )
    said = api("GET", path, user="lead.quality")
    assert said.status == 200
    leaked = [s for s in (*company.secrets, "delivery.late", "delivery.damaged") if s in said.text]
    assert leaked == []


def test_a_customers_contacts_are_shown_to_those_they_concern(api, company):
    path = f"/customers/{company.ids['customer']}/contacts"
    assert len(api("GET", path, user="lead.logistics").json["contacts"]) == 2
    assert api("GET", path, user="lead.quality").json["contacts"] == []


def test_a_leads_list_is_not_starved_by_others(api, clock, company, take):
    clock.forward(hours=1)
    contact = take("杯子有裂纹", external_id="Q-1", customer="C-2", causes=["product.defect"])
    api("POST", f"/cases/{contact['case']}/accept", {}, user="lead.quality")
    api("POST", f"/cases/{contact['case']}/resolve", {"what": "换新"}, user="lead.quality")
    mine = api("GET", "/callbacks?limit=1", user="lead.quality").json["callbacks"]
    assert [b["case"] for b in mine] == [contact["case"]]


def test_a_department_working_along_sees_the_case_but_does_not_own_it(api, company):
    case = company.ids["case"]
    api("POST", f"/cases/{case}/tasks", {"department": "quality", "what": "看包装"}, user="lead.logistics")
    assert api("GET", f"/cases/{case}", user="lead.quality").status == 200
    for move, body in (
        ("accept", {}),
        ("resolve", {"what": "好了"}),
        ("owner", {"department": "it", "reason": "给他们"}),
    ):
        assert api("POST", f"/cases/{case}/{move}", body, user="lead.quality").status == 403
    done = f"/cases/{case}/tasks/{company.ids['task']}/done"
    assert api("POST", done, {}, user="lead.quality").status == 403, "another department's task"


@pytest.mark.parametrize("metric", ["resolution_rate", "response_rate", "satisfaction_rate"])
def test_a_metric_that_is_not_counted_by_cause_is_not_shown_by_cause(metric, api, clock, company, take):
    other = take("杯子有裂纹", external_id="Q-1", customer="C-2", causes=["product.defect"])
    api("POST", f"/cases/{other['case']}/accept", {}, user="lead.quality")
    api("POST", f"/cases/{other['case']}/resolve", {"what": "换新"}, user="lead.quality")
    answer = {"reached": True, "resolved": True, "satisfaction": "satisfied"}
    api("POST", f"/callbacks/{other['case']}/answer", answer, user="agent")
    said = api("GET", f"/trend?metric={metric}&cause=delivery.late", user="lead.logistics")
    assert said.status in (404, 422) or all(w["n"] == 0 for w in said.json["weeks"])


def test_a_token_ends_after_its_lifetime(api, clock):
    token = api.token("agent")
    bearer = {"Authorization": f"Bearer {token}"}
    clock.forward(hours=11)
    assert api("GET", "/session", user=None, headers=bearer).status == 200
    clock.forward(hours=2)
    assert api("GET", "/session", user=None, headers=bearer).status == 401
