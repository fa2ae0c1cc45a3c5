"""The chain, as a person runs it: the real command line, the real flow, every service on the loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from examples.pieces import PIECES
from tests.sandbox.house import Done, House
from tests.sandbox.music import LENGTH_S, Music
from tests.sandbox.notion import LoopbackNotion, standard_house
from tests.sandbox.soundcloud import Kind
from tests.sandbox.spotify.faults import Status as SpotifyStatus
from tests.sandbox.town import Town
from tests.sandbox.web import Status


@pytest.fixture
def town(music: Music) -> Iterator[Town]:
    with Town(music) as stand_in:
        yield stand_in


@pytest.fixture
def person(tmp_path: Path, town: Town) -> House:
    """Somebody who likes on SoundCloud and saves on Spotify."""
    town.log_in(tmp_path / "state")
    secrets = {"SC_AUTH_HEADER": f"OAuth {town.cloud.token}", "SPOTIFY_CLIENT_SECRET": town.spotify.world.secret}
    return House(tmp_path, {**town.environment, **secrets})


def sources(done: Done) -> dict[str, dict[str, Any]]:
    return {one["source"]: one for one in done.run["sources"]}


@pytest.mark.server
def test_one_source_after_the_other_and_a_doubt_that_a_link_settles(
    person: House, town: Town, music: Music, notion: LoopbackNotion, prefect_api: str
) -> None:
    databases = standard_house(notion)
    town.net.join(notion.proxy.hosts, notion.ca)
    person.more |= {**databases.environment, **town.environment, "PREFECT_API_URL": prefect_api}
    row = town.on_spotify(0)
    town.spotify.world.play(row)
    town.on_youtube(0)
    on_cloud = town.on_soundcloud(0)
    doubtful, refused = town.on_soundcloud(2, kind=Kind.DRM_ONLY), town.on_soundcloud(1, kind=Kind.DRM)
    town.like(None, refused, town.cloud.add_set("A Set", town.label, []), doubtful)
    town.on_youtube(1)
    live = music.write(replace(PIECES[2], seed=9), "mp3").read_bytes()
    wrong = town.cloud.add_song(f"{doubtful.title} (Live)", town.label, live, LENGTH_S)
    right = town.on_youtube(2, title="no name to go by")
    town.save(row)

    playing = person.do("sync", "--json")
    assert (playing.code, playing.run["counts"]) == (0, {"synced": 1}), playing.err
    assert (playing.run["source"], playing.tracks[0]["title"]) == ("spotify-current", PIECES[0].title)
    assert town.net.count(rf"cf-media\.sndcdn\.com/{on_cloud.id}") > 0, "the habit: SoundCloud goes first"
    liked = person.do("sync", "--playlist", "Friday", "--json")
    assert (liked.code, liked.run["source"]) == (0, "soundcloud-likes"), liked.err
    assert liked.run["counts"] == {"synced": 1, "needs-review": 1}, liked.out
    by_state = {track["state"]: track for track in liked.tracks}
    assert by_state["synced"]["title"] == PIECES[1].title, "what SoundCloud does not give is had from YouTube"
    doubt = by_state["needs-review"]
    assert doubt["error"]["kind"] == "no-sure-match"
    assert wrong.link in [one["link"] for one in doubt["candidates"]]
    (page,) = [page for page in databases.tracks.pages if page.plain("Title") == doubt["title"]]
    assert wrong.link in json.dumps(page.blocks)

    settled = a_link_settles_it(person, town, doubt["key"], right.link)
    files = [Path(path) for path in settled.tracks[0]["files"].values()]
    before = person.files()
    assert len(before) == 9
    assert {path.parent.name for path in files} == {"Friday"}
    assert (len(databases.tracks.pages), page.plain("Downloaded")) == (3, True)
    assert (page.plain("YouTube URL"), page.plain("SoundCloud URL")) == (right.link, doubtful.link)
    assert page.plain("Audio Processing").count("Spotify - No Audio Source Found") == 0
    other = person.do("sync", doubt["key"], "--use", wrong.link, "--json")
    assert other.code == 0, other.out
    after = person.files()
    assert sorted(after) == sorted(before)
    changed = {person.library / name for name in after if after[name] != before[name]}
    assert changed == set(files), "made again, from what was named"
    assert person.do("verify", "--all").code == 0

    town.save(town.spotify.world.track("Not Here Yet", "Somebody", duration_ms=30_000))
    foretold = person.do("sync", "--dry-run", "--json")
    assert foretold.run["source"] == "spotify-liked"
    assert [(track["title"], track["state"]) for track in foretold.tracks] == [("Not Here Yet", "new")]
    town.spotify.world.saved.clear()
    town.save(row)
    nothing = nothing_is_new(person)
    assert not any("spotify" in f"{request.url}{request.body!r}" for request in town.net.requests())
    dones = [playing, liked, settled, other, foretold, nothing]
    given = [*town.spotify.world.given, town.spotify.world.secret, town.cloud.token, notion.token]
    no_secret_is_kept(person, dones, [*given, "Signature=", "sig="])


def a_link_settles_it(person: House, town: Town, key: str, link: str) -> Done:
    """A link that can't be its audio is refused; the right one is taken."""
    assert person.do("sync", key, "--use", "https://open.spotify.com/track/6rqhFgbbKwnb9MLmUQDhG6").code == 2
    assert person.do("sync", key, "--use", f"{town.label.permalink}").code == 2
    settled = person.do("sync", key, "--use", link, "--json")
    assert settled.code == 0, settled.err
    assert settled.run["counts"] == {"synced": 1}
    return settled


def nothing_is_new(person: House) -> Done:
    """Every source is asked, and says why it has nothing."""
    nothing = person.do("sync", "--json")
    assert (nothing.code, nothing.run["flow_run_id"], nothing.tracks) == (0, None, [])
    told = sources(nothing)
    assert told["spotify-current"]["gave_way"] == "it is there already."
    assert told["soundcloud-likes"]["gave_way"] == "all 2 are there already."
    assert "2 entries are sets or gone, and are passed over." in nothing.err
    assert told["spotify-liked"]["already"] == 1
    assert "spotify-liked: it is there already." in nothing.err
    return nothing


def no_secret_is_kept(person: House, dones: list[Done], secrets: list[str]) -> None:
    """Neither here nor on the server, nor was it said."""
    kept = [*(person.root / "state").glob("*.log"), *(person.root / "state").glob("journal.db*")]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in kept]
    texts += [done.out + done.err for done in dones]
    runs = {"any_": [run for done in dones if (run := done.run["flow_run_id"])]}
    of_runs = {"artifacts": {"flow_run_id": runs}, "logs": {"flow_run_id": runs}, "flow_runs": {"id": runs}}
    for what in (*of_runs, "task_runs"):
        name = what if what in of_runs else "flow_runs"
        body = {name: of_runs[name], "limit": 200}
        asked = httpx.post(f"{person.more['PREFECT_API_URL']}/{what}/filter", json=body, trust_env=False)
        texts.append(asked.text)
        assert 0 < len(asked.json()) < 200, what
    for secret in secrets:
        assert not any(secret in text for text in texts), secret


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
