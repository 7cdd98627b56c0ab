"""A case as the API tells it."""

from __future__ import annotations


def state(api, case):
    return api("GET", f"/cases/{case}").json["case"]


def events(api, case):
    return [e["name"] for e in state(api, case)["history"]]
