"""Tokens of our own and of an outside issuer; password hashes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from chalicelib.adapters.tokens import LEEWAY, LIFETIME, OidcTokens, OwnTokens, hash_password, password_fits
from chalicelib.model.errors import Unauthenticated
from chalicelib.model.people import Role

KEY = b"k" * 32
OWN = OwnTokens(KEY)
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_token_says_who_it_is_for():
    token, end = OWN.issue("lead", Role.LEAD, ("logistics", "quality"), NOW)
    said = OWN.verify(token, NOW)
    assert (said.name, said.role, said.departments, said.issued) == (
        "lead",
        Role.LEAD,
        ("logistics", "quality"),
        NOW,
    )
    assert end == NOW + LIFETIME


@pytest.mark.parametrize(
    ("after", "valid"),
    [
        (-timedelta(seconds=LEEWAY), True),
        (-timedelta(seconds=LEEWAY + 1), False),
        (LIFETIME + timedelta(seconds=LEEWAY), True),
        (LIFETIME + timedelta(seconds=LEEWAY + 1), False),
    ],
)
def test_a_token_is_valid_for_its_time(after, valid):
    token, _ = OWN.issue("a", Role.AGENT, (), NOW)
    if valid:
        assert OWN.verify(token, NOW + after).name == "a"
    else:
        with pytest.raises(Unauthenticated):
            OWN.verify(token, NOW + after)


def _claims(**more: Any) -> dict[str, Any]:
    usual = {"iss": "huisheng", "aud": "huisheng", "sub": "a", "role": "agent", "departments": []}
    time = {"iat": NOW.timestamp(), "exp": (NOW + LIFETIME).timestamp()}
    return {k: v for k, v in {**usual, **time, **more}.items() if v is not None}


def test_the_usual_claims_are_enough():
    assert OWN.verify(jwt.encode(_claims(), KEY, "HS256"), NOW).name == "a"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "somebody"}, {"aud": "somebody"}, {"role": "king"}, {"role": None}, {"sub": None}, {"exp": None},
        {"iat": None}, {"iat": -1e30}, {"departments": None}, {"iss": None}, {"aud": None},
    ],
)  # fmt: skip
def test_other_claims_are_refused(wrong):
    with pytest.raises(Unauthenticated):
        OWN.verify(jwt.encode(_claims(**wrong), KEY, "HS256"), NOW)


def test_a_token_of_ours_is_a_json_web_token_to_others():
    token, end = OWN.issue("阿明", Role.LEAD, ("物流",), NOW)
    options = {"verify_exp": False, "verify_iat": False}
    said = jwt.decode(token, KEY, ["HS256"], audience="huisheng", issuer="huisheng", options=options)
    assert said == {
        **_claims(),
        "sub": "阿明",
        "role": "lead",
        "departments": ["物流"],
        "exp": end.timestamp(),
    }
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}


def _unsigned(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, None, algorithm="none")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        "x" * 5_000,
        _unsigned(_claims(role="admin")),
        jwt.encode(_claims(), b"z" * 32, "HS256"),
        jwt.encode(_claims(), KEY * 2, "HS512"),
        jwt.encode(_claims(), KEY, "HS256")[:-2],
    ],
)
def test_what_we_did_not_sign_is_refused_with_one_answer(token):
    with pytest.raises(Unauthenticated) as refused:
        OWN.verify(token, NOW)
    assert (refused.value.code, refused.value.where) == ("token", "Authorization")


# An outside issuer

ISSUER = "https://login.example"
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ROLES = {"cs-agents": "agent", "cs-leads": "lead", "cs-boss": "executive"}


@pytest.fixture(scope="module")
def outside() -> Iterator[OidcTokens]:
    """An issuer that publishes its keys on this machine."""
    jwk = json.loads(RSAAlgorithm.to_jwk(PRIVATE.public_key()))
    body = json.dumps({"keys": [{**jwk, "kid": "k1", "use": "sig", "alg": "RS256"}]}).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Keys) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield OidcTokens(
            ISSUER, "voc", f"http://127.0.0.1:{server.server_port}/jwks", "groups", "depts", ROLES
        )
        server.shutdown()
        thread.join()


def _outside(key: Any = PRIVATE, kid: str = "k1", **more: Any) -> str:
    now = datetime.now(UTC)
    usual = {
        "iss": ISSUER,
        "aud": "voc",
        "sub": "s-1",
        "groups": ["cs-agents"],
        "iat": now,
        "exp": now + LIFETIME,
    }
    claims = {k: v for k, v in {**usual, **more}.items() if v is not None}
    return jwt.encode(claims, key, "RS256", headers={"kid": kid})


@pytest.mark.parametrize(
    ("claims", "name", "role", "departments"),
    [
        ({}, "s-1", Role.AGENT, ()),
        ({"preferred_username": "anna"}, "anna", Role.AGENT, ()),
        ({"groups": "cs-leads", "depts": "logistics"}, "s-1", Role.LEAD, ("logistics",)),
        ({"groups": ["x", "cs-agents", "cs-boss"], "depts": ["a", "b"]}, "s-1", Role.EXECUTIVE, ("a", "b")),
        ({"groups": ["admin"]}, "s-1", Role.ADMIN, ()),
    ],
)
def test_an_issuers_claims_become_ours(outside, claims, name, role, departments):
    said = outside.verify(_outside(**claims))
    assert (said.name, said.role, said.departments) == (name, role, departments)


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://other.example"},
        {"aud": "another-app"},
        {"groups": ["cleaners"]},
        {"groups": []},
        {"groups": None},
        {"exp": datetime.now(UTC) - timedelta(minutes=2)},
        {"iat": datetime.now(UTC) + timedelta(hours=5)},
        {"exp": None},
        {"sub": None},
        {"kid": "k2"},
        {"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)},
    ],
)
def test_an_issuers_wrong_tokens_are_refused(outside, wrong):
    with pytest.raises(Unauthenticated):
        outside.verify(_outside(**wrong))


def test_a_public_key_is_no_shared_secret(outside):
    """The old confusion of RS256 with HS256: the issuer's public key used as an HMAC key."""
    forged = jwt.encode(_claims(iss=ISSUER, aud="voc", groups=["admin"]), KEY, "HS256", headers={"kid": "k1"})
    with pytest.raises(Unauthenticated):
        outside.verify(forged)


def test_keys_that_cannot_be_had_refuse_everybody():
    gone = OidcTokens(ISSUER, "voc", "http://127.0.0.1:9/jwks")
    with pytest.raises(Unauthenticated):
        gone.verify(_outside())


# Passwords


def test_a_password_fits_its_hash_only():
    hashed = hash_password("long enough 长")
    assert hashed.startswith("$argon2id$")
    assert password_fits(hashed, "long enough 长")
    assert not password_fits(hashed, "long enough")
    assert not password_fits("", ""), "who has no password cannot sign in"
    assert not password_fits("no hash", "x")
