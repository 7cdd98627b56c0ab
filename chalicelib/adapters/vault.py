"""The vault: AES-256-GCM and keyed digests with keys from one secret, in a file only the owner can read or in
AWS Secrets Manager."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import tempfile
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.model.errors import Invalid

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class KeyVault:
    """The `Vault` port on a 32-byte secret, from which one key for each use is derived."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._digest = hmac.new(_derive(secret, b"digest"), digestmod=hashlib.sha256)
        self.token_key = _derive(secret, b"token")

    @cached_property
    def _aead(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import (
            AESGCM,  # only where an original is written or read
        )

        return AESGCM(_derive(self._secret, b"seal"))

    def seal(self, text: str, about: str) -> str:
        """Encrypt with a fresh nonce; `about` is authenticated with it."""
        nonce = os.urandom(NONCE)
        return base64.b64encode(nonce + self._aead.encrypt(nonce, text.encode(), about.encode())).decode()

    def open(self, sealed: str, about: str) -> str:
        """Decrypt. Raises Invalid when it was changed or belongs to something else."""
        from cryptography.exceptions import InvalidTag

        try:
            raw = base64.b64decode(sealed)
            return self._aead.decrypt(raw[:NONCE], raw[NONCE:], about.encode()).decode()
        except (InvalidTag, ValueError):
            raise Invalid(
                "vault.broken",
                "原文打不开：密钥不对或数据被改动；请恢复正确的密钥文件",
                "the original cannot be opened: wrong key or changed data; restore the right key file",
            ) from None

    def digest(self, value: str) -> str:
        """HMAC-SHA-256, 26 characters of base32."""
        mac = self._digest.copy()
        mac.update(value.encode())
        return base64.b32encode(mac.digest()[:17]).decode().lower()[:26]


def _derive(secret: bytes, use: bytes) -> bytes:
    return hmac.new(secret, b"huisheng " + use, hashlib.sha256).digest()


def key_file(path: Path) -> bytes:
    """The secret in `path`, made at the first call; two processes at once agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first: its key holds
            os.link(draft, path)
        os.unlink(draft)
    secret = path.read_bytes()
    if len(secret) != 32:
        raise Invalid(
            "vault.key",
            "密钥文件损坏，请从备份恢复",
            "the key file is damaged; restore it from a backup",
            path.name,
        )
    return secret


def stored_secret(client: Any, name: str) -> str:
    """The text of a secret in AWS Secrets Manager. Raises Invalid where it may not be read or is not there."""
    try:
        return str(client.get_secret_value(SecretId=name)["SecretString"])
    except client.exceptions.ClientError as error:
        why = error.response.get("Error", {}).get("Code", "")
        raise Invalid(
            "vault.secret",
            f"读不到密钥（{why}）；请检查 VOC_SECRET_NAME 和 secretsmanager:GetSecretValue 权限",
            f"the secret cannot be read ({why}); check VOC_SECRET_NAME and secretsmanager:GetSecretValue",
            "VOC_SECRET_NAME",
        ) from error
