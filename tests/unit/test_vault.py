"""The embedded vault: what is sealed opens only where it belongs; names are stable and tell nothing."""

from __future__ import annotations

import base64
import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from moto import mock_aws

from chalicelib.adapters.vault import KeyVault, key_file, stored_secret
from chalicelib.model.errors import Invalid
from tests.stores import aws_client

VAULT = KeyVault(bytes(range(32)))


@pytest.mark.parametrize("text", ["", "王小明 13800138000", "😀" * 500, "a\x00b\n", '{"a": 1}'])
def test_what_is_sealed_opens_again(text):
    sealed = VAULT.seal(text, "contact-1")
    assert VAULT.open(sealed, "contact-1") == text
    assert not text or base64.b64encode(text.encode()).decode() not in sealed
    assert KeyVault(bytes(range(32))).open(sealed, "contact-1") == text, "another process with the same key"


def test_the_same_words_look_different_each_time():
    assert len({VAULT.seal("是", "a") for _ in range(50)}) == 50


def _flipped(sealed: str, at: int) -> str:
    raw = bytearray(base64.b64decode(sealed))
    raw[at] ^= 1
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    "opening",
    [
        lambda sealed: VAULT.open(sealed, "contact-2"),
        lambda sealed: KeyVault(b"x" * 32).open(sealed, "contact-1"),
        lambda sealed: VAULT.open(_flipped(sealed, 0), "contact-1"),
        lambda sealed: VAULT.open(_flipped(sealed, 14), "contact-1"),
        lambda sealed: VAULT.open(_flipped(sealed, -1), "contact-1"),
    ],
)
def test_what_was_changed_or_belongs_elsewhere_does_not_open(opening):
    with pytest.raises(Invalid) as refused:
        opening(VAULT.seal("王小明 13800138000", "contact-1"))
    assert refused.value.code == "vault.broken"
    assert "王小明" not in str(refused.value)


@pytest.mark.parametrize("sealed", ["", "AAAA", "no base64 §", "abc"])
def test_what_is_no_sealed_text_is_refused_too(sealed):
    with pytest.raises(Invalid):
        VAULT.open(sealed, "contact-1")


def test_names_are_stable_and_of_one_form():
    name = VAULT.digest("customer\n13800138000")
    assert re.fullmatch(r"[a-z2-7]{26}", name)
    assert (
        name
        == VAULT.digest("customer\n13800138000")
        == KeyVault(bytes(range(32))).digest("customer\n13800138000")
    )
    assert name != KeyVault(b"x" * 32).digest("customer\n13800138000"), (
        "nobody without the key can look them up"
    )
    assert len({VAULT.digest(str(n)) for n in range(1_000)}) == 1_000


def test_names_do_not_mix_between_threads():
    expected = [VAULT.digest(str(n)) for n in range(500)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(VAULT.digest, map(str, range(500)))) == expected


def test_each_use_has_a_key_of_its_own():
    assert VAULT.token_key not in (bytes(range(32)), KeyVault(b"x" * 32).token_key)
    assert len(VAULT.token_key) == 32


def test_the_key_file_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "data" / "vault.key"
    secret = key_file(path)
    assert (len(secret), path.stat().st_mode & 0o777) == (32, 0o600)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert key_file(path) == secret
    assert list(path.parent.iterdir()) == [path], "no draft stays"


def test_a_draft_left_by_a_killed_start_stops_nobody(tmp_path):
    path = tmp_path / "vault.key"
    path.with_name(f"{path.name}.{os.getpid()}").write_bytes(b"")
    assert len(key_file(path)) == 32


def test_many_at_once_agree_on_one_key(tmp_path):
    path = tmp_path / "vault.key"
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(key_file, [path] * 8)) == {path.read_bytes()}


@pytest.mark.parametrize("content", [b"", b"k" * 31, b"k" * 33])
def test_a_damaged_key_file_is_never_replaced(tmp_path, content):
    path = tmp_path / "vault.key"
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        key_file(path)
    assert (refused.value.code, refused.value.where) == ("vault.key", "vault.key")
    assert path.read_bytes() == content


def test_the_secret_may_lie_in_secrets_manager():
    with mock_aws():
        client = aws_client("secretsmanager")
        client.create_secret(Name="huisheng", SecretString="ab" * 32)
        assert stored_secret(client, "huisheng") == "ab" * 32
        with pytest.raises(Invalid, match=r"ResourceNotFoundException.*VOC_SECRET_NAME"):
            stored_secret(client, "another")
