"""The layers: which packages each holds, and how they are made small and quick to import."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.model.errors import Invalid
from infra.aws.sdk import called, shorten
from infra.aws.wheels import Say, canonical, fetch, interpreter, needed
from infra.venv import cache_folder, digest


@dataclass(frozen=True)
class Layer:
    """Packages with all they need, less what the layers have on which it lies."""

    name: str
    packages: tuple[str, ...]
    on: tuple[str, ...] = ()


LAYERS = (
    Layer(
        "base",
        (
            "argon2-cffi",
            "aws-lambda-powertools",
            "botocore",
            "chinesecalendar",
            "cryptography",
            "opencc-python-reimplemented",
            "openpyxl",
            "pydantic",
            "pyjwt",
        ),
    ),
    Layer("numbers", ("jieba", "numpy", "pyahocorasick"), ("base",)),
    Layer("statistics", ("scipy",), ("base", "numbers")),
    Layer("reading", ("spacy",), ("base", "numbers")),
    Layer("learning", ("scikit-learn", "threadpoolctl"), ("base", "numbers", "statistics")),
)
SOURCES = frozenset({".pyx", ".pxd", ".pxi", ".h", ".hh", ".hpp", ".c", ".cc", ".cpp", ".pyi", ".a", ".f90"})
NOT_RUN = frozenset({"tests", "test", "include", "scripts", "headers"})
"""Folders."""
UNUSED = (
    "aws_lambda_powertools/event_handler/",
    *(
        f"aws_lambda_powertools/utilities/{name}/"
        for name in ("auth_alpha", "batch", "data_classes", "data_masking")
    ),
    *(
        f"aws_lambda_powertools/utilities/{name}/"
        for name in ("circuit_breaker", "feature_flags", "idempotency")
    ),
    *(f"aws_lambda_powertools/utilities/{name}/" for name in ("kafka", "parameters", "parser", "streaming")),
    "opencc/dictionary/STPhrases.txt",
    "pydantic/v1/",
    "scipy/io/",
    "sklearn/datasets/data/",
    "sklearn/datasets/descr/",
    "sklearn/datasets/images/",
)
"""Other ways to handle events, phrases for the other direction, models of an older kind, formats of files that
nobody sends us, examples."""
ONLY_DICTIONARY = {"jieba/__init__.py", "jieba/dict.txt"}
"""jieba's dictionary is what is used of it; spec and file are found without an import."""
EPOCH = (1980, 1, 1, 0, 0, 0)


def build(root: Path, env: Mapping[str, str], say: Say) -> dict[str, Path]:
    """The zip file of each layer, made once for these requirements and kept in the user's cache.

    Raises Invalid when packages or `strip` are missing.
    """
    requirements = root / "requirements.txt"
    python = interpreter(env)
    if not python:
        say(
            "没有 Python 3.13，不预先编译，冷启动会慢一倍 no Python 3.13: not compiled, cold starts take twice as long"
        )
    place = cache_folder(env) / "lambda"
    names = sorted({package for layer in LAYERS for package in layer.packages})
    wanted = digest(requirements.read_bytes() + " ".join(names).encode())
    wheels = fetch(requirements, names, place / f"wheels-{wanted[:16]}", env, say)
    rules = b"".join(Path(__file__).with_name(f"{n}.py").read_bytes() for n in ("layers", "sdk", "wheels"))
    folder = place / f"layers-{digest(requirements.read_bytes() + rules + bool(python) * b'compiled')[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    return {layer.name: _made(layer, wheels, folder, python, say) for layer in LAYERS}


def packages_of(layer: Layer, wheels: Path) -> set[str]:
    """Everything in a layer."""
    below = {package for name in layer.on for package in packages_of(_layer(name), wheels)}
    return needed(wheels, layer.packages) - below


def _layer(name: str) -> Layer:
    return next(layer for layer in LAYERS if layer.name == name)


def _made(layer: Layer, wheels: Path, folder: Path, python: str, say: Say) -> Path:
    done = folder / f"{layer.name}.zip"
    if done.exists():
        return done
    say(f"层 layer {layer.name}")
    with TemporaryDirectory(dir=folder) as draft:
        tree = Path(draft) / "layer"
        for package in sorted(packages_of(layer, wheels)):
            _unpack(next(w for w in wheels.glob("*.whl") if _is(w, package)), tree / "python")
        _strip(tree)
        if "botocore" in layer.packages:
            shorten(tree / "python")
        if python:
            compile_tree(python, tree)
        whole = Path(draft) / "layer.zip"
        pack(tree, whole)
        whole.replace(done)
    return done


def _is(wheel: Path, package: str) -> bool:
    return canonical(wheel.name.split("-")[0]) == package


def _unpack(wheel: Path, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if not name.endswith("/") and _runs(name):
                archive.extract(name, target)


def _runs(name: str) -> bool:
    path = Path(name)
    if path.parts[0] == "jieba":
        return name in ONLY_DICTIONARY
    if name.startswith(UNUSED) or not called(name):
        return False
    return path.suffix not in SOURCES and not NOT_RUN & set(path.parts[:-1])


def _strip(tree: Path) -> None:
    """Remove symbols that only a debugger reads: spaCy is a seventh without them."""
    strip = shutil.which("strip")
    if not strip:
        raise Invalid(
            "package.strip",
            "没有 strip，包会太大；请安装 binutils，例如 sudo apt-get install binutils",
            "there is no strip, the package would be too large; install binutils,"
            " for example sudo apt-get install binutils",
            "strip",
        )
    for library in _libraries(tree):
        os.chmod(library, 0o755)
        subprocess.run([strip, "--strip-unneeded", str(library)], check=True, capture_output=True)


def _libraries(tree: Path) -> Iterator[Path]:
    """Extension modules; what auditwheel put beside them (*.libs) breaks when it is touched."""
    for path in sorted(tree.rglob("*.so*")):
        if not any(part.endswith(".libs") for part in path.parts):
            yield path


def compile_tree(python: str, tree: Path) -> None:
    """.pyc files that are never compared with their sources: half of a cold start went there."""
    options = ["-q", "--invalidation-mode", "unchecked-hash", "-s", str(tree)]
    subprocess.run([python, "-I", "-m", "compileall", *options, str(tree)], check=True, capture_output=True)


def pack(tree: Path, target: Path) -> None:
    """A zip file that is the same for the same content."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(tree.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(tree).as_posix(), EPOCH)
                entry.external_attr = (0o755 if ".so" in path.suffixes else 0o644) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())


def unzipped(path: Path) -> int:
    """Bytes of a zip file's content."""
    with zipfile.ZipFile(path) as archive:
        return sum(entry.file_size for entry in archive.infolist())
