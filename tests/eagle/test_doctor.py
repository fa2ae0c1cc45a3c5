"""`tracksync doctor` on Eagle: nothing passes by default."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox.eagle import Html, LoopbackEagle
from tests.sandbox.eagle.fixtures import eagle_settings
from tracksync.cli.doctor_eagle import eagle_findings
from tracksync.cli.finding import Finding
from tracksync.settings import Settings


def findings(eagle: LoopbackEagle, home: Path, **more: str) -> dict[str, Finding]:
    return {finding.name: finding for finding in eagle_findings(eagle_settings(eagle, home, **more))}


def test_all_well(eagle: LoopbackEagle, tmp_path: Path) -> None:
    found = findings(eagle, tmp_path)
    assert all(finding.ok for finding in found.values())
    assert list(found) == ["EAGLE_LIBRARY_PATH", "eagle", "EAGLE_TOKEN", "eagle library"]
    assert f"API version {eagle.api.version}" in found["eagle"].detail
    assert "“Music”" in found["eagle library"].detail
    assert all(seen.method == "GET" or seen.path == "v2/item/get" for seen in eagle.requests)


def test_not_used() -> None:
    (found,) = eagle_findings(Settings(_env_file=None))  # type: ignore[call-arg]
    assert found.ok
    assert "not used" in found.detail


@pytest.mark.parametrize("token", ["", "wrong"])
def test_the_token(eagle: LoopbackEagle, tmp_path: Path, token: str) -> None:
    eagle.token = "right"
    found = findings(eagle, tmp_path, EAGLE_TOKEN=token)
    assert not found["EAGLE_TOKEN"].ok
    assert found["EAGLE_TOKEN"].action
    assert findings(eagle, tmp_path)["EAGLE_TOKEN"].detail == "accepted"


def test_closed_or_something_else(eagle: LoopbackEagle, tmp_path: Path) -> None:
    eagle.add_fault(Html(times=None))
    assert not findings(eagle, tmp_path)["eagle"].ok
    eagle.close()
    found = findings(eagle, tmp_path)["eagle"]
    assert not found.ok
    assert "closed" in found.detail


def test_another_library(eagle: LoopbackEagle, tmp_path: Path) -> None:
    eagle.switch()
    found = findings(eagle, tmp_path)["eagle library"]
    assert not found.ok
    assert "Pictures" in found.detail
    assert "not read back" in findings(eagle, tmp_path, EAGLE_LIBRARY_PATH="")["eagle library"].detail


def test_the_librarys_folder(eagle: LoopbackEagle, tmp_path: Path) -> None:
    gone = findings(eagle, tmp_path, EAGLE_LIBRARY_PATH=str(tmp_path / "X.library"))["EAGLE_LIBRARY_PATH"]
    assert not gone.ok
    other = findings(eagle, tmp_path, EAGLE_LIBRARY_PATH=str(tmp_path))["EAGLE_LIBRARY_PATH"]
    assert not other.ok
    assert "no library" in other.detail
    assert not findings(eagle, tmp_path, EAGLE_API_BASE="ftp://x")["EAGLE_API_BASE"].ok
