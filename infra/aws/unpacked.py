"""A package as Lambda sees it, on this machine: the code, and beside it the layers of one function."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from chalicelib.model.errors import Invalid
from infra.aws.package import CODE, TEMPLATE
from infra.aws.wheels import interpreter

NOWHERE = {"PATH": os.defpath, "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
"""Nothing of the user's comes in, and nothing that is compiled now helps the next start."""


@dataclass(frozen=True)
class Unpacked:
    """`folder` has the code and each layer under its name; `functions` what the template says of each function."""

    folder: Path
    functions: Mapping[str, Mapping[str, Any]]
    python: str

    def handler(self, function: str) -> tuple[str, str]:
        """Module and name of what answers its events."""
        module, _, name = self.functions[function]["Handler"].rpartition(".")
        return module, name

    def command(self, code: str, *arguments: str, options: Sequence[str] = ()) -> list[str]:
        """Runs a program in Lambda's Python with nothing of this machine's packages."""
        return [self.python, "-S", "-P", *options, "-c", code, *arguments]

    def environment(self, function: str, more: Mapping[str, str]) -> dict[str, str]:
        """What a function finds: its layers behind its code, and what the template sets to plain text."""
        said = self.functions[function]
        layers = [f"{each['Ref'].removesuffix('Layer').lower()}/python" for each in said["Layers"]]
        paths = (self.folder / part for part in (Path(CODE).stem, *layers))
        texts = {k: v for k, v in said["Environment"]["Variables"].items() if isinstance(v, str)}
        return {**NOWHERE, **texts, "PYTHONPATH": os.pathsep.join(map(str, paths)), **more}


def unpack(packaged: Path, folder: Path, env: Mapping[str, str]) -> Unpacked:
    """Unpack into an empty folder. Raises Invalid without a Python of Lambda's version."""
    if not (python := interpreter(env)):
        raise Invalid(
            "package.python",
            "没有 Python 3.13；请安装它，例如 pyenv install 3.13",
            "there is no Python 3.13; install it, for example pyenv install 3.13",
            "python3.13",
        )
    for path in packaged.glob("*.zip"):
        with ZipFile(path) as archive:
            archive.extractall(folder / path.stem)
    resources = json.loads((packaged / TEMPLATE).read_text("utf-8"))["Resources"]
    kind = "AWS::Serverless::Function"
    return Unpacked(
        folder, {name: r["Properties"] for name, r in resources.items() if r["Type"] == kind}, python
    )
