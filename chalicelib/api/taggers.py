"""Routes for the versions of the tagger: which there are, learning a new one, going back to an old one."""

from __future__ import annotations

from typing import Any

from chalicelib.api.routing import ADMIN, READERS, Ask, Step
from chalicelib.loop.listen import nightly, versions
from chalicelib.model.errors import Invalid

step = Step("listen")
route = step.route


@route("GET", "/taggers", READERS, "Versions of the tagger, with figures; which is live; the last learning")
def list_taggers(ask: Ask) -> Any:
    return versions.overview(ask.loop)


@route("POST", "/taggers", ADMIN, "Learn from corrections; the schedule does it at its next look", status=202)
def start_learning(ask: Ask) -> Any:
    return {"asked_by": nightly.ask(ask.loop, ask.caller).asked_by}


@route("POST", "/taggers/{number}/live", ADMIN, "Make a version live for new contacts; 0 is the shipped one")
def make_tagger_live(ask: Ask, number: str) -> Any:
    version = versions.go_live(ask.loop, ask.caller, _number(number))
    return versions.shown(version, version.number)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise Invalid("tagger.number", "版本号应为整数", "a version is a whole number", "number")
    return int(text)
