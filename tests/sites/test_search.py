"""Searches with yt-dlp's own extractors: what a failed one means, and what is searched for at all."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.sandbox.net import Loopback
from tests.sandbox.net.fixtures import MakeSettings
from tests.sandbox.web import Reset, Silence, Status
from tests.sites.conftest import Site
from tracksync.errors import Interrupted, Misconfigured, RateLimited, Refused, TracksyncError, Unreachable, Unsupported
from tracksync.sources.search import searcher


@pytest.mark.parametrize(
    ("site", "fault", "kind"),
    [
        *((site, fault, kind) for site in ("soundcloud", "youtube") for fault, kind in (
            (Status(code=429), RateLimited),
            (Status(code=403), Refused),
            (Status(code=500), Unreachable),
            (Status(code=200, body=b"<html></html>", content_type="text/html"), Unreachable),
            (Reset(), Unreachable),
        )),
        ("soundcloud", Status(code=200, body=b"{}", content_type="application/json"), Unsupported),
        ("soundcloud", Status(code=200, body=b"null", content_type="application/json"), Unsupported),
        ("youtube", Status(code=200, body=b"{}", content_type="application/json"), Unreachable),
    ],
    indirect=["site"],
    ids=repr,
)  # fmt: skip
def test_a_search_that_could_not_be_made_is_an_error(
    net: Loopback, site: Site, make_settings: MakeSettings, fault: Any, kind: type[TracksyncError]
) -> None:
    site.add("Song")
    net.add_fault(site.search, fault)
    with pytest.raises(kind) as caught:
        searcher(site.name, make_settings()).search("song", 5)
    assert f"{site.named} “song”" in caught.value.message


@pytest.mark.parametrize("site", ["soundcloud", "youtube"], indirect=True)
def test_a_silent_search_is_given_up_and_a_stopped_one_stops(
    net: Loopback, site: Site, make_settings: MakeSettings
) -> None:
    net.add_fault(site.search, Silence())
    with pytest.raises(Unreachable):
        searcher(site.name, make_settings(TRACKSYNC_STALL_SECONDS=1)).search("song", 5)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Interrupted):
        searcher(site.name, make_settings(), cancel).search("song", 5)


@pytest.mark.parametrize("name", ["soundcloud", "youtube", "youtube-music"])
@pytest.mark.parametrize(
    "query",
    [
        "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC", "spotify:track:4uLU6hMCjMI75M1A2tKUQC",
        "open.spotify.com/track/x", "Song https://spotify.link/x", "Artist spotify:track:4uLU6hMCjMI75M1A2tKUQC",
        "https://soundcloud.com/a/b", "", "  \n", "!?",
    ],
)  # fmt: skip
def test_only_words_are_searched_for(net: Loopback, make_settings: MakeSettings, name: Any, query: str) -> None:
    with pytest.raises(Unsupported):
        searcher(name, make_settings()).search(query, 5)
    assert net.proxy.asked == []


def test_a_service_that_there_is_not(make_settings: MakeSettings) -> None:
    with pytest.raises(Misconfigured, match="deezer"):
        searcher("deezer", make_settings())  # type: ignore[arg-type]
