"""The API's description of itself is right, whole and readable."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chalicelib.api.routing import PUBLIC, ROUTES


@pytest.fixture
def document(api):
    return api("GET", "/openapi.json", user=None).json


def test_the_document_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")
    assert [str(e.message)[:200] for e in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_route_is_in_it_and_nothing_else(document):
    said = {(m.upper(), path) for path, ops in document["paths"].items() for m in ops}
    assert said == {(r.method, r.path) for r in ROUTES}


def test_every_route_states_its_security_and_roles(document):
    for route in ROUTES:
        operation = document["paths"][route.path][route.method.lower()]
        assert operation["security"] == ([] if route.roles == PUBLIC else [{"token": []}]), route.path
        for role in route.roles:
            assert role in operation["description"], route.path
        assert operation["summary"]
        assert str(route.status) in operation["responses"]
        assert {"401", "422"} <= operation["responses"].keys()


def test_operation_ids_are_unique(document):
    ids = [op["operationId"] for ops in document["paths"].values() for op in ops.values()]
    assert len(ids) == len(set(ids)) == len(ROUTES)


def test_every_reference_leads_somewhere(document):
    names = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(document)))
    assert names <= document["components"]["schemas"].keys()
    assert "NewContact" in names


def test_path_parameters_are_declared(document):
    for path, operations in document["paths"].items():
        for operation in operations.values():
            declared = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
            assert declared == re.findall(r"{(\w+)}", path)


def test_unknown_fields_are_refused_in_the_document_too(document):
    shapes = {r.body.__name__ for r in ROUTES if r.body and r.path != "/session"}
    for name in shapes:
        assert document["components"]["schemas"][name].get("additionalProperties") is False, name


def test_the_page_for_people(api):
    page = api("GET", "/docs", user=None)
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    shown = unescape(page.text)
    for route in ROUTES:
        assert f"<span class=m>{route.method}</span> <code>{route.path}</code>" in shown, route.path
        assert route.summary in shown


def test_a_tool_may_ask_behind_the_prefix_too(api, document):
    assert api("GET", "/api/openapi.json", user=None).json == document
    assert api("GET", "/api/health", user=None).json["ok"] is True
