"""What is packaged, with its real layers: small enough, complete, and light where people wait.

Needs the packages for Lambda: fetched once, then kept in the user's cache.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from chalicelib.bench.cold_start import cold_starts
from chalicelib.model.errors import Invalid
from infra.aws.functions import FUNCTIONS
from infra.aws.layers import unzipped
from infra.aws.package import CODE, LARGEST, package
from infra.aws.sdk import SERVICES
from infra.aws.unpacked import Unpacked, unpack
from infra.aws.wheels import interpreter

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("lambda")]


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out: Path = tmp_path_factory.mktemp("packaged")
    try:
        package(ROOT, "prod", out, "aws", os.environ, lambda line: None)
    except Invalid as error:
        if error.code not in ("package.wheels", "package.strip"):
            raise
        pytest.skip(f"{error.en} ({error.where})")  # no wheels without a network, or no strip
    return out


@pytest.fixture(scope="module")
def lambdas(packaged: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unpacked]:
    place: Path = tmp_path_factory.mktemp("lambdas")
    try:
        yield unpack(packaged, place, os.environ)
    except Invalid as error:
        pytest.skip(error.en)  # the functions run on Python 3.13, which is not here
    shutil.rmtree(place)


def in_function(lambdas: Unpacked, name: str, code: str) -> Any:
    """What a program prints last, as JSON, that sees what a function sees and nothing else."""
    env = lambdas.environment(name, {"AWS_DEFAULT_REGION": "cn-north-1"})
    done = subprocess.run(lambdas.command(code), env=env, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])  # before it, the log


def test_no_function_loads_too_much(packaged):
    code = unzipped(packaged / CODE)
    for one in FUNCTIONS:
        size = code + sum(unzipped(packaged / f"{layer}.zip") for layer in one.layers)
        assert 0 < size <= LARGEST, one.name


def test_what_only_this_machine_runs_stays_here(packaged):
    with ZipFile(packaged / CODE) as archive:
        names = archive.namelist()
    assert {"app.py", "chalice/app.py", "chalicelib/events.py"} <= set(names)
    assert not [n for n in names if n.startswith(("chalicelib/cli", "chalicelib/demo", "chalicelib/bench"))]


CLIENTS = """
import json
from botocore.session import get_session
from chalicelib.adapters.aws import client
made = [client(name).meta.service_model.service_name for name in {services!r}]
print(json.dumps([made, get_session().get_available_services()]))
"""


def test_every_function_finds_the_services_it_calls_and_no_others(lambdas):
    services = sorted(SERVICES)
    for name in ("APIHandler", "Stream"):
        assert in_function(lambdas, name, CLIENTS.format(services=services)) == [services, services], name


SIGN = """
import json, os
os.environ |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "eu-west-1"}
from chalicelib.adapters.aws import client
from chalicelib.adapters.s3_drop import S3Uploads
uploads = S3Uploads(client("s3", signature_version="s3v4", s3={"addressing_style": "virtual"}), "bucket")
print(json.dumps([uploads.offer("in/web/x.csv", 100, 900)[0], uploads.link("out/x", 60).split("?")[0]]))
"""


def test_the_shortened_sdk_signs_for_browsers(lambdas):
    host = "https://bucket.s3.eu-west-1.amazonaws.com"
    assert [at.rstrip("/") for at in in_function(lambdas, "APIHandler", SIGN)] == [host, f"{host}/out/x"]


def test_a_first_event_is_answered_and_loads_only_what_it_needs(packaged):
    [starts] = cold_starts([packaged], 1, None, os.environ, traced=1)
    assert {one.name: one.function for one in starts} == {
        "health": "APIHandler",
        "queue": "APIHandler",
        "one contact": "Stream",
    }
    heavy = {"jwt", "cryptography", "numpy", "scipy", "spacy", "boto3", "openpyxl", "sqlite3", "argon2"}
    reading = {
        "typer",
        "rich",
        "jinja2",
        "requests",
        "weasel",
        "scipy",
        "boto3",
        "openpyxl",
        "sqlite3",
        "argon2",
    }
    for one, without in zip(starts, (heavy, heavy, reading), strict=True):
        assert {"pydantic", "botocore", "chalicelib"} <= set(one.packages), one.name
        assert without & set(one.packages) == set(), one.name
        assert "chalicelib.wiring" in one.modules
        assert one.cpu[0] > one.imported_cpu[0] > 0


SUGGEST = """
import json, sys
from chalicelib.model.taxonomy import default_taxonomy
from chalicelib.wiring import analyser_for
(found,) = analyser_for(default_taxonomy()).{how}(["快递三天了还没送到，太慢了"])
print(json.dumps([found.causes[0].code, "spacy" in sys.modules]))
"""


def test_suggestions_are_made_without_spacy(lambdas):
    found = in_function(lambdas, "APIHandler", SUGGEST.format(how="suggest"))
    assert found == ["delivery.late", False]


@pytest.mark.parametrize("name", ["Stream", "Owed"])
def test_what_reads_contacts_has_all_it_takes(lambdas, name):
    assert in_function(lambdas, name, SUGGEST.format(how="__call__")) == ["delivery.late", True]


def test_a_tree_is_compiled_so_that_no_time_stamp_is_looked_at(packaged):
    if not interpreter(os.environ):
        pytest.skip("needs Python 3.13, which Lambda runs")
    with ZipFile(packaged / "base.zip") as archive:
        cached = [n for n in archive.namelist() if n.endswith(".cpython-313.pyc")]
        flags = {archive.read(name)[4:8] for name in cached[:50]}
    with ZipFile(packaged / CODE) as archive:
        assert "chalice/__pycache__/app.cpython-313.pyc" in archive.namelist()
    assert len(cached) > 100
    assert flags == {(1).to_bytes(4, "little")}, "hashed, and never checked"


STATISTICS = """
import json
from datetime import datetime, timedelta, UTC
from chalicelib.stats import alarms, dispersion, robust
from scipy.special import betainc, digamma, ndtri, polygamma, stdtr
print(json.dumps(round(float(stdtr(5, 2.015)), 3)))
"""


@pytest.mark.parametrize("name", ["APIHandler", "Schedule", "Study"])
def test_what_judges_has_the_distributions(lambdas, name):
    assert in_function(lambdas, name, STATISTICS) == 0.95


LEARN = """
import json
from chalicelib.learn.company import CompanyTrainer
import chalicelib.learn.default, chalicelib.learn.heads, chalicelib.learn.views
from chalicelib.wiring import find_spec
from chalicelib.nlp.finder import LogOddsFinder
print(json.dumps([bool(find_spec("sklearn")), bool(find_spec("spacy"))]))
"""


def test_what_learns_has_its_tools_and_no_spacy(lambdas):
    assert in_function(lambdas, "Study", LEARN) == [True, False]


TAKE = """
import json, sys, tempfile
from pathlib import Path
import chalicelib.events as events
from chalicelib.environment import Environment
from chalicelib.wiring import build
folder = Path(tempfile.mkdtemp())
loop = build(Environment(data=folder)).loop
sent = {{"text": "快递三天了还没送到", "channel": "phone", "external_id": "A-1", "customer": "13800138000"}}
queued = events.queue_messages(loop, {{"Records": [{{"messageId": "m", "body": json.dumps(sent)}}]}})

