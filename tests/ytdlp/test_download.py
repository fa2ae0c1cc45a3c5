"""Downloads with the real yt-dlp: what comes, under which name, continued where it stopped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sandbox.web import Redirect, Stall, Web
from tests.ytdlp.conftest import AUDIO, Get, staged
from tracksync.errors import (
    Unreachable,
)
from tracksync.sources.ytdlp import YtdlpOptions, fetch


def test_a_direct_link(web: Web, get: Get) -> None:
    told: list[tuple[int, int | None]] = []
    link = web.add("/music/Some%20%C3%A9%20Track.mp3", AUDIO)
    got = get(link, lambda done, total: told.append((done, total)))
    assert got.path.read_bytes() == AUDIO
    assert got.path.suffix == ".mp3"
    assert got.direct
    assert got.extractor == "generic"
    assert got.facts.title == "Some é Track"
    assert got.facts.artists == ()
    assert got.webpage_url == link
    assert got.thumbnail is None
    assert told[-1] == (len(AUDIO), len(AUDIO))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.parametrize(
    ("path", "content_type", "title"),
    [
        ("/get.php", "audio/mpeg", "get"),
        ("/file", "application/octet-stream", "file"),
        ("/file.bin", "application/octet-stream", "file"),
        ("/..%2F..%2Fetc%2Fpasswd.mp3", "audio/mpeg", "passwd"),
        ("/%24HOME%25(title)s.mp3", "audio/mpeg", "$HOME%(title)s"),
        ("/CON.mp3", "audio/mpeg", "CON"),
        ("/" + "x" * 300 + ".mp3", "audio/mpeg", "x" * 300),
    ],
)
def test_names_are_never_made_from_what_a_link_says(
    web: Web, get: Get, options: YtdlpOptions, path: str, content_type: str, title: str
) -> None:
    got = get(web.add(path, AUDIO, content_type=content_type) + "?id=5&name=a/../b")
    assert got.path.read_bytes() == AUDIO
    assert got.path.parent == options.folder
    assert staged(options) == [got.path.name]
    assert got.path.name.startswith("source-")
    assert got.facts.title == title


def test_a_folder_with_signs_of_its_own(web: Web, options: YtdlpOptions) -> None:
    folder = options.folder / "100% $HOME %(id)s ~"
    assert fetch(web.add("/a.mp3", AUDIO), folder, options).path.parent == folder


def test_a_redirect_to_the_audio(web: Web, get: Get) -> None:
    web.add("/a.mp3", AUDIO)
    short = web.add("/short", b"", faults=[Redirect(to="/a.mp3")])
    got = get(short)
    assert got.path.read_bytes() == AUDIO
    assert got.webpage_url == short


def test_a_body_without_a_length(web: Web, get: Get) -> None:
    assert get(web.add("/a.mp3", AUDIO, length=False)).path.read_bytes() == AUDIO


def test_credentials_are_sent_and_not_shown(web: Web, get: Get) -> None:
    web.add("/a.mp3", AUDIO)
    link = f"http://user:hunter2@127.0.0.1:{web.port}/a.mp3?token=hunter3"
    got = get(link)
    assert web.requests()[-1].headers["authorization"] == "Basic dXNlcjpodW50ZXIy"
    assert web.requests()[-1].path == "/a.mp3?token=hunter3"
    assert "hunter" not in repr(got.facts)


def test_what_is_there_is_not_fetched_again(web: Web, get: Get) -> None:
    link = web.add("/a.mp3", AUDIO)
    first = get(link)
    sent = web.count()
    told: list[tuple[int, int | None]] = []
    second = get(link, lambda done, total: told.append((done, total)))
    assert second.path == first.path
    assert web.count() == sent + 1  # The page was read, the audio was not.
    assert told == [(len(AUDIO), len(AUDIO))]


def test_a_part_is_continued_on_a_later_run(web: Web, get: Get, hasty: YtdlpOptions) -> None:
    link = web.add("/a.mp3", AUDIO, faults=[Stall(after=100_000, skip=1, times=1)])
    with pytest.raises(Unreachable):
        fetch(link, hasty.folder, hasty)
    assert [name.endswith(".part") for name in staged(hasty)] == [True]
    assert get(link).path.read_bytes() == AUDIO
    assert web.requests()[-1].range_start == 100_000


def test_a_part_of_an_older_file_is_not_continued(web: Web, get: Get, hasty: YtdlpOptions) -> None:
    old = {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
    new = {"Last-Modified": "Tue, 02 Jan 2024 00:00:00 GMT"}
    link = web.add("/a.mp3", AUDIO, headers=old, faults=[Stall(after=100_000, skip=1)])
    with pytest.raises(Unreachable):
        fetch(link, hasty.folder, hasty)
    changed = AUDIO[::-1]
    web.add("/a.mp3", changed, headers=new)
    assert get(link).path.read_bytes() == changed


def test_several_at_once(web: Web, options: YtdlpOptions) -> None:
    def one(number: int) -> bool:
        body = AUDIO + bytes([number])
        link = web.add(f"/{number}.mp3", body)
        return fetch(link, options.folder / str(number), options).path.read_bytes() == body

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(one, range(8)))
