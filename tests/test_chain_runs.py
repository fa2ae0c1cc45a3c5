"""The chain, as a person runs it: the real command line, the real flow, every service on the loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from examples.pieces import PIECES
from tests.sandbox.house import Done, House
from tests.sandbox.music import Music
from tests.sandbox.notion import LoopbackNotion, standard_house
from tests.sandbox.soundcloud import Kind
from tests.sandbox.spotify.faults import Status as SpotifyStatus
from tests.sandbox.town import Town
from tests.sandbox.web import Status

pytestmark = pytest.mark.server


@pytest.fixture
def town(music: Music) -> Iterator[Town]:
    with Town(music) as stand_in:
        yield stand_in


@pytest.fixture
def person(tmp_path: Path, town: Town, prefect_api: str) -> House:
    """Somebody who likes on SoundCloud and saves on Spotify."""
    town.log_in(tmp_path / "state")
    secrets = {"SC_AUTH_HEADER": f"OAuth {town.cloud.token}", "SPOTIFY_CLIENT_SECRET": town.spotify.world.secret}
    return House(tmp_path, {"PREFECT_API_URL": prefect_api, **town.environment, **secrets})


def sources(done: Done) -> dict[str, dict[str, Any]]:
    return {one["source"]: one for one in done.run["sources"]}


def test_one_source_after_the_other_until_nothing_is_new(person: House, town: Town) -> None:
    row = town.on_spotify(0)
    town.spotify.world.play(row)
    town.on_youtube(0)
    town.like(None, town.on_soundcloud(1, kind=Kind.DRM), town.cloud.add_set("A Set", town.label, []))
    town.on_youtube(1)
    town.save(row, town.on_spotify(2))
    on_cloud = town.on_soundcloud(2)

    chosen = []
    for _ in range(3):
        done = person.do("sync", "--json")
        assert done.code == 0, done.err
        assert done.run["counts"] == {"synced": 1}, done.out
        chosen.append((done.run["source"], done.tracks[0]["title"]))
    assert chosen == [
        ("spotify-current", PIECES[0].title),
        ("soundcloud-likes", PIECES[1].title),
        ("spotify-liked", PIECES[2].title),
    ]
    assert len(person.files()) == 9
    assert town.net.count(rf"cf-media\.sndcdn\.com/{on_cloud.id}") > 0, "the habit: SoundCloud goes first"

    nothing = person.do("sync", "--json")
    assert (nothing.code, nothing.run["flow_run_id"], nothing.tracks) == (0, None, [])
    told = sources(nothing)
    assert told["spotify-current"]["gave_way"] == "it is there already."
    assert told["soundcloud-likes"]["gave_way"] == "it is there already."
    assert "2 entries are sets or gone, and are passed over." in nothing.err
    assert told["spotify-liked"]["already"] == 2
    assert "spotify-liked: all 2 are there already." in nothing.err
    assert not any("spotify" in f"{request.url}{request.body!r}" for request in town.net.requests())

    kept = [*(person.root / "state").glob("*.log"), *(person.root / "state").glob("journal.db*")]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in kept] + [nothing.out + nothing.err]
    for what in ("artifacts", "logs", "flow_runs", "task_runs"):
        asked = httpx.post(f"{person.more['PREFECT_API_URL']}/{what}/filter", json={"limit": 200}, trust_env=False)
        texts.append(asked.text)
        assert asked.json(), what
    for secret in (*town.spotify.world.given, town.spotify.world.secret, town.cloud.token, "Signature=", "sig="):
        assert not any(secret in text for text in texts), secret


def test_a_track_in_doubt_is_settled_by_a_link(
    person: House, town: Town, notion: LoopbackNotion, prefect_api: str
) -> None:
    databases = standard_house(notion)
    town.net.join(notion.proxy.hosts, notion.ca)
    person.more |= {**databases.environment, **town.environment}
    row = town.on_spotify(0)
    wrong = town.on_soundcloud(1, title=f"{PIECES[0].artists[0]} - {PIECES[0].title} (Live)")
    right = town.on_soundcloud(0, title="no name to go by")
    link = f"https://open.spotify.com/track/{row['id']}"
    done = person.do("sync", link, "--playlist", "Friday", "--json")
    (track,) = done.tracks
    assert (done.code, track["state"], track["error"]["kind"]) == (0, "needs-review", "no-sure-match")
    assert wrong.link in [one["link"] for one in track["candidates"]]
    (page,) = databases.tracks.pages
    assert wrong.link in json.dumps(page.blocks)

    assert person.do("sync", track["key"], "--use", link).code == 2
    assert person.do("sync", track["key"], "--use", f"{town.label.permalink}").code == 2
    settled = person.do("sync", track["key"], "--use", right.link, "--json")
    assert settled.code == 0, settled.err
    assert settled.run["counts"] == {"synced": 1}
    files = person.files()
    assert {Path(name).parent.name for name in files} == {"Friday"}
    assert (len(databases.tracks.pages), page.plain("Downloaded")) == (1, True)
    assert page.plain("SoundCloud URL") == right.link
    assert page.plain("Audio Processing").count("Spotify - No Audio Source Found") == 0

    other = person.do("sync", track["key"], "--use", wrong.link, "--json")
    assert other.code == 0, other.out
    assert sorted(person.files()) == sorted(files)
    assert not set(person.files().values()) & set(files.values()), "made again, from what was named"
    assert person.do("verify", "--all").code == 0


def test_everything_is_held_back(person: House, town: Town) -> None:
    town.spotify.add_fault(SpotifyStatus(path="api", code=429, retry_after="7200"))
    town.net.add_fault("api-v2.soundcloud.com/", Status(code=403))
    town.like(town.on_soundcloud(0))
    done = person.do("sync", "--json")
    assert done.run["seconds"] < 30
    assert (done.code, done.tracks) == (1, [])
    told = sources(done)
    assert {name for name, one in told.items() if one["failed"]} == set(told) - {"next"}
    table = person.do("sync")
    assert table.code == 1
    assert "not read: spotify-current, soundcloud-likes, spotify-liked" in table.err
    everything = done.out + done.err + table.out + table.err
    for secret in (*town.spotify.world.given, town.spotify.world.secret, town.cloud.token):
        assert secret not in everything
    unknown = person.do("sync", "--source", "soundcloud-like")
    assert unknown.code == 2
    assert "Did you mean soundcloud-likes?" in unknown.err
    held = person.do("sync", "--source", "spotify-liked")
    assert held.code == 1
    assert "left alone until" in held.err
