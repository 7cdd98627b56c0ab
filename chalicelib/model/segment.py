"""Segments of customers: any name but the one that stands for everybody."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from chalicelib.model.errors import Invalid

EVERYBODY = "all"
"""Under this name denominators of everybody are kept: a segment of that name could not be told from it."""
LONGEST = 40


def _named(segment: str) -> str:
    if segment.strip() == EVERYBODY:
        raise Invalid(
            "segment.reserved",
            f"客群不能叫 {EVERYBODY}：这个名字指全体客户，请换一个名字，不分客群就留空",
            f"no segment can be called '{EVERYBODY}': that stands for all customers; choose another name, or leave it empty",
            "segment",
        )
    return segment


def asked(segment: object) -> object:
    """None for everybody, under its name too."""
    return "" if segment == EVERYBODY else segment


Segment = Annotated[str, AfterValidator(_named), Field(max_length=LONGEST)]
"""Of a contact or a customer."""
AskedSegment = Annotated[str, BeforeValidator(asked), Field(max_length=LONGEST)]
"""What numbers are asked for: EVERYBODY is as good as none."""
