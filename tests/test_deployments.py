"""What prefect.yaml deploys, and how it looks in the forms of Prefect's UI."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any, get_args

import pytest
from prefect.states import Completed

from flows.sync import Source
from tasks._prefect import said_in_words
from tracksync.errors import Misconfigured
from tracksync.stages.sources import SOURCES

_YAML = Path(__file__).resolve().parent.parent / "prefect.yaml"
# Prefect's own reader of it. It has no types.
yaml: Any = importlib.import_module("yaml")
_DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load(_YAML.read_text(encoding="utf-8"))["deployments"]


def flow_of(entrypoint: str) -> Any:
    module, _, name = entrypoint.rpartition(".")
    return getattr(importlib.import_module(module), name)


def test_every_flow_is_deployed_once() -> None:
    flows = {path.stem for path in (_YAML.parent / "flows").glob("[a-z]*.py")}
    assert sorted(deployment["entrypoint"] for deployment in _DEPLOYMENTS) == sorted(f"flows.{f}.{f}" for f in flows)


@pytest.mark.parametrize("deployment", _DEPLOYMENTS, ids=lambda deployment: str(deployment["entrypoint"]))
def test_a_deployment_is_described_and_so_is_each_of_its_parameters(deployment: dict[str, Any]) -> None:
    assert deployment["description"]
    properties = flow_of(deployment["entrypoint"]).parameters.properties
    assert {name for name, schema in properties.items() if not schema.get("description")} == set()
    assert set(deployment.get("parameters", {})) <= set(properties)


def test_the_form_offers_the_sources_that_there_are() -> None:
    assert get_args(Source) == SOURCES
    assert flow_of("flows.sync.sync").parameters.properties["source"]["enum"] == list(SOURCES)


def test_what_keeps_a_flow_from_its_work_is_its_state_s_message() -> None:
    error = Misconfigured("Nothing is set up.", action="Set it up.")

    @said_in_words
    def fails() -> Any:
        raise error

    state = fails()
    assert state.is_failed()
    assert state.message == "Nothing is set up. Set it up."
    assert state.result(raise_on_failure=False) is error, "the command line is told the same"


def test_a_flow_s_parameters_are_seen_through_it() -> None:
    @said_in_words
    def works(source: Source = "auto", *, limit: int | None = None) -> Any:
        """What it does."""
        return Completed(message=f"{source} {limit}")

    assert works("next", limit=3).message == "next 3"
    assert inspect.signature(works).parameters["source"].annotation == Source, "the type, not its name"
    assert works.__doc__ == "What it does."
