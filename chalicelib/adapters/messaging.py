"""Group robots of WeCom, DingTalk and Feishu: signed as each asks for, answers read, no redirect followed.

HTTP 200 is not success: each platform says in the body what became of the message.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import ssl
from collections.abc import Callable
from datetime import datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from chalicelib.adapters.timed_http import LARGEST_ANSWER, TimedHttp, TimedHttps
from chalicelib.ports import Sent

TIMEOUT = 5.0
"""Seconds for a whole message, from connecting to the last byte of the answer."""
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
TOO_OFTEN = {"wecom": {"45009"}, "dingtalk": {"130101", "130103"}, "feishu": {"9499", "11232"}}
"""Codes by which each platform says that the robot speaks too often."""
HERE = ("127.0.0.1", "localhost", "::1")
Call = tuple[str, dict[str, Any]]
"""Where to post, and what."""


def wecom(address: str, secret: str, text: str, now: datetime) -> Call:
    """Unsigned: who has the address may speak."""
    return address, {"msgtype": "text", "text": {"content": text}}


def dingtalk(address: str, secret: str, text: str, now: datetime) -> Call:
    """Signed in the address, in milliseconds, when there is a secret."""
    body = {"msgtype": "text", "text": {"content": text}}
    if not secret:
        return address, body
    moment = str(int(now.timestamp() * 1000))
    parts = urlsplit(address)
    kept = [p for p in parts.query.split("&") if p and p.partition("=")[0] not in ("timestamp", "sign")]
    query = "&".join([*kept, f"timestamp={moment}", f"sign={dingtalk_sign(secret, moment)}"])
    return urlunsplit(parts._replace(query=query, fragment="")), body


def feishu(address: str, secret: str, text: str, now: datetime) -> Call:
    """Signed in the body, in seconds, when there is a secret."""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if secret:
        moment = str(int(now.timestamp()))
        body |= {"timestamp": moment, "sign": feishu_sign(secret, moment)}
    return address, body


def dingtalk_sign(secret: str, moment: str) -> str:
    """HMAC-SHA256 of "moment\\nsecret" under the secret, for an address."""
    mac = hmac.new(secret.encode(), f"{moment}\n{secret}".encode(), hashlib.sha256).digest()
    return quote(base64.b64encode(mac).decode(), safe="")


def feishu_sign(secret: str, moment: str) -> str:
    """HMAC-SHA256 of nothing under "moment\\nsecret": key and message the other way round."""
    mac = hmac.new(f"{moment}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(mac).decode()


PLATFORMS: dict[str, Callable[[str, str, str, datetime], Call]] = {
    "wecom": wecom,
    "dingtalk": dingtalk,
    "feishu": feishu,
}


class HttpMessenger:
    """The `Messenger` port. Goes to the host of the address and to no other."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout

    def send(self, platform: str, address: str, secret: str, text: str, now: datetime) -> Sent:
        """Post and read the answer; what goes wrong on the way is a code of ours."""
        where, body = PLATFORMS[platform](address, secret, text, now)
        try:
            answer = _post(where, body, self._timeout)
        except HTTPError as error:
            error.close()
            return Sent(f"http.{error.code}", error.code == 429)
        except (OSError, HTTPException, ValueError):
            return Sent("unreached")
        code = _code(answer)
        return Sent(code, code in TOO_OFTEN[platform])


class _Stay(HTTPRedirectHandler):
    """A redirect could lead anywhere: it is an answer like any other, and no success."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _post(where: str, body: dict[str, Any], timeout: float) -> bytes:
    request = Request(
        where,
        json.dumps(body, ensure_ascii=False).encode(),
        {"Content-Type": "application/json; charset=utf-8"},
    )
    with _opener(where).open(request, timeout=timeout) as answer:
        read: bytes = answer.read(LARGEST_ANSWER)
    return read


def _opener(where: str) -> OpenerDirector:
    """The company's proxy applies, but for this machine itself."""
    opener = OpenerDirector()
    proxies = ProxyHandler({}) if urlsplit(where).hostname in HERE else ProxyHandler()
    for handler in (
        proxies,
        TimedHttp(),
        TimedHttps(context=ssl.create_default_context()),
        _Stay(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _code(answer: bytes) -> str:
    """WeCom and DingTalk call it errcode, Feishu code or StatusCode; what is no code there is not repeated."""
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return "unreadable"
    found = (
        [said[name] for name in ("errcode", "code", "StatusCode") if name in said]
        if isinstance(said, dict)
        else []
    )
    code = str(found[0]) if found and type(found[0]) in (int, str) else ""
    return code if _CODE.fullmatch(code) else "unreadable"
