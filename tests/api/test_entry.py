"""The way in on Lambda: modules of routes are imported as they are asked for, and together they are all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import app
from chalicelib.api.entry import PATHS, modules
from chalicelib.api.imports import LIKE
from chalicelib.api.routing import ROUTES, Route

ROOT = Path(__file__).parents[2]


def module_of(route: Route) -> str:
    return route.view.__module__.rpartition(".")[2]


def first(route: Route) -> str:
    return route.path.split("/")[1]


def test_every_module_of_routes_is_known_and_registered():
    assert {module_of(route) for route in ROUTES} == set(PATHS)
    assert {(r.path, r.method) for r in ROUTES} == {
        (path, method) for path, known in app.app.routes.items() for method in known
    }


def test_a_path_imports_what_answers_it():
    missing = {f"{r.method} {r.path}": module_of(r) for r in ROUTES if module_of(r) not in modules(first(r))}
    assert missing == {}, "add the first part of the path to the module in entry.PATHS"


def test_no_path_waits_for_a_module_that_does_not_answer_it():
    idle = {
        (name, part)
        for name, parts in PATHS.items()
        for part in parts.split()
        if part != "imports" and part not in {first(r) for r in ROUTES if module_of(r) == name}
    }
    assert idle == set()


def test_an_import_has_the_routes_that_say_who_may_send_what():
    assert {module_of(r) for r in ROUTES if r.name in LIKE.values()} <= set(modules("imports"))


def test_what_tells_of_all_routes_has_them_all():
    assert modules("openapi.json") == modules("docs") == list(PATHS)


ASK = """
import json, sys
from chalicelib.api.entry import on_http
path = {path!r}
answer = on_http({{"requestContext": {{"resourcePath": path, "httpMethod": "GET", "path": path}}, "headers": {{}},
    "pathParameters": None, "queryStringParameters": None, "multiValueQueryStringParameters": None, "body": None,
    "isBase64Encoded": False, "stageVariables": None}}, None)
ours = [m for m in sys.modules if m.startswith("chalicelib.api.")]
steps = [m[15:] for m in ours if any(type(v).__name__ == "Step" for v in vars(sys.modules[m]).values())]
print(json.dumps([answer["statusCode"], json.loads(answer["body"]), sorted(steps)]))
"""


@pytest.mark.parametrize(
    ("path", "status", "steps"),
    [("/health", 200, ["describe"]), ("/session", 401, ["session"]), ("/queue", 401, ["own"])],
)
def test_a_request_is_answered_by_its_own_module_alone(tmp_path, path, status, steps):
    env = {"VOC_DATA": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", ASK.format(path=path)], env=env, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found[0] == status
    assert found[2] == steps


def test_the_description_is_the_same_whoever_asks_first(tmp_path):
    from chalicelib.api.describe import openapi

    env = {"VOC_DATA": str(tmp_path), "PYTHONPATH": str(ROOT)}
    code = ASK.format(path="/openapi.json")
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])[1]
    assert set(told["paths"]) == set(openapi()["paths"])
