"""Downloads from both sites: what passes while they are asked is lived through."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.net import Loopback
from tests.sandbox.net.fixtures import Get
from tests.sandbox.web import Reset, Short, Status
from tests.sites.conftest import Site

_API = "api-v2.soundcloud.com"
_PLAYER = "www.youtube.com/youtubei/v1/player"
_MEDIA = {"soundcloud": "cf-media.sndcdn.com", "youtube": "rr1---sn-loopback.googlevideo.com"}


@pytest.mark.parametrize(
    ("site", "where", "fault"),
    [
        ("soundcloud", f"{_API}/resolve", Status(code=503, times=2)),
        ("soundcloud", f"{_API}/media", Status(code=502, times=1)),
        ("soundcloud", f"{_API}/resolve",
         Status(code=200, body=b"<html>gateway</html>", content_type="text/html", times=1)),
        ("soundcloud", f"{_API}/resolve", Reset(times=1)),
        ("youtube", "www.youtube.com/watch", Status(code=500, times=1)),
        ("youtube", _PLAYER, Status(code=503, times=2)),
        ("youtube", _PLAYER, Reset(times=1)),
        *((site, media, fault) for site, media in _MEDIA.items() for fault in (
            Status(code=503, times=2), Reset(after=20_000, times=1), Short(missing=5_000, times=1),
        )),
    ],
    indirect=["site"],
    ids=repr,
)  # fmt: skip
def test_what_passes_is_lived_through(net: Loopback, site: Site, get: Get, where: str, fault: Any) -> None:
    net.add_fault(where, fault)
    assert get(site.add("Artist - Song").link).path.read_bytes() == site.sound
    assert net.count(where) > 1
