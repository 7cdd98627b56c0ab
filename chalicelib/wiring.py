"""The one module that knows all others: puts the parts together."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from chalicelib.adapters.aws import Clients, Later, client
from chalicelib.adapters.messaging import HttpMessenger
from chalicelib.adapters.model_files import FolderModels
from chalicelib.adapters.tokens import Claims, OidcTokens, OwnTokens
from chalicelib.adapters.vault import KeyVault, key_file, stored_secret
from chalicelib.environment import Environment, environment
from chalicelib.loop.context import Loop, Workshop
from chalicelib.loop.signin import caller_of
from chalicelib.model.entity import utc_now
from chalicelib.model.errors import Conflict, Invalid, LoopError
from chalicelib.model.keycheck import WORD, KeyCheck
from chalicelib.model.people import Caller
from chalicelib.model.restored import Restored, unfinished
from chalicelib.model.taxonomy import Taxonomy
from chalicelib.nlp.finder import LogOddsFinder
from chalicelib.nlp.taggers import Taggers, phrase_warnings
from chalicelib.ports import Analyser, Bucket, Change, DeadQueues, Drop, ModelFiles, Store, Trainer


class Tokens(Protocol):
    """Verifies tokens."""

    def verify(self, token: str) -> Claims:
        """The claims. Raises Unauthenticated."""
        ...


@dataclass(frozen=True)
class System:
    """The parts, put together."""

    loop: Loop
    tokens: Tokens
    own_tokens: OwnTokens | None
    close: Callable[[], None]
    drop: Drop | None = None

    def verify(self, loop: Loop, token: str) -> Caller:
        """Who a token speaks for, now."""
        said = self.tokens.verify(token)
        if self.own_tokens:
            return caller_of(loop, said.name, said.issued)
        return Caller(said.name, said.role, said.departments)

    def issue(self, caller: Caller) -> tuple[str, datetime]:
        """A token of the built-in issuer."""
        assert self.own_tokens, "an outside issuer makes the tokens"
        return self.own_tokens.issue(caller.name, caller.role, caller.departments, utc_now())


def build(
    env: Environment,
    progress: Callable[[int, int], None] | None = None,
    clients: Clients | None = None,
    *,
    restoring: bool = False,
) -> System:
    """Make the store, vault, analyser and token parts that the environment asks for; `progress` is told how
    far an older store has been brought up to date; `clients` makes a client of an AWS service by its name. Only
    who is `restoring` gets a store that holds part of a backup."""
    clients = clients or client
    if not env.secret and not env.table and _filled(env.data / DATABASE) and not (env.data / KEY).exists():
        raise _foreign_key()
    vault = KeyVault(_secret(env, clients))
    store, close = _store(env, progress, clients)
    try:
        _same_key(store, vault)
        if not restoring and any(r.done is None for r in store.get(Restored, ["restored"]).values()):
            raise unfinished()
    except LoopError:
        close()
        raise
    own = None if env.issuer else OwnTokens(vault.token_key)
    files, release = _models(env, clients)
    closing = ExitStack()
    closing.callback(close)
    closing.callback(release)
    taggers = Taggers(files)
    workshop = Workshop(files, taggers, _trainer())
    analyser = partial(taggers.live, store)
    drop = _drop(env, closing, clients)
    loop = Loop(
        store,
        vault,
        analyser,
        utc_now,
        workshop=workshop,
        phrase_warnings=phrase_warnings,
        finder=LogOddsFinder(),
        messenger=HttpMessenger(),
        letters=_letters(env, closing, clients),
        uploads=drop,
    )
    return System(loop, own or _outside(env), own, closing.close, drop)


DATABASE, KEY = "huisheng.db", "vault.key"


def own_vault(env: Environment) -> KeyVault:
    """The vault whose key is there already; raises Invalid where one would have to be made."""
    if not env.secret and not env.secret_name and not (env.data / KEY).exists():
        raise Invalid(
            "restore.key",
            f"先把备份那时的 {KEY} 放进数据目录（或设 VOC_SECRET、VOC_SECRET_NAME）：没有它原文打不开，客户也认不出",
            f"first put the {KEY} of the backup's store into the data folder (or set VOC_SECRET or"
            " VOC_SECRET_NAME): without it no original opens and no customer is known again",
            KEY,
        )
    return KeyVault(_secret(env, client))


def has_store(env: Environment) -> bool:
    """Whether there is something to read: a table is named, or the data folder holds a database."""
    return bool(env.table) or _filled(env.data / DATABASE)


def _filled(database: Path) -> bool:
    return database.exists() and database.stat().st_size > 0


def _same_key(store: Store, vault: KeyVault) -> None:
    """Refuse a key other than the one the store was filled with; the first one is remembered."""
    mine = KeyCheck(version=1, digest=vault.digest(WORD))
    known = store.get(KeyCheck, [mine.key]).get(mine.key)
    if known is None:
        with suppress(Conflict):  # another process was first, with the same key or a foreign one
            store.save([Change(None, mine)], {})
        known = store.get(KeyCheck, [mine.key])[mine.key]
    if known.digest != mine.digest:
        raise _foreign_key()


def _foreign_key() -> Invalid:
    return Invalid(
        "vault.foreign",
        "数据是用另一把密钥存的；请把原来的 vault.key 放回数据目录",
        "the data was stored with another key; put the original vault.key back into the data folder",
        KEY,
    )


def _secret(env: Environment, clients: Clients) -> bytes:
    if not env.secret and not env.secret_name:
        return key_file(env.data / KEY)
    try:
        secret = bytes.fromhex(env.secret or stored_secret(clients("secretsmanager"), env.secret_name))
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise Invalid(
            "env.secret", "密钥应为 64 位十六进制", "the secret must be 64 hex digits", "VOC_SECRET"
        )
    return secret


def _store(
    env: Environment, progress: Callable[[int, int], None] | None, clients: Clients
) -> tuple[Store, Callable[[], None]]:
    if env.table:
        from chalicelib.adapters.dynamo import DynamoStore

        client = clients("dynamodb")
        return DynamoStore(client, env.table), client.close
    from chalicelib.adapters.sqlite import SqliteStore

    env.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = env.data / DATABASE
    file.touch(mode=0o600)
    store = SqliteStore(str(file), env.durable, progress)
    return store, store.close


def _outside(env: Environment) -> OidcTokens:
    if not env.audience:
        raise Invalid(
            "env.audience", "请设置 VOC_OIDC_AUDIENCE", "set VOC_OIDC_AUDIENCE", "VOC_OIDC_AUDIENCE"
        )
    roles = dict(pair.split("=", 1) for pair in env.roles.split(",") if "=" in pair)
    return OidcTokens(env.issuer, env.audience, env.keys_url, env.role_claim, env.department_claim, roles)


def _models(env: Environment, clients: Clients) -> tuple[ModelFiles, Callable[[], None]]:
    if not env.models:
        return FolderModels(env.data / "models"), lambda: None
    from chalicelib.adapters.s3_models import S3Models

    client = Later(lambda: clients("s3"))
    return S3Models(client, env.models), client.close


def _trainer() -> Trainer | None:
    if not find_spec("sklearn"):
        return None
    from chalicelib.learn.company import CompanyTrainer

    return CompanyTrainer()


def _drop(env: Environment, closing: ExitStack, clients: Clients) -> Bucket | None:
    if not env.drop:
        return None
    from chalicelib.adapters.s3_drop import S3Uploads

    # What is signed for browsers names the host of the bucket in its region, as the pages' policy does.
    signed = {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}}
    client = Later(lambda: clients("s3", **signed))
    closing.callback(client.close)
    return S3Uploads(client, env.drop)


def _letters(env: Environment, closing: ExitStack, clients: Clients) -> DeadQueues | None:
    if not env.dead:
        return None
    from chalicelib.adapters.sqs_letters import SqsLetters

    client = Later(lambda: clients("sqs"))
    closing.callback(client.close)
    named = (one.partition("=")[::2] for one in env.dead.split())
    queues = {name: (urls.partition(">")[0], urls.partition(">")[2]) for name, urls in named}
    return SqsLetters(client, queues)


SHIPPED = Taggers(None)


def analyser_for(taxonomy: Taxonomy) -> Analyser:
    """The shipped tagger for a taxonomy, whatever has been learnt; built once a version."""
    return SHIPPED(taxonomy)


@cache
def system() -> System:
    """The system of this process, as its environment says; made at first use."""
    return build(environment(os.environ))
