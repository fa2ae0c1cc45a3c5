"""What a page says of a track: title as released, artists, date, key."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tracksync.sources.links import classify, url_key
from tracksync.sources.ytdlp.facts import facts_of, key_of, title_of_address

SOUNDCLOUD = classify("https://soundcloud.com/user/slug")
YOUTUBE = classify("https://youtu.be/dQw4w9WgXcQ")


def _soundcloud(**info: Any) -> dict[str, Any]:
    return {"extractor_key": "Soundcloud", "id": "123", "webpage_url": SOUNDCLOUD.canonical, **info}


def _youtube(**info: Any) -> dict[str, Any]:
    return {"extractor_key": "Youtube", "id": "dQw4w9WgXcQ", "webpage_url": YOUTUBE.canonical, **info}


@pytest.mark.parametrize(
    ("info", "artists", "title"),
    [
        (_soundcloud(title="Glue", uploader="Bicep"), ("Bicep",), "Glue"),
        (_soundcloud(title="Bicep - Glue", uploader="Some Label"), ("Bicep",), "Glue"),
        (_soundcloud(title="Bicep – Glue (Hammer Remix)", uploader="x"), ("Bicep",), "Glue (Hammer Remix)"),
        (_soundcloud(title="Bicep - Glue", artists=["Bicep"], uploader="x"), ("Bicep",), "Glue"),
        (_soundcloud(title="A - B", artists=["C"], uploader="x"), ("C",), "A - B"),
        (_soundcloud(title="Bicep, Hammer - Glue", artists=["Bicep"], uploader="x"), ("Bicep", "Hammer"), "Glue"),
        (_soundcloud(title="A, B - Glue", artists=["C"], uploader="x"), ("C",), "A, B - Glue"),
        (_soundcloud(title="Glue - Extended Mix", uploader="Bicep"), ("Bicep",), "Glue - Extended Mix"),
        (_soundcloud(title="Glue - Hammer Remix", uploader="Bicep"), ("Bicep",), "Glue - Hammer Remix"),
        (_soundcloud(title="Bicep - Live", uploader="Bicep"), ("Bicep",), "Live"),
        (_soundcloud(title="PREMIERE: Bicep - Glue [Ninja Tune]", uploader="x"), ("Bicep",), "Glue [Ninja Tune]"),
        (_soundcloud(title="Well-Known", uploader="x"), ("x",), "Well-Known"),
        (_soundcloud(title="  A   -  B  ", uploader="x"), ("A",), "B"),
        (_soundcloud(title="- B", uploader="x"), ("x",), "- B"),
        (_youtube(title="Glue", channel="Bicep - Topic"), ("Bicep",), "Glue"),
        (_youtube(title="Glue (Official Video)", uploader="Bicep"), ("Bicep",), "Glue (Official Video)"),
        (_youtube(title="Bicep - Glue (Official Video)", track="Glue", artists=["Bicep", "X"]), ("Bicep", "X"), "Glue"),
        (_youtube(title="Bicep - Glue", uploader="Some Channel"), ("Bicep",), "Glue"),
        ({"extractor_key": "Bandcamp", "title": "Glue", "uploader": "Bicep"}, ("Bicep",), "Glue"),
        ({"extractor_key": "Generic", "title": "A - B", "uploader": "host.example"}, (), "A - B"),
        ({"extractor_key": "Vimeo", "title": "A", "creators": ["C", "C", "D"], "uploader": "x"}, ("C", "D"), "A"),
        ({"extractor_key": "Vimeo", "title": "A", "artist": "C"}, ("C",), "A"),
    ],
)
def test_artists_and_title(info: dict[str, Any], artists: tuple[str, ...], title: str) -> None:
    facts = facts_of(info, SOUNDCLOUD)
    assert (facts.artists, facts.title) == (artists, title)


@pytest.mark.parametrize(
    ("info", "date"),
    [
        (_soundcloud(release_date="20240517", upload_date="20200101"), "2024-05-17"),
        (_soundcloud(upload_date="20200101"), "2020-01-01"),
        (_youtube(upload_date="20200101"), None),
        (_youtube(release_year=1999), "1999"),
        (_youtube(release_date="rubbish"), None),
        (_soundcloud(), None),
    ],
)
def test_the_date_of_release(info: dict[str, Any], date: str | None) -> None:
    assert facts_of(info, SOUNDCLOUD).date == date


def test_the_rest_of_the_facts() -> None:
    facts = facts_of(
        _soundcloud(title="x", album="Isles", genres=["House", "y"], isrc="gb-cft-20-00001", webpage_url="https://soundcloud.com/a/b/s-AbCd12"),
        SOUNDCLOUD,
    )  # fmt: skip
    assert (facts.album, facts.genre, facts.isrc) == ("Isles", "House", "GBCFT2000001")
    assert facts.link == "https://soundcloud.com/a/b/s-…"
    assert facts_of(_soundcloud(title="x", isrc="none"), SOUNDCLOUD).isrc is None


def test_a_bare_file_knows_its_address_and_hides_its_secrets() -> None:
    link = classify("https://u:hunter2@host.example/m/Some%20Track.v2.mp3?sig=hunter3&id=5")
    facts = facts_of({"extractor_key": "Generic", "direct": True, "title": "other"}, link)
    assert facts.title == "Some Track.v2"
    assert facts.link == "https://host.example/m/Some%20Track.v2.mp3?sig=…&id=5"


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("https://host.example/a/b%20c.mp3", "b c"),
        ("https://host.example/a/%E6%9B%B2.flac?x=1#y", "曲"),
        ("https://host.example/a/", "a"),
        ("https://host.example/", "host.example"),
        ("https://host.example", "host.example"),
        ("https://host.example/.mp3", ".mp3"),
        ("https://host.example/%FF.mp3", "\ufffd"),
    ],
)
def test_the_title_of_an_address(address: str, title: str) -> None:
    assert title_of_address(address) == title


def test_keys() -> None:
    page = classify("https://host.example/page")
    assert key_of(_soundcloud(), SOUNDCLOUD) == "soundcloud:track:123"
    assert key_of(_youtube(), page) == "youtube:video:dQw4w9WgXcQ"
    assert key_of({"extractor_key": "Generic", "id": "7"}, page) == page.key == url_key(page.canonical)
    bandcamp = classify("https://a.bandcamp.com/track/b")
    assert key_of({"extractor_key": "Bandcamp", "id": "7"}, bandcamp) == bandcamp.key


def test_ytdlp_is_imported_only_when_it_is_needed() -> None:
    code = "import sys, tracksync.sources.ytdlp; print('yt_dlp' in sys.modules, 'requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split() == ["False"] * 2
