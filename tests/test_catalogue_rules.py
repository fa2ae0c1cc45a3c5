"""Which values go onto a page, and whose link is whose: the rules that catalogues share."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.sandbox.journals import a_record, a_track
from tracksync.catalogue import EmbeddedCatalogue, Page, Properties, TrackRecord
from tracksync.catalogue.protocol import ProcessingOption, Service, service_of
from tracksync.catalogue.rules import by_priority, differences, key_text
from tracksync.journal import Journal
from tracksync.model import MusicalKey


@pytest.mark.parametrize(
    ("link", "service"),
    [
        ("https://soundcloud.com/a/b", Service.SOUNDCLOUD),
        ("https://on.soundcloud.com/abc", Service.SOUNDCLOUD),
        ("https://music.youtube.com/watch?v=x", Service.YOUTUBE),
        ("https://youtu.be/x", Service.YOUTUBE),
        ("http://www.YouTube.com./watch?v=x", Service.YOUTUBE),
        ("https://open.spotify.com/track/1", Service.SPOTIFY),
        ("https://music.apple.com/de/album/1", Service.APPLE_MUSIC),
        ("https://someone.bandcamp.com/track/x", Service.BANDCAMP),
        ("https://www.beatport.com/track/x/1", Service.BEATPORT),
        ("https://notsoundcloud.com/a", None),
        ("https://soundcloud.com.example.org/a", None),
        ("https://example.org/?u=https://soundcloud.com/a", None),
        ("spotify:track:1", None),
        ("ftp://soundcloud.com/a", None),
        ("https://[", None),
        ("", None),
    ],
)
def test_a_link_is_of_the_service_that_its_host_says(link: str, service: Service | None) -> None:
    assert service_of(link) is service


def test_a_link_does_not_get_into_another_service_s_place() -> None:
    with pytest.raises(ValidationError, match="not a link of soundcloud"):
        a_record("file:x", links={Service.SOUNDCLOUD: "https://www.youtube.com/watch?v=abc"})


def test_a_record_and_a_page_survive_json() -> None:
    states = frozenset(ProcessingOption)
    record = a_record("file:x", states=states, links={Service.BEATPORT: "https://beatport.com/track/x/1"})
    assert TrackRecord.model_validate_json(record.model_dump_json()) == record
    properties = Properties(states=frozenset(map(str, states)), files=record.files, links=record.links)
    assert Properties.model_validate_json(properties.model_dump_json()) == properties
    assert record.model_dump(mode="json")["states"] == sorted(states), "the same text each time"
    assert properties.model_dump(mode="json")["states"] == sorted(states)


def test_an_empty_page_lacks_everything() -> None:
    wrong = differences(Properties(), a_record("file:x"))
    assert {"title", "artists", "bpm", "musical_key", "files", "links", "playlists", "states"} <= set(wrong)
    assert "genre" not in wrong, "nobody knows it"


def test_a_key_is_shown_in_words_and_as_an_hour() -> None:
    assert key_text(MusicalKey(tonic=6, mode="minor")) == "F# Minor (11A)"


@pytest.mark.parametrize(
    ("text", "before"), [("Critical", "High"), ("1 - high", "Medium"), ("2. Low", None), ("Medium", "whatever")]
)
def test_priorities_in_whatever_dress(journal: Journal, text: str, before: str | None) -> None:
    catalogue = EmbeddedCatalogue(journal)
    pages: list[Page] = []
    for priority in (text, before):  # the newer one is the less important
        page = catalogue.upsert(a_record(journal.ensure(a_track()).key))
        pages.append(catalogue.edit(page.page_id, {"priority": priority}))
    assert by_priority(pages[::-1]) == pages
