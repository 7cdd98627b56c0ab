"""`all` stands for everybody: nobody's segment is called so, and whoever asks for it asks for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from chalicelib.api.numbers import ScopeQuery
from chalicelib.loop.customers import NewCustomer
from chalicelib.loop.listen.arriving import NewContact
from chalicelib.loop.track.baselines import NewBaseline
from chalicelib.model.checked import checked
from chalicelib.model.errors import Invalid
from chalicelib.model.project import Plan

CONTACT = {"text": "东西坏了", "channel": "phone"}
PLAN = {"metric": "cpx", "cause": "delivery.late", "starts": "2026-12-07"}
BASELINE = {"cause": "delivery.late", "week": "2026-W40", "reason": "换了承运商"}


@pytest.mark.parametrize(("kind", "given"), [(NewContact, CONTACT), (NewCustomer, {"customer": "M1"})])
@pytest.mark.parametrize("name", ["all", " all "])
def test_a_segment_called_all_is_refused(kind: type[BaseModel], given: dict[str, Any], name: str) -> None:
    with pytest.raises(Invalid, match=r"segment\.reserved"):
        checked(kind, {**given, "segment": name})
    assert checked(kind, {**given, "segment": "overall"})


@pytest.mark.parametrize(("kind", "given"), [(Plan, PLAN), (NewBaseline, BASELINE), (ScopeQuery, {})])
def test_asking_for_all_is_asking_for_everybody(kind: type[Any], given: dict[str, Any]) -> None:
    assert checked(kind, {**given, "segment": "all"}).segment == ""
    assert checked(kind, {**given, "segment": "vip"}).segment == "vip"
