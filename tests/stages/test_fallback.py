"""A track whose own audio can't be had, or that has none: the next candidate, the next source, and then a person."""

from __future__ import annotations

import pytest

from examples.pieces import PIECES
from tests.sandbox.soundcloud import Kind
from tests.sandbox.town import Town
from tests.stages.story import Story
from tracksync.matching import FoundBy

PIECE = PIECES[0]


@pytest.mark.parametrize("kind", [Kind.PREVIEW, Kind.DRM, Kind.DRM_ONLY, Kind.BLOCKED])
def test_a_like_that_can_not_be_had_comes_from_youtube_music(story: Story, town: Town, kind: Kind) -> None:
    town.like(town.on_soundcloud(0, kind=kind))
    video = town.on_youtube(0)
    (track,) = story.choose("soundcloud-likes").tracks
    source, rendered = story.audio(track)
    matched = story.matched(track)
    assert (matched.found_by, matched.choice and matched.choice.link) == (FoundBy.SEARCH, video.link)
    assert matched.fell_back
    assert [attempt.link for attempt in matched.tried] == [track.origin]
    assert rendered.duration_s == pytest.approx(30, abs=0.2)
    assert source.facts.display == f"{', '.join(PIECE.artists)} - {PIECE.title}"
