"""Everything that is set from outside, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    """Everything that is set from outside; README lists it."""

    data: Path
    """VOC_DATA: the data folder of the embedded store."""
    durable: bool = False
    """VOC_DURABLE=1: an acknowledged write survives a power cut; each commit waits for the disk."""
    table: str = ""
    """VOC_TABLE: name of a DynamoDB table; the store is SQLite without it."""
    models: str = ""
    """VOC_MODELS: an S3 bucket for the taggers that were learnt; a folder beside the data without it."""
    drop: str = ""
    """VOC_DROP: an S3 bucket where other systems leave files, for the function that imports them, and browsers large
    ones."""
    dead: str = ""
    """VOC_DEAD: dead-letter queues, "intake=URL>URL stream=URL": theirs, and the one they send to again."""
    secret: str = ""
    """VOC_SECRET: 64 hex digits for the vault where there is no key file (Lambda)."""
    secret_name: str = ""
    """VOC_SECRET_NAME: the same digits in AWS Secrets Manager, by name or ARN; VOC_SECRET wins."""
    issuer: str = ""
    """VOC_OIDC_ISSUER: an OpenID Connect issuer; the built-in one is off then."""
    audience: str = ""
    """VOC_OIDC_AUDIENCE."""
    keys_url: str = ""
    """VOC_OIDC_JWKS: where its keys are; default ISSUER/.well-known/jwks.json."""
    role_claim: str = "role"
    """VOC_OIDC_ROLE_CLAIM."""
    department_claim: str = "departments"
    """VOC_OIDC_DEPARTMENT_CLAIM."""
    roles: str = ""
    """VOC_OIDC_ROLES: the issuer's names of our roles, "cs-agents=agent,cs-leads=lead"."""


def default_data() -> Path:
    """`data` in the checkout when it can be written, else the user's data folder."""
    checkout = Path(__file__).resolve().parent.parent
    if os.access(checkout, os.W_OK):
        return checkout / "data"
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "huisheng"


def environment(env: Mapping[str, str], data: Path | None = None) -> Environment:
    """The settings from environment variables; `data` wins over VOC_DATA."""
    issuer = env.get("VOC_OIDC_ISSUER", "").rstrip("/")
    return Environment(
        data=data or (Path(env["VOC_DATA"]) if env.get("VOC_DATA") else default_data()),
        durable=env.get("VOC_DURABLE", "") in ("1", "true", "yes"),
        table=env.get("VOC_TABLE", ""),
        models=env.get("VOC_MODELS", ""),
        drop=env.get("VOC_DROP", ""),
        dead=env.get("VOC_DEAD", ""),
        secret=env.get("VOC_SECRET", ""),
        secret_name=env.get("VOC_SECRET_NAME", ""),
        issuer=issuer,
        audience=env.get("VOC_OIDC_AUDIENCE", ""),
        keys_url=env.get("VOC_OIDC_JWKS", "") or (f"{issuer}/.well-known/jwks.json" if issuer else ""),
        role_claim=env.get("VOC_OIDC_ROLE_CLAIM", "role"),
        department_claim=env.get("VOC_OIDC_DEPARTMENT_CLAIM", "departments"),
        roles=env.get("VOC_OIDC_ROLES", ""),
    )
