"""Who is asking: JSON Web Tokens of the built-in issuer or of any OpenID Connect issuer; password hashes."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from chalicelib.model.errors import Busy
from chalicelib.model.people import Role, bad_token

if TYPE_CHECKING:
    from jwt import PyJWKClient

OWN_ISSUER = "huisheng"
LIFETIME = timedelta(hours=12)
LEEWAY = 30


@dataclass(frozen=True)
class Claims:
    """What a verified token says."""

    name: str
    role: Role
    departments: tuple[str, ...]
    issued: datetime


class OwnTokens:
    """Tokens this installation issues and verifies with its own key: JSON Web Tokens, always HS256.

    Made of the standard library, so that a request does not wait for what checks other people's signatures; a test
    holds them against PyJWT.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(
        self, name: str, role: Role, departments: tuple[str, ...], now: datetime
    ) -> tuple[str, datetime]:
        """A token and when it ends."""
        end = now + LIFETIME
        claims = {
            "iss": OWN_ISSUER,
            "aud": OWN_ISSUER,
            "sub": name,
            "role": str(role),
            "departments": list(departments),
            "iat": now.timestamp(),
            "exp": int(end.timestamp()),
        }
        return self._signed(_encoded(json.dumps(claims, ensure_ascii=False).encode())), end

    def verify(self, token: str, now: datetime | None = None) -> Claims:
        """The claims of one of our tokens, valid at `now`. Raises Unauthenticated."""
        try:
            body = token.split(".")[1]
            if not hmac.compare_digest(self._signed(body).encode(), token.encode()):
                raise bad_token()
            said = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
            moment = (now or datetime.now(UTC)).timestamp()
            if said["iss"] != OWN_ISSUER or said["aud"] != OWN_ISSUER:
                raise bad_token()
            if not said["iat"] - LEEWAY <= moment <= said["exp"] + LEEWAY:
                raise bad_token()
            return Claims(
                str(said["sub"]),
                Role(said["role"]),
                tuple(said["departments"]),
                datetime.fromtimestamp(said["iat"], UTC),
            )
        except (IndexError, KeyError, ValueError, TypeError, OverflowError, RecursionError):
            raise bad_token() from None

    def _signed(self, body: str) -> str:
        """The one form a token of ours can have: whatever another header asks for is never done."""
        signed = f"{_HEADER}.{body}"
        return f"{signed}.{_encoded(hmac.digest(self._key, signed.encode(), 'sha256'))}"


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


_HEADER = _encoded(b'{"alg":"HS256","typ":"JWT"}')


@dataclass(frozen=True)
class OidcTokens:
    """Tokens of the company's own OpenID Connect issuer, verified with its published keys."""

    issuer: str
    audience: str
    keys_url: str
    role_claim: str = "role"
    department_claim: str = "departments"
    roles: Mapping[str, str] = field(default_factory=dict)
    """What the issuer calls a role -> our role; unmapped names must be ours."""

    @cached_property
    def _keys(self) -> PyJWKClient:
        import jwt  # with all of cryptography: only where an outside issuer signs

        return jwt.PyJWKClient(self.keys_url, cache_keys=True, lifespan=3_600, timeout=5)

    def verify(self, token: str) -> Claims:
        """The claims of an issuer's token. Raises Unauthenticated."""
        import jwt

        try:
            key = self._keys.get_signing_key_from_jwt(token)
            said = jwt.decode(
                token,
                key.key,
                algorithms=["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"],
                audience=self.audience,
                issuer=self.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
            return self._claims(said)
        except (jwt.PyJWTError, KeyError, ValueError, TypeError):
            raise bad_token() from None

    def _claims(self, said: Mapping[str, Any]) -> Claims:
        names = said[self.role_claim]
        named = [names] if isinstance(names, str) else list(names)
        ours = [Role(r) for n in named if (r := self.roles.get(n, n)) in set(Role)]
        if not ours:
            raise bad_token()
        best = max(ours, key=list(Role).index)
        departments = said.get(self.department_claim, ())
        listed = [departments] if isinstance(departments, str) else list(departments)
        name = str(said.get("preferred_username") or said["sub"])
        return Claims(name, best, tuple(listed), datetime.fromtimestamp(said["iat"], UTC))


def hash_password(password: str) -> str:
    """Argon2id with the library's current parameters."""
    from argon2 import PasswordHasher  # only where passwords live: not on Lambda behind an outside issuer

    return PasswordHasher().hash(password)


_CHECKS = BoundedSemaphore(2)
"""Checking a password is slow on purpose: strangers who guess must not take all threads."""


def password_fits(hashed: str, password: str) -> bool:
    """Whether this is the password; takes as long when there is none. Raises Busy when too many ask at once."""
    if not _CHECKS.acquire(timeout=5):
        raise Busy(
            "sign_in.busy",
            "登录的人太多，请稍后再试",
            "too many sign-ins at once; try again later",
            "password",
        )
    try:
        return _fits(hashed, password)
    finally:
        _CHECKS.release()


def _fits(hashed: str, password: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(hashed or _NOBODY, password) and bool(hashed)
    except (VerificationError, InvalidHashError):
        return False


_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
