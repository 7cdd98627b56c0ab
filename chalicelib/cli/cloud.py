"""Commands that bring the same code to AWS."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.cli.context import Run
from chalicelib.cli.output import say, table
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


def make_stack(run: Run) -> Result:
    """Make the stack or bring it up to date, put the pages into their bucket, say what comes next."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        said = _deployed(run.args)
    except (BotoCoreError, ClientError) as error:
        raise Invalid(
            "deploy.aws",
            "AWS 没有照办；请检查凭证、区域（AWS_PROFILE、AWS_DEFAULT_REGION）和权限",
            "AWS did not do it; check the credentials, the region (AWS_PROFILE, AWS_DEFAULT_REGION) and the permissions",
            str(error),
        ) from error
    say(f"地址 address: {said.get('Address') or said['EndpointURL']}")
    say("第一个用户 the first user:")
    say(
        f"  VOC_TABLE={said['TableName']} VOC_SECRET_NAME={said['SecretName']} ./voc user add admin --role admin"
    )
    return 0, said


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
    from infra.aws.emulator import emulator
    from infra.aws.package import package
    from infra.aws.proof import prove

    with TemporaryDirectory() as folder:
        out = Path(run.args.packaged or folder)
        if not run.args.packaged:
            package(ROOT, "prod", out, "aws", os.environ, say)
        with emulator(os.environ, say) as env:
            figures = prove(ROOT, out, run.args.contacts, {**_plain(os.environ), **env}, say)
    say(f"全部做到，{sum(figures['seconds'].values()):.0f} 秒 all of it came about")
    return 0, figures


def _plain(env: Mapping[str, str]) -> dict[str, str]:
    """Without what would lead to a real account or another store."""
    return {key: value for key, value in env.items() if not key.startswith(("AWS_", "VOC_"))}
