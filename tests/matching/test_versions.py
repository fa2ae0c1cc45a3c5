"""What titles say of a version, and which versions agree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracksync.matching.tokens import words
from tracksync.matching.versions import Version, agreement, understand
from tracksync.matching.vocabulary import PHRASES, Kind


def said(text: str) -> list[str] | None:
    note = understand(words(text))
    return None if note is None else sorted(map(str, note.versions))


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("Original Mix", []),
        ("Remastered 2011", []),
        ("2011 Remaster", []),
        ("Mono / 2011 Remaster", ["mono"]),
        ("Official Music Video", []),
        ("Lyrics", []),
        ("Album Version", []),
        ("Deluxe Edition", []),
        ("Extended Mix", ["extended"]),
        ('12" Version', ["extended"]),
        ("Extended", ["extended"]),
        ("Radio Edit", ["radio edit"]),
        ("Edit", ["radio edit"]),
        ("Club Mix", ["club"]),
        ("Club Edit", ["club", "edit"]),
        ("Eric Prydz Remix", ["remix by eric prydz"]),
        ("Eric Prydz Mix", ["remix by eric prydz"]),
        ("Eric Prydz Extended Remix", ["extended", "remix by eric prydz"]),
        ("Eric Prydz Remix Edit", ["radio edit", "remix by eric prydz"]),
        ("Remixed by Eric Prydz", ["remix by eric prydz"]),
        ("Remix", ["remix"]),
        ("VIP Mix", ["VIP"]),
        ("Skrillex VIP", ["VIP by skrillex"]),
        ("Dub Mix", ["dub"]),
        ("Kenny Bootleg", ["bootleg by kenny"]),
        ("Kygo Edit", ["edit by kygo"]),
        ("Tourist Rework", ["rework by tourist"]),
        ("Live", ["live"]),
        ("Live at Wembley", ["live (at wembley)"]),
        ("En Vivo", ["live"]),
        ("ライブ", ["live"]),
        ("Live Lounge", ["live"]),
        ("Acoustic", ["acoustic"]),
        ("Instrumental Mix", ["instrumental"]),
        ("A Cappella", ["a cappella"]),
        ("Acapella", ["a cappella"]),
        ("Karaoke Version", ["karaoke"]),
        ("In the Style of Adele", ["karaoke"]),
        ("караоке", ["karaoke"]),
        ("노래방", ["karaoke"]),
        ("كاريوكي", ["karaoke"]),
        ("Adele Cover", ["cover by adele"]),
        ("歌ってみた", ["cover"]),
        ("sped up", ["sped up"]),
        ("slowed + reverb", ["reverb", "slowed"]),
        ("Nightcore", ["nightcore"]),
        ("8D Audio", ["8D"]),
        ("Bass Boosted", ["bass boosted"]),
        ("10 Hours", ["loop"]),
        ("Mashup", ["mashup"]),
        ("DJ Set", ["mix or set"]),
        ("Demo", ["demo"]),
        ("Preview", ["preview"]),
        ("Clean", ["clean"]),
        ("Explicit", []),
        ("Taylor's Version", ["taylors version"]),
        ("Spanish Version", ["spanish version"]),
        ("Piano", ["piano version"]),
        ("Re-Recorded", ["re-recorded"]),
        ("Reaction", ["something else than the recording"]),
        ("feat. Sam Smith", []),
        ("prod. by TM88", []),
        ('From "Frozen"', []),
        # not understood: most likely a part of the name
        ("Da Ba Dee", None),
        ("Live Your Life", None),
        ("Remix to Ignition", None),
        ("Live Forever", None),
        ("Alive", None),
        ("Undercover", None),
        ("Dance With Me", None),
        ("Faster Stronger", None),
        ("", None),
    ],
)  # fmt: skip
def test_what_a_note_says(text: str, versions: list[str] | None) -> None:
    assert said(text) == versions


def versions_of(text: str) -> frozenset[Version]:
    note = understand(words(text))
    return frozenset() if note is None else note.versions


@pytest.mark.parametrize(
    ("one", "other", "agreed"),
    [
        ("", "Original Mix", True),
        ("", "2015 Remaster", True),
        ("", "Extended Mix", False),
        ("", "Live", False),
        ("", "Radio Edit", False),
        ("Live", "", False),
        ("Single Version", "", True),
        ("Solomun Remix", "Solomun's Remix", True),
        ("Solomun Remix", "Solomon Grundy Remix", False),
        ("A & B Remix", "B x A Remix", True),
        ("Fisher & Sun Remix", "Fisher Remix", False),
        ("Solomun Remix", "Solomun Dub", False),
        ("Solomun Remix", "Solomun Extended Remix", False),
        ("Solomun Remix", "Remix", False),
        ("DJ 1 Remix", "DJ 2 Remix", False),
        ("Edit", "Radio Edit", True),
        ("Live at Wembley", "Live in Paris", False),
        ("Live at Wembley 1986", "Live at Wembley", True),
        ("Live 1974", "Live 1988", False),
        ("Live at Wembley", "Live", True),
        ("Taylor's Version", "", False),
        ("Slowed", "Slowed + Reverb", False),
        ("Spanish Version", "French Version", False),
    ],
)
def test_versions_agree_in_both_directions(one: str, other: str, agreed: bool) -> None:
    assert agreement(versions_of(one), versions_of(other)).agreed is agreed
    assert agreement(versions_of(other), versions_of(one)).agreed is agreed


def test_an_unnamed_remix_is_by_whoever_is_credited() -> None:
    named, unnamed = versions_of("Adam Port Remix"), versions_of("Remix")
    port = frozenset({"adamport"})
    assert agreement(named, unnamed, theirs_by=port).agreed
    assert agreement(unnamed, named, ours_by=port).agreed
    assert not agreement(named, unnamed, ours_by=port).agreed


some_words = st.lists(st.sampled_from(["ana", "bo", "2", "1994", "live", "the", "and"])).map(tuple)
some_versions = st.frozensets(
    st.builds(Version, st.sampled_from(Kind), some_words),
    max_size=3,
).map(lambda versions: frozenset({version.kind: version for version in versions}.values()))


@given(some_versions, some_versions, st.frozensets(st.sampled_from(["ana", "bo"])))
@settings(deadline=None)
def test_agreement_is_symmetric(one: frozenset[Version], other: frozenset[Version], people: frozenset[str]) -> None:
    there, back = agreement(one, other, people, frozenset()), agreement(other, one, frozenset(), people)
    assert (there.agreed, set(there.doubts)) == (back.agreed, set(back.doubts))


@given(some_versions)
@settings(deadline=None)
def test_a_version_agrees_with_itself(one: frozenset[Version]) -> None:
    assert agreement(one, one).agreed


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_phrase_and_is_not_the_original(kind: Kind) -> None:
    phrases = [phrase for phrase, (_, found) in PHRASES.items() if found is kind]
    assert phrases
    neutral = kind in (Kind.SINGLE, Kind.MONO)
    assert agreement(frozenset({Version(kind)}), frozenset()).agreed is neutral
