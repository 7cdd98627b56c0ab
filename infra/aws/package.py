"""From the checkout to a folder that can be deployed: Chalice's functions, our layers, one template."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

from chalicelib.model.errors import Invalid
from infra.aws.functions import FUNCTIONS
from infra.aws.layers import build, compile_tree, pack, unzipped
from infra.aws.template import PARTITIONS, extras
from infra.aws.terms import API_STAGE
from infra.aws.wheels import Say, interpreter

TEMPLATE, CODE = "sam.json", "deployment.zip"
"""As Chalice names them."""
NOT_THERE = ("backup", "bench", "cli", "demo", "export", "host.py")
"""Of chalicelib, what only this machine runs."""
LARGEST = 230_000_000
"""Bytes a function may load; Lambda's own limit is 250 MiB, the rest is room to grow."""
MERGED = "merged from infra/aws"
"""Stands where Chalice wants the name of a role."""


def package(
    root: Path, stage: str, out: Path, partition: str, env: Mapping[str, str], say: Say
) -> dict[str, int]:
    """Fill `out`; the bytes that each function loads. Raises Invalid for what cannot be packaged."""
    layers = build(root, env, say)
    make_functions(root, stage, out, partition, env)
    for name, path in layers.items():
        shutil.copyfile(path, out / f"{name}.zip")
    return weighed(out)


def make_functions(root: Path, stage: str, out: Path, partition: str, env: Mapping[str, str]) -> None:
    """The functions' code and the template, without the layers: no network, two seconds."""
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as draft:
        project = Path(draft) / "project"
        _stage(root, project, stage, extras(partition))
        _chalice(project, stage, out, PARTITIONS[partition].region, env)
    if python := interpreter(env):
        _compile(python, out / CODE)


def weighed(out: Path) -> dict[str, int]:
    """Bytes that each function loads: its code and its layers. Raises Invalid when one is too large."""
    code = unzipped(out / CODE)
    sizes = {layer: unzipped(out / f"{layer}.zip") for one in FUNCTIONS for layer in one.layers}
    loads = {one.name: code + sum(sizes[layer] for layer in one.layers) for one in FUNCTIONS}
    if large := [f"{name} {size / 1e6:.0f} MB" for name, size in loads.items() if size > LARGEST]:
        raise Invalid(
            "package.large",
            f"函数太大，最多 {LARGEST // 10**6} MB",
            f"too large, at most {LARGEST // 10**6} MB",
            ", ".join(large),
        )
    return loads


def _stage(root: Path, project: Path, stage: str, template: dict[str, Any]) -> None:
    """What Chalice looks at: the app without what only this machine runs, and no requirements of its own."""
    left_out = shutil.ignore_patterns("__pycache__")

    def ignore(folder: str, names: list[str]) -> set[str]:
        top = Path(folder) == root / "chalicelib"
        return set(left_out(folder, names)) | (set(NOT_THERE) & set(names) if top else set())

    shutil.copytree(root / "chalicelib", project / "chalicelib", ignore=ignore)
    shutil.copyfile(root / "app.py", project / "app.py")
    (project / "requirements.txt").touch()
    (project / "extras.json").write_text(json.dumps(template), "utf-8")
    (project / ".chalice").mkdir()
    config = json.dumps(_config(root, stage), ensure_ascii=False)
    (project / ".chalice" / "config.json").write_text(config, "utf-8")


def _config(root: Path, stage: str) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((root / ".chalice" / "config.json").read_text("utf-8"))
    if stage not in config["stages"]:
        raise Invalid(
            "package.stage",
            f"没有 {stage} 这个阶段；.chalice/config.json 里有：{'、'.join(config['stages'])}",
            f"there is no such stage; .chalice/config.json has: {', '.join(config['stages'])}",
            stage,
        )
    roles = {"manage_iam_role": False, "iam_role_arn": MERGED}
    config["stages"] = {stage: {**config["stages"][stage], "api_gateway_stage": API_STAGE, **roles}}
    return config


def _chalice(project: Path, stage: str, out: Path, region: str, env: Mapping[str, str]) -> None:
    """In a process of its own: Chalice imports the app that it packages."""
    command = ["package", "--stage", stage, "--merge-template", "extras.json", str(out.resolve())]
    run = [sys.executable, "-P", "-c", "import sys; from chalice.cli import main; sys.exit(main())", *command]
    own = {key: value for key, value in env.items() if not key.startswith(("AWS_", "VOC_"))}
    own |= {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1", "AWS_DEFAULT_REGION": region}
    done = subprocess.run(run, cwd=project, env=own, capture_output=True, text=True)
    if done.returncode:
        raise Invalid(
            "package.chalice",
            "Chalice 打包失败",
            "chalice package failed",
            (done.stderr.strip().splitlines() or ["?"])[-1],
        )


def _compile(python: str, code: Path) -> None:
    """Chalice's own file too: it is large, and a function cannot keep what it compiles."""
    with TemporaryDirectory() as draft:
        with ZipFile(code) as archive:
            archive.extractall(draft)
        compile_tree(python, Path(draft))
        pack(Path(draft), code)
