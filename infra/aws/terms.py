"""The few words of CloudFormation that the template is written in."""

from __future__ import annotations

from typing import Any

Resources = dict[str, dict[str, Any]]
API_STAGE = "api"
"""The distribution leads /api/... to the API as it is: so the stage has that name."""


def ref(name: str) -> dict[str, str]:
    """A parameter's value or a resource's own name."""
    return {"Ref": name}


def att(name: str, attribute: str) -> dict[str, list[str]]:
    """An attribute of a resource."""
    return {"Fn::GetAtt": [name, attribute]}


def sub(text: str, **more: Any) -> dict[str, Any]:
    """Text with names in it; `more` are names of one's own."""
    return {"Fn::Sub": [text, more] if more else text}


def when(condition: str, then: Any, otherwise: Any = None) -> dict[str, Any]:
    """One of two; without the other the property is left out."""
    return {"Fn::If": [condition, then, ref("AWS::NoValue") if otherwise is None else otherwise]}


def name_of(function: str, part: str) -> str:
    """The name of what belongs to a function: ApiLogs, StreamRole."""
    return f"{function.removesuffix('Handler').capitalize()}{part}"


def allow(actions: list[str], *resources: Any) -> dict[str, Any]:
    """A statement of a policy."""
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources)}
