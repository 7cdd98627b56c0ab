"""Commands that bring the same code to AWS."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.cli.context import Run
from chalicelib.cli.output import AWS, say, table
from chalicelib.model.errors import Invalid

ROOT = Path(__file__).resolve().parents[2]
MB = 1_000_000

Result = tuple[int, dict[str, Any]]


def make_package(run: Run) -> Result:
    """Fill a folder with all that is deployed, and show how much each function loads."""
    from infra.aws.package import LARGEST, TEMPLATE, package

    out = Path(run.args.out)
    loads = package(ROOT, run.args.stage, out, run.args.partition, os.environ, say)
    rows = [{"function": name, "mb": f"{size / MB:.0f}"} for name, size in loads.items()]
    columns = [("function", "函数 function"), ("mb", "解开 MB unzipped")]
    table(f"每个函数装入多少，最多 what each function loads, at most {LARGEST // MB} MB", rows, columns)
    say(f"模板 template: {out / TEMPLATE}")
    return 0, {"template": str(out / TEMPLATE), "bytes": loads}


@contextmanager
def _asking_aws() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Invalid("deploy.aws", *AWS, str(error)) from error


def make_stack(run: Run) -> Result:
    """Make the stack or bring it up to date, put the pages into their bucket, say what comes next."""
    with _asking_aws():
        said = _deployed(run.args)
    for name, value in sorted(said.items()):
        say(f"  {name}={value}")
    say(f"地址 address: {said.get('Address') or said['EndpointURL']}")
    say("第一个用户 the first user:")
    say(
        f"  VOC_TABLE={said['TableName']} VOC_SECRET_NAME={said['SecretName']} ./voc user add admin --role admin"
    )
    return 0, said


def unmake_stack(run: Run) -> Result:
    """Say what goes and what stays, ask for the stack's name, delete it, give the receipt."""
    import boto3

    from infra.aws.destroying import Plan, Removers, destroy, plan

    with _asking_aws():
        session = boto3.Session()
        clients = Removers(*(session.client(name) for name in ("cloudformation", "s3", "ses", "dynamodb")))
        planned: Plan = plan(clients, run.args.stack)
        columns = [("name", "资源 resource"), ("kind", "类型 type"), ("id", "名字 name")]
        table("会留下 stays", [vars(one) for one in planned.stays], columns)
        say(f"会删除 goes：{len(planned.resources) - len(planned.stays)} 项 resources")
        for bucket, objects in planned.objects.items():
            say(f"  桶 bucket {bucket}：{objects} 个对象 objects")
        if planned.unread:
            say(f"  其中还没收进来的文件 among them files not yet taken in：{planned.unread}")
        _must_be_named(run.args)
        receipt = destroy(clients, planned)
    if run.args.receipt:
        Path(run.args.receipt).write_text(json.dumps(receipt, ensure_ascii=False, indent=1), "utf-8")
    say(f"已删除 deleted：{receipt['stack']} {receipt['at']}")
    say("留下的要真的删掉，依次 to really remove what stays, in this order:")
    for line in receipt["to_remove_what_is_kept"]:
        say(f"  {line}")
    if receipt["warning"]:
        say(receipt["warning"])
    return 0, receipt


def _must_be_named(args: Namespace) -> None:
    """Raises Invalid, before anything is touched, unless the stack's name was given once more."""
    given = args.yes
    if not given and sys.stdin.isatty():
        given = input("输入栈的名字以删除 type the stack's name to delete it: ").strip()
    if given != args.stack:
        raise Invalid(
            "confirm",
            f"没有确认，什么也没做；--yes {args.stack} 直接执行",
            f"not confirmed, nothing was done; --yes {args.stack} goes ahead",
            "--yes",
        )


def _deployed(args: Namespace) -> dict[str, str]:
    import boto3

    from infra.aws.deploying import Clients, deploy, own_bucket, upload_pages

    session = boto3.Session()
    clients = Clients(session.client("cloudformation"), session.client("s3"))
    if not (bucket := args.bucket):
        account = session.client("sts").get_caller_identity()["Account"]
        bucket = own_bucket(clients.s3, account, session.region_name)
    said = deploy(clients, args.stack, Path(args.packaged), bucket, dict(args.set), say)
    if pages := os.environ.get("VOC_WEB", ""):
        say(f"网页 pages: {upload_pages(clients.s3, said['SiteBucket'], Path(pages))}")
    return said


def prove_it(run: Run) -> Result:
    """Deploy the package to an emulator of AWS on this machine, drive it end to end, delete it."""
    from infra.aws.emulator import emulator, without_unknown
    from infra.aws.package import package
    from infra.aws.proof import prove

    with TemporaryDirectory() as folder, TemporaryDirectory() as known:
        out = Path(run.args.packaged or folder)
        if not run.args.packaged:
            package(ROOT, "prod", out, "aws", os.environ, say)
        with emulator(os.environ, say) as env:
            out = without_unknown(out, Path(known), say)
            figures = prove(ROOT, out, run.args.contacts, {**_plain(os.environ), **env}, say)
    say(f"全部做到，{sum(figures['seconds'].values()):.0f} 秒 all of it came about")
    return 0, figures


def _plain(env: Mapping[str, str]) -> dict[str, str]:
    """Without what would lead to a real account or another store."""
    return {key: value for key, value in env.items() if not key.startswith(("AWS_", "VOC_"))}
