"""The house has three floors, and an arrow between them goes down only."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import tracksync.errors

ROOT = Path(__file__).parents[1]
FLOORS = ("flows", "tasks", "tracksync")
OWN = (*FLOORS, "deployments", "benchmarks", "examples", "tests")
LONGEST_FILE = 400


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports_of(source: str) -> Iterator[tuple[int, str]]:
    """Line and top-level name of everything that a module imports, wherever in it, and by a name in quotes too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, _top(alias.name)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, _top(node.module)
        elif isinstance(node, ast.Call) and _is_importer(node.func):
            named = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "name")]
            for argument in named:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield node.lineno, _top(argument.value)


def _top(name: str) -> str:
    return name.partition(".")[0]


def _is_importer(function: ast.expr) -> bool:
    name = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    return name in ("import_module", "__import__", "find_spec", "resolve_name")


def arrows_up(folder: str, forbidden: set[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in python_files(folder)
        for line, name in imports_of(path.read_text(encoding="utf-8"))
        if name in forbidden
    ]


@pytest.mark.parametrize(
    "source",
    [
        "import prefect",
        "import prefect.client as c",
        "from prefect import flow",
        "from prefect.states import State",
        "def f():\n    from prefect import flow",
        "if TYPE_CHECKING:\n    import prefect",
        "import importlib\nimportlib.import_module('prefect.flows')",
        "from importlib import import_module\nimport_module(name='prefect')",
        "__import__('prefect')",
        "importlib.util.find_spec('prefect')",
    ],
)
def test_every_way_to_import_is_seen(source: str) -> None:
    assert "prefect" in {name for _, name in imports_of(source)}


@pytest.mark.parametrize(
    "source",
    [
        "import prefectly",
        "from . import prefect",
        "from .prefect import x",
        "'import prefect'",
        "import a.prefect",
        "print('prefect')",
    ],
)
def test_what_only_looks_like_it_is_passed(source: str) -> None:
    assert "prefect" not in {name for _, name in imports_of(source)}


def test_the_library_never_looks_up() -> None:
    assert python_files("tracksync")
    assert arrows_up("tracksync", {"prefect", "flows", "tasks"}) == []


def test_the_stages_do_not_know_the_flows() -> None:
    assert python_files("tasks")
    assert arrows_up("tasks", {"flows"}) == []


def test_no_file_of_a_flow_or_a_task_hides_a_package() -> None:
    taken = set(packages_distributions()) | set(sys.stdlib_module_names) | set(OWN)
    assert {"prefect", "sqlalchemy", "json", "tracksync"} <= taken
    names = {path.relative_to(ROOT): path.stem for path in python_files("flows", "tasks") if path.stem != "__init__"}
    assert names
    assert [str(path) for path, name in names.items() if name in taken] == []


def test_no_file_is_so_long_that_a_second_room_is_in_it() -> None:
    files = [*python_files(*OWN), *ROOT.glob("*.py")]
    lines = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {str(path): count for path, count in lines.items() if count > LONGEST_FILE} == {}


def test_every_error_stands_in_the_tree_of_errors() -> None:
    tree = (tracksync.errors.__doc__ or "").split("Each error is")[0]
    drawn = {line.strip(" │├└─").partition(" ")[0] for line in tree.splitlines()[1:]} - {""}
    assert drawn == set(tracksync.errors.__all__)


def test_every_error_hangs_where_the_tree_says() -> None:
    parents: list[type] = []
    for line in (tracksync.errors.__doc__ or "").split("Each error is")[0].splitlines()[1:]:
        name = line.strip(" │├└─").partition(" ")[0]
        if not name:
            continue
        depth = line.index(name) // 4 - 1
        kind = getattr(tracksync.errors, name)
        assert inspect.isclass(kind)
        parents[depth:] = [kind]
        assert depth == 0 or kind.__base__ is parents[depth - 1], f"{name} is drawn under another than its base"
        assert kind.__doc__
