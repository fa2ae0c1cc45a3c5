"""What `doctor` says of the Prefect server, and what it says to do."""

from __future__ import annotations

import prefect
import pytest
from pytest_httpserver import HTTPServer

from tracksync.cli.doctor import _prefect

LIMIT = "/api/v2/concurrency_limits/tracksync-notion"


@pytest.fixture
def server(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    """A server of Prefect's, as far as it is asked."""
    httpserver.expect_request("/api/health").respond_with_json(True)
    httpserver.expect_request("/api/admin/version").respond_with_json(prefect.__version__)
    monkeypatch.setenv("PREFECT_API_URL", httpserver.url_for("/api"))
    monkeypatch.setenv("NOTION_TOKEN", "x")
    monkeypatch.setenv("TRACKS_DB_ID", "0" * 32)
    return httpserver


def test_a_server_without_the_limit_is_to_be_prepared(server: HTTPServer) -> None:
    server.expect_request(LIMIT).respond_with_json({"detail": "Not found"}, status=404)
    found = _prefect()
    assert not found.ok
    assert "lacks the limit tracksync-notion" in found.detail
    assert found.action == "Run `python -m deployments.bootstrap`."
    assert any(request.path == LIMIT for request, _ in server.log)


def test_a_server_that_is_not_there_is_to_be_started(server: HTTPServer) -> None:
    server.clear()
    found = _prefect()
    assert not found.ok
    assert "does not answer" in found.detail
    assert found.action == "Start the server, or unset PREFECT_API_URL."
