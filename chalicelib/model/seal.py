"""The seal of what was fixed beforehand: anyone can make it again from the inputs that are shown."""

from __future__ import annotations

import hashlib
import json


def seal(inputs: object) -> str:
    """SHA-256 of plain values as canonical JSON: sorted keys, no spaces, UTF-8, no NaN.

    A project's seal is taken at its start; inputs with another seal afterwards are other inputs.
    """
    plain = json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(plain.encode()).hexdigest()
