"""Which table the stack works on: its own, or, after a restore, one that was made beside it.

The parameters `UseTable` and `UseTableStream` name that table and the label of its stream. The stack's own table then
leaves the stack and stays in the account, as it was.
"""

from __future__ import annotations

from typing import Any

from infra.aws.terms import att, ref, sub, when

NAME, STREAM, OWN = "UseTable", "UseTableStream", "OwnTable"
OTHER = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${" + NAME + "}"


def parameters() -> dict[str, Any]:
    """Those that name it."""
    return {
        NAME: _text("Name of a restored table to use instead of the stack's own"),
        STREAM: _text("LatestStreamLabel of the table UseTable"),
    }


def _text(why: str) -> dict[str, Any]:
    return {"Type": "String", "Default": "", "Description": why}


def conditions() -> dict[str, Any]:
    """Whether the stack has a table of its own."""
    return {OWN: {"Fn::Equals": [ref(NAME), ""]}}


def name() -> dict[str, Any]:
    """The table's name."""
    return when(OWN, ref("Table"), ref(NAME))


def arn() -> dict[str, Any]:
    """The table's ARN."""
    return when(OWN, att("Table", "Arn"), sub(OTHER))


def stream() -> dict[str, Any]:
    """The ARN of the table's stream."""
    return when(OWN, att("Table", "StreamArn"), sub(OTHER + "/stream/${" + STREAM + "}"))
