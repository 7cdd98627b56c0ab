"""The tree keeps its shape: dependencies point inwards, modules and functions stay small."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "chalicelib"
MOST_LINES = 320
LONGEST_FUNCTION = 60

INWARDS = {
    "model": "model",
    "ports": "model ports",
    "stats": "stats",
    "privacy": "model privacy",
    "nlp": "nlp model ports privacy",
    "learn": "learn nlp model ports privacy stats",
    "adapters": "adapters model ports privacy",
    "loop": "loop model ports stats privacy",
    "intake": "intake loop model ports",
    "paper": "paper loop model",
    "export": "export loop model",
    "backup": "backup loop model ports privacy",
    "api": "api intake loop model paper privacy",
    "events": "intake loop model ports wiring",
    "pages": "",
    "host": "api loop model pages",
    "demo": "demo loop model ports adapters api nlp privacy stats wiring",
    "bench": "bench demo environment events learn loop model nlp privacy stats wiring",
    "environment": "",
    "wiring": "adapters environment learn loop model nlp ports",
    "cli": "adapters api app backup bench cli demo environment export host intake learn loop model nlp pages paper ports privacy stats wiring",
}
"""Each layer and what of our own it may know."""

ALSO = {
    "chalicelib.api.admin": {"chalicelib.adapters.tokens"},
    "chalicelib.api.session": {"chalicelib.adapters.tokens"},
    "chalicelib.events": {"chalicelib.adapters.keys"},  # the stream it reads is that adapter's
    "chalicelib.api.middleware": {"chalicelib.wiring"},
}
"""Single modules that may know one module more."""

OUTSIDE = {
    "model": "pydantic chinese_calendar",
    "ports": "",
    "stats": "numpy scipy",
    "privacy": "",
    "loop": "pydantic",
    "intake": "openpyxl",
    "paper": "",
    "export": "duckdb",
    "backup": "pydantic",
    "nlp": "spacy jieba numpy ahocorasick",
    "learn": "numpy scipy sklearn threadpoolctl",
    "adapters": "argon2 cryptography jwt boto3 botocore",
    "api": "chalice pydantic aws_lambda_powertools",
}
"""What of others the layer may import; the others have no rule."""

KNOWN_KNOTS = {
    frozenset({"loop.coordinate", "loop.own"}),
    frozenset({"loop.focus", "loop.repeat"}),
    frozenset({"loop", "loop.measure"}),
}
"""Packages of the loop that know each other. Nothing may be added; a knot that is untied may go."""


@cache
def sources() -> dict[str, tuple[ast.Module, str]]:
    """module -> (its tree, its source)."""
    out = {}
    for path in sorted(HOUSE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text("utf-8")
        out[name] = ast.parse(text), text
    return out


def layer(module: str) -> str:
    """The part of chalicelib a module belongs to."""
    return [*module.split("."), ""][1]


@cache
def nodes(module: str) -> list[ast.AST]:
    """Every node of a module's tree."""
    return list(ast.walk(sources()[module][0]))


@cache
def imports(module: str) -> frozenset[str]:
    """The modules it imports, at the top or late; `from package import module` counts as the module."""
    found = set()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            source = node.module or ""
            inner = (f"{source}.{alias.name}" for alias in node.names)
            found |= {name if name in sources() else source for name in inner}
    return frozenset(found)


MODULES = [m for m in sources() if layer(m)]


def where(wrong: Callable[[str], Collection[str]], modules: Iterable[str] = MODULES) -> dict[str, list[str]]:
    """module -> what is wrong with it, of those where something is."""
    return {m: sorted(found) for m in modules if (found := wrong(m))}


def test_dependencies_point_inwards():
    def wrong(module: str) -> set[str]:
        allowed, also = INWARDS[layer(module)].split(), ALSO.get(module, set())
        ours = {m for m in imports(module) if m.split(".")[0] == "chalicelib"} - also
        return {m for m in ours if layer(m) not in allowed}

    assert where(wrong) == {}


def test_a_layer_imports_only_its_libraries():
    def wrong(module: str) -> set[str]:
        allowed = {"chalicelib", *sys.stdlib_module_names, *OUTSIDE[layer(module)].split()}
        if module != "chalicelib.adapters.sqlite":
            allowed -= {"sqlite3"}
        return {m for m in imports(module) if m.split(".")[0] not in allowed}

    assert where(wrong, (m for m in MODULES if layer(m) in OUTSIDE)) == {}


def test_only_the_command_line_knows_the_app():
    assert {layer(m) for m in MODULES if "app" in imports(m)} <= {"cli"}


def test_no_module_imports_from_the_command_line():
    outside = (m for m in MODULES if layer(m) != "cli")
    assert where(lambda m: {i for i in imports(m) if layer(i) == "cli"}, outside) == {}