class Dropped:
    receipts = []
    def fetch(self, name, path):
        path.write_text("工单号,内容\\nA-2,包裹被压坏了\\n")
        return "mark"
    def read(self, name):
        pass
    def put(self, name, content):
        self.receipts.append(json.loads(content))
    def remove(self, name, mark):
        pass

told = json.dumps({{"Records": [{{"s3": {{"object": {{"key": "in/phone/a.csv"}}}}}}]}})
drop = Dropped()
events.dropped_files(loop, drop, {{"Records": [{{"messageId": "m", "body": told}}]}}, lambda: 900.0)
heavy = sorted({HEAVY} & set(sys.modules))
print(json.dumps([queued["batchItemFailures"], drop.receipts[0]["taken"], heavy]))
"""


@pytest.mark.parametrize("name", ["Intake", "Drop"])
def test_what_takes_contacts_in_needs_only_what_everybody_has(lambdas, name):
    code = TAKE.format(HEAVY={"numpy", "scipy", "spacy"})
    assert in_function(lambdas, name, code) == [[], 1, []]


@pytest.mark.parametrize("name", [one.name for one in FUNCTIONS])
def test_every_handler_can_be_imported_with_its_layers(lambdas, name):
    code = (
        "import json, app, chalicelib.events as e; print(json.dumps([n for n in vars(e) if n[:3] == 'on_']))"
    )
    found = in_function(lambdas, name, code)
    assert sorted(found) == ["on_drop", "on_owed", "on_queue", "on_schedule", "on_stream", "on_study"]
