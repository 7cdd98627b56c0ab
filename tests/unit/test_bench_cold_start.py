"""What answers a cold start in place of AWS keeps what it was given; and only right answers are timed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.config import Config
from botocore.session import get_session

from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.adapters.vault import stored_secret
from chalicelib.bench.aws_answers import Answers, served
from chalicelib.bench.aws_wire import answered
from chalicelib.model.contact import Channel, Contact
from chalicelib.model.taxonomy import Taxonomy, default_taxonomy
from chalicelib.ports import Change

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


def client(service: str, found: dict[str, str]):
    return get_session().create_client(
        service,
        endpoint_url=found["AWS_ENDPOINT_URL"],
        region_name=found["AWS_DEFAULT_REGION"],
        aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"max_attempts": 0}),
    )


@pytest.fixture
def found() -> Iterator[dict[str, str]]:
    with served(Answers("a secret")) as variables:
        yield variables


def test_the_store_finds_what_it_saved(found):
    db = client("dynamodb", found)
    store = DynamoStore(db, "bench")
    contact = Contact(
        version=1, pending="tag", id="c1", channel=Channel.PHONE, fingerprint="f", text="慢", time=NOW,
        received=NOW, taken_by="a",
    )  # fmt: skip
    older, newer = (
        default_taxonomy().model_copy(update={"version": 1, "number": n, "since": NOW}) for n in (1, 2)
    )
    store.save(
        [Change(None, contact), Change(None, older), Change(None, newer)], {("week", "2026-W47", "n"): 1}
    )
    assert store.get(Contact, ["c1", "c2"]) == {"c1": contact}
    assert store.find(Taxonomy, "taxonomy.all", "all", limit=1, newest_first=True).keys == [newer.key]
    assert store.families() == ["week"]
    store.save([Change(newer, None)], {})
    assert store.find(Taxonomy, "taxonomy.all", "all").keys == [older.key]
    db.close()


def test_the_secret_is_told(found):
    secrets = client("secretsmanager", found)
    assert stored_secret(secrets, "bench") == "a secret"
    secrets.close()


def test_what_no_first_event_asks_is_an_error():
    with pytest.raises(AttributeError):
        answered(Answers(""), "DescribeTable", {})