def _knots(edges: dict[str, set[str]]) -> set[frozenset[str]]:
    """Groups of nodes that reach each other."""

    def reach(start: str) -> set[str]:
        seen, todo = set(), [start]
        while todo:
            for following in edges.get(todo.pop(), set()) - seen:
                seen.add(following)
                todo.append(following)
        return seen

    far = {node: reach(node) for node in edges}
    groups = (frozenset(m for m in far[n] if n in far.get(m, ())) for n in edges if n in far[n])
    return {group for group in groups if len(group) > 1}


def test_no_two_modules_import_each_other():
    edges = {m: {i for i in imports(m) if i in sources() and i != m} for m in MODULES if layer(m) != "cli"}
    assert _knots(edges) == set()


def test_packages_of_the_loop_have_no_new_knots():
    edges: dict[str, set[str]] = defaultdict(set)
    for module in (m for m in MODULES if layer(m) == "loop"):
        for other in (i for i in imports(module) if layer(i) == "loop"):
            if _package(module) != _package(other):
                edges[_package(module)].add(_package(other))
    found = _knots(edges)
    assert {k for k in found if not any(k <= known for known in KNOWN_KNOTS)} == set()


def _package(module: str) -> str:
    """loop.own of chalicelib.loop.own.route; a module directly in loop is its own, but for the use-case kit."""
    parts = module.split(".")[1:]
    path = HOUSE.joinpath(*parts)
    if path.is_dir():
        return ".".join(parts)
    if parts[1:] in (["context"], ["unit"]):
        return "loop"
    return ".".join(parts if len(parts) == 2 else parts[:-1])


def test_every_module_says_what_it_is():
    assert [m for m, (tree, _) in sources().items() if not ast.get_docstring(tree)] == []


def test_modules_stay_small():
    sizes = {m: len(text.splitlines()) for m, (_, text) in sources().items()}
    assert {m: n for m, n in sizes.items() if n > MOST_LINES} == {}


def test_functions_stay_small():
    def long(module: str) -> set[str]:
        functions = (n for n in nodes(module) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
        return {f.name for f in functions if (f.end_lineno or 0) - f.lineno >= LONGEST_FUNCTION}

    assert where(long) == {}


def test_library_code_does_not_print():
    def printed(module: str) -> set[str]:
        calls = (n.func for n in nodes(module) if isinstance(n, ast.Call))
        return {f.id for f in calls if isinstance(f, ast.Name)} & {"print", "input", "breakpoint"}

    assert where(printed, (m for m in MODULES if layer(m) != "cli")) == {}


# What a function is not to wait for when it starts

HEAVY = (
    *("spacy", "scipy", "sklearn", "jieba", "numpy", "opencc", "openpyxl", "sqlite3", "duckdb", "rich"),
    *("argon2", "cryptography.x509", "jwt", "chinese_calendar", "boto3", "botocore.client", "chalice.cli"),
)
"""Imported where they are used, and by no module that is imported at the start."""
START = """
import json, sys
from chalicelib.model.entity import Fact
import {module}
def kinds(kind):
    return [kind, *(k for each in kind.__subclasses__() for k in kinds(each))]
heavy = set({heavy!r}) & set(sys.modules)
ours = [m for m in sys.modules if m.startswith("chalicelib.api.")]
routes = [m for m in ours if any(type(v).__name__ == "Step" for v in vars(sys.modules[m]).values())]
built = [k.__name__ for k in kinds(Fact) if k.__pydantic_complete__]
print(json.dumps([sorted(heavy), routes, built]))
"""


def started(module: str) -> Any:
    """What importing a module brings of what is heavy, of modules of routes, and of models that are ready."""
    code = START.format(module=module, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("module", ["chalicelib.api.entry", "chalicelib.events", "chalicelib.wiring"])
def test_what_starts_on_lambda_starts_light(module):
    """Nothing heavy, no route before one is asked for, and no model before one is used: each takes its share of the
    time in which somebody waits."""
    assert started(module) == [[], [], []]


def test_the_embedded_host_starts_light_with_all_routes():
    heavy, routes, built = started("app")
    assert (heavy, built) == ([], [])
    assert len(routes) > 15


def test_every_model_is_built_when_it_is_used():
    """By one base: pydantic builds at once what does not say otherwise."""

    def own(module: str) -> set[str]:
        classes = (n for n in nodes(module) if isinstance(n, ast.ClassDef))
        return {c.name for c in classes for b in c.bases if isinstance(b, ast.Name) and b.id == "BaseModel"}

    assert where(own) == {"chalicelib.model.entity": ["Fact"]}


def test_the_command_line_shows_its_help_without_the_loop():
    code = (
        "import sys, chalicelib.cli.__main__ as cli\ncli.parser()\n"
        "print([m for m in ('spacy', 'boto3', 'chalice', 'rich', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
