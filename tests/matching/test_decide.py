"""Decisions, one rule at a time: a wanted track, candidates, and which of them is taken."""

from __future__ import annotations

from typing import Any

import pytest

from tracksync.matching import Candidate, Decision, Wanted, decide
from tracksync.matching.scoring import FLOOR, gate_s

STROBE = Wanted(title="Strobe", artists=("deadmau5",), duration_s=637.0, isrc="GBTDG0900142")


def found(title: str, **more: Any) -> Candidate:
    return Candidate(**({"id": title, "source": "youtube", "title": title} | more))


def chosen(decision: Decision) -> str | None:
    return decision.choice.id if decision.choice else None


def taken(wanted: Wanted, candidate: Candidate, *, prefer_extended: bool = False) -> bool:
    decision = decide(wanted, [candidate], prefer_extended=prefer_extended)
    assert (decision.choice is not None) is decision.verdicts[0].accepted
    assert decision.verdicts[0].reasons
    return decision.choice is not None


@pytest.mark.parametrize(
    "title",
    [
        "deadmau5 - Strobe",
        "Deadmau5 – Strobe (Original Mix)",
        "deadmau5 - Strobe [Official Video] HD",
        "Strobe - deadmau5",
        "Strobe by deadmau5",
        "deadmau5: Strobe",
        "deadmau5 | Strobe | Official Audio",
        "deadmau5 “Strobe”",
        "deadmau5 『Strobe』",
        "03. deadmau5 - Strobe",
        "PREMIERE: deadmau5 - Strobe [mau5trap]",
        "deadmau5 - Strobe (Remastered 2019)",
        "deadmau5 - Strobe #progressive #house",
        "🔥 deadmau5 - Strobe 🔥",
        "DEADMAU5 STROBE",
        "mau5trap Records - deadmau5 - Strobe",
        "deadmau5 (CA) - Strobe",
        "deadmau5 (CA) - Strobe (Original Mix)",
        "Strobe - deadmau5 (CA)",
        "deadmau5 (Joel Zimmerman) - Strobe",
        "[Progressive House] deadmau5 - Strobe",
        "【Progressive House】deadmau5 - Strobe",
    ],
)
def test_the_same_recording_under_another_title(title: str) -> None:
    assert taken(STROBE, found(title, duration_s=638))


@pytest.mark.parametrize(
    "title",
    [
        "deadmau5 - Strobe (Club Edit)",
        "deadmau5 - Strobe (Extended Mix)",
        "deadmau5 - Strobe (Lane 8 Remix)",
        "deadmau5 - Strobe Lane 8 Remix",
        "deadmau5 - Strobe (Live at Red Rocks)",
        "deadmau5 - Strobe live",
        "deadmau5 - Strobe (Instrumental)",
        "deadmau5 - Strobe (Piano Version)",
        "deadmau5 - Strobe (Piano)",
        "deadmau5 - Strobe karaoke",
        "deadmau5 - Strobe (Sped Up)",
        "deadmau5 - Strobe slowed + reverb",
        "deadmau5 - Strobe [8D AUDIO]",
        "deadmau5 - Strobe (Nightcore)",
        "deadmau5 - Strobe (VIP)",
        "deadmau5 - Strobe (10 hours)",
        "deadmau5 - Strobe (cover)",
        "deadmau5 - Strobe | Someone's Remake",
        "deadmau5 - Strobe vs Levels",
        "deadmau5 - Strobe (Part 2)",
        "deadmau5 - Strobe (CUT)",
        "deadmau5 - Strobe (House)",
        "deadmau5 (Piano) - Strobe",
        "deadmau5 (Kaskade Remix) - Strobe",
        "deadmau5 (Live) - Strobe",
        "deadmau5 (feat. Somebody Else) - Strobe",
        "[Piano House] deadmau5 - Strobe",
        "[House Remix] deadmau5 - Strobe",
        "(House) deadmau5 - Strobe",
        "deadmau5 - Strobe 2",
        "deadmau5 - Strobes",
        "deadmau5 - Stroboscope",
        "deadmau5 - Strobe (something unheard of)",
        "deadmau5 - Strobe ft. Somebody Else",
        "deadmau5 & Kaskade - Strobe",
        "Kaskade - Strobe",
        "Strobe - Kaskade",
        "Strobe",
        "How to make Strobe by deadmau5",
        "deadmau5 type beat Strobe",
        "deadmau5 - Strobe (Reaction)",
        "deadmau5 DJ Set (Strobe)",
        "",
        "???",
    ],
)
def test_another_recording(title: str) -> None:
    assert not taken(STROBE, found(title, duration_s=637))


@pytest.mark.parametrize(
    ("duration_s", "is_taken"),
    [(637, True), (649.7, True), (624.3, True), (651, False), (623, False), (30, False), (36000, False), (0, False)],
)
def test_the_length_is_a_gate(duration_s: float, is_taken: bool) -> None:
    assert taken(STROBE, found("deadmau5 - Strobe", duration_s=duration_s)) is is_taken


def test_the_gate_is_three_seconds_or_two_per_cent() -> None:
    assert gate_s(60) == 3.0
    assert gate_s(150) == 3.0
    assert gate_s(600) == 12.0


@pytest.mark.parametrize(
    ("more", "is_taken"),
    [
        ({"channel": "deadmau5"}, True),
        ({"channel": "deadmau5VEVO"}, True),
        ({"channel": "deadmau5 - Topic"}, True),
        ({"artists": ("deadmau5",), "source": "youtube-music"}, True),
        ({"isrc": "GB-TDG-09-00142"}, True),
        ({"channel": "someone"}, False),
        ({}, False),
    ],
)
def test_an_unknown_length_needs_stronger_evidence(more: dict[str, Any], is_taken: bool) -> None:
    assert taken(STROBE, found("Strobe" if "artists" in more else "deadmau5 - Strobe", **more)) is is_taken
    unknown = STROBE.model_copy(update={"duration_s": None})
    assert taken(unknown, found("deadmau5 - Strobe", duration_s=637, **more)) is is_taken


def test_two_uploads_of_one_length_witness_for_each_other() -> None:
    unknown = STROBE.model_copy(update={"duration_s": None, "isrc": None})
    one = found("deadmau5 - Strobe", id="1", channel="a", duration_s=637)
    assert chosen(decide(unknown, [one, one.model_copy(update={"id": "2", "channel": "b"})])) == "1"
    assert chosen(decide(unknown, [one, one.model_copy(update={"id": "2"})])) is None
    assert (
        chosen(decide(unknown, [one, one.model_copy(update={"id": "2", "channel": "b", "duration_s": 400.0})])) is None
    )


@pytest.mark.parametrize(
    ("candidate", "is_taken"),
    [
        (found("deadmau5 - Strobe", isrc="GBTDG0900142", duration_s=637), True),
        (found("Строб", artists=("deadmau5",), isrc="GBTDG0900142", duration_s=637), True),
        (found("Strobe", isrc="GBTDG0900142", duration_s=637), True),
        (found("deadmau5 - Strobe", isrc="GBTDG0900142", duration_s=300), False),
        (found("deadmau5 - Strobe (Live)", isrc="GBTDG0900142", duration_s=637), False),
        (found("deadmau5 - Strobe (Lane 8 Remix)", isrc="GBTDG0900142", duration_s=637), False),
        (found("deadmau5 - Ghosts", isrc="GBTDG0900142", duration_s=637), False),
        (found("deadmau5 - Strobe", isrc="GBTDG0900999", duration_s=637), True),
        (found("deadmau5 - Strobe", isrc="no isrc", duration_s=637), True),
    ],
)
def test_an_isrc_is_strong_but_not_alone(candidate: Candidate, is_taken: bool) -> None:
    assert taken(STROBE, candidate) is is_taken


def test_the_same_isrc_goes_before_another_one() -> None:
    one = found("Strobe", id="other", artists=("deadmau5",), duration_s=637.0, isrc="GBTDG0900999")
    other = one.model_copy(update={"id": "same", "duration_s": 639.0, "isrc": "GBTDG0900142"})
    assert chosen(decide(STROBE, [one, other])) == "same"


@pytest.mark.parametrize(
    ("wanted", "candidate", "is_taken"),
    [
        (Wanted(title="Live Forever", artists=("Oasis",), duration_s=276), found("Oasis - Live Forever"), True),
        (Wanted(title="Long Live", artists=("T",), duration_s=276), found("T - Long Live (Live)"), False),
        (Wanted(title="Ignition - Remix", artists=("K",), duration_s=276), found("K - Ignition Remix"), True),
        (Wanted(title="Ignition Remix", artists=("K",), duration_s=276), found("K - Ignition (Remix)"), True),
        (Wanted(title="Ignition Remix", artists=("K",), duration_s=276), found("K - Ignition"), False),
        (Wanted(title="Remix to Ignition", artists=("K",), duration_s=276), found("K - Remix to Ignition"), True),
        (Wanted(title="Radio", artists=("R",), duration_s=276), found("R - Radio"), True),
        (Wanted(title="Edit", artists=("R",), duration_s=276), found("R - Edit (Live)"), False),
        (Wanted(title="R - 2009 Remaster", artists=("R",), duration_s=276), found("R - R"), True),
        (Wanted(title="S (Part 2)", artists=("R",), duration_s=276), found("R - S"), False),
        (Wanted(title="S (The Long Way)", artists=("R",), duration_s=276), found("R - S"), True),
        (Wanted(title="S (feat. B)", artists=("R", "B"), duration_s=276), found("R & B - S"), True),
        (Wanted(title="S", artists=("R", "B"), duration_s=276), found("R ft. B - S"), True),
        (Wanted(title="S", artists=("R",), duration_s=276), found("R - S (with C)"), False),
        (Wanted(title="R - S", artists=(), duration_s=276), found("R - S"), True),
        (Wanted(title="S", artists=(), duration_s=276), found("R - S"), False),
        (Wanted(title="S - X Remix", artists=("R", "X"), duration_s=276), found("R - S (X Remix)", channel="X"), True),
        (Wanted(title="S - X Remix", artists=("R", "X"), duration_s=276), found("S (X Remix)", channel="X"), True),
        (Wanted(title="S - X Remix", artists=("R",), duration_s=276), found("R - S (Y Remix)"), False),
        (Wanted(title="S", artists=("R",), duration_s=276, album="Live at Wembley"), found("R - S"), False),
        (Wanted(title="S", artists=("R",), duration_s=276, album="Live Through This"), found("R - S"), True),
        (Wanted(title="Main (From Jaws)", artists=("J",), duration_s=276), found("J - Main (From Star Wars)"), False),
        (Wanted(title="F**k You", artists=("C",), duration_s=276), found("C - Fuck You"), True),
        (Wanted(title="F**k You", artists=("C",), duration_s=276), found("C - Flirt You"), False),
        (Wanted(title="Девочка", artists=("Кино",), duration_s=276), found("Кино - Девочки"), False),
        (Wanted(title="Девочка", artists=("Кино",), duration_s=276), found("Kino - Devochka"), True),
        (Wanted(title="Ragazzino", artists=("R",), duration_s=276), found("R - Ragazzina"), False),
        (Wanted(title="Ragazzino", artists=("R",), duration_s=276), found("R - Ragazzini"), False),
        (Wanted(title="Supermassive", artists=("M",), duration_s=276), found("M - Supermasive"), True),
        (Wanted(title="Ευδοκία", artists=("Μάνος Λοΐζος",), duration_s=276), found("Manos Loizos - Evdokia"), False),
        (Wanted(title="Ευδοκία", artists=("Μάνος Λοΐζος",), duration_s=276), found("Manos Loizos - Ευδοκία"), True),
        (
            Wanted(title="Πειραιάς", artists=("Νάνα Μούσχουρη",), duration_s=276),
            found("Nana Mouschouri - Peiraias"),
            True,
        ),
        (Wanted(title="S (feat. B)", artists=("R", "B"), duration_s=276), found("R f/ B - S"), True),
        (Wanted(title="S", artists=("50 Cent",), duration_s=276), found("50 Cent - S"), True),
        (Wanted(title="S", artists=("50 Cent",), duration_s=276), found("01 50 Cent - S"), True),
        (Wanted(title="S", artists=("50 Cent",), duration_s=276), found("60 Cent - S"), False),
        (Wanted(title="S", artists=("Cent",), duration_s=276), found("07 Cent - S"), True),
        (Wanted(title="Main", artists=("J",), duration_s=276), found('J - Main (From "Jaws 2")'), True),
        (Wanted(title="Main", artists=("J",), duration_s=276), found("J - Main (From “Jaws 2” Soundtrack)"), True),
        (Wanted(title="Main", artists=("J",), duration_s=276), found('J - Main - From "Jaws 2"'), True),
        (Wanted(title='M - From "Jaws"', artists=("J",), duration_s=276), found('J - M (From "Up")'), False),
        (Wanted(title="좋은 날", artists=("IU",), duration_s=276), found("IU(아이유) _ Good Day(좋은 날) MV"), True),
        (Wanted(title="S", artists=("Kygo",), duration_s=276), found("DJ Marlon - Kygo - S"), False),
        (
            Wanted(title="S", artists=("Kygo",), duration_s=276),
            found("DJ Marlon - Kygo - S", channel="DJ Marlon"),
            False,
        ),
        (Wanted(title="S", artists=("Tiësto",), duration_s=276), found("DJ Tiesto - S"), True),
        (Wanted(title="S", artists=("Tiësto",), duration_s=276), found("Black Hole - DJ Tiesto - S"), True),
        (Wanted(title="S", artists=("Kygo", "Conrad Sewell"), duration_s=276), found("Kygo ft. Conrad - S"), True),
        (Wanted(title="S", artists=("Kygo", "Conrad Sewell"), duration_s=276), found("Kygo ft. Sam - S"), False),
        (Wanted(title="Gruppa krovi", artists=("Kino",), duration_s=276), found("Кино - Группа крови"), True),
    ],
)
def test_names_versions_and_artists(wanted: Wanted, candidate: Candidate, is_taken: bool) -> None:
    assert taken(wanted, candidate.model_copy(update={"duration_s": 276.0})) is is_taken


@pytest.mark.parametrize(
    ("bracket", "duration_s", "is_taken"),
    [
        ("[Official Music Video - Awards]", 630, True),
        ("[Official Lane 8 Remix]", 637, False),
        ("[Official Video - Live]", 637, False),
        ("[Something Else]", 630, False),
        ("[Something Else]", 637, True),
    ],
)
def test_what_an_official_video_is_from_is_no_doubt(bracket: str, duration_s: float, is_taken: bool) -> None:
    assert taken(STROBE, found(f"deadmau5 - Strobe {bracket}", duration_s=duration_s)) is is_taken


def test_a_channel_that_names_itself_first_may_be_no_label() -> None:
    ahead = {"title": "Mad Decent - deadmau5 - Strobe", "channel": "Mad Decent"}
    assert taken(STROBE, found(**ahead, duration_s=637.0))
    assert not taken(STROBE, found(**ahead, duration_s=626.0))
    assert taken(STROBE, found("Mad Records - deadmau5 - Strobe", channel="Mad Records", duration_s=626.0))


@pytest.mark.parametrize(
    "channel", ["Sing King Karaoke", "Nightcore Nation", "8D Tunes", "Slowed Songs", "The deadmau5 Tribute"]
)
def test_a_channel_says_what_it_uploads(channel: str) -> None:
    title = "Strobe" if "Tribute" in channel else "deadmau5 - Strobe"
    assert not taken(STROBE, found(title, channel=channel, duration_s=637))


def test_views_never_decide_between_recordings() -> None:
    live = found("deadmau5 - Strobe (Live)", id="live", views=10**9, duration_s=637)
    cover = found("Strobe", id="cover", channel="x", views=10**10, duration_s=637)
    right = found("deadmau5 - Strobe", id="right", views=3, duration_s=638)
    assert chosen(decide(STROBE, [live, cover, right])) == "right"
    assert chosen(decide(STROBE, [live, cover])) is None


def test_views_break_a_tie() -> None:
    few, many = (found("deadmau5 - Strobe", id=str(views), views=views, duration_s=637) for views in (3, 3000))
    assert chosen(decide(STROBE, [few, many])) == "3000"


def test_two_that_contradict_each_other_are_both_unsure() -> None:
    short, long = (found("deadmau5 - Strobe", id=str(length), duration_s=length) for length in (625.0, 649.0))
    decision = decide(STROBE, [short, long])
    assert decision.choice is None
    assert all("both cannot be it" in verdict.reasons[0] for verdict in decision.verdicts)
    near = found("deadmau5 - Strobe", id="near", duration_s=637.0)
    assert chosen(decide(STROBE, [short, near, long])) == "near"


def test_two_concerts_are_both_unsure_where_none_is_named() -> None:
    wanted = Wanted(title="Money - Live", artists=("Pink Floyd",), duration_s=500)
    one, other = (
        found(f"Pink Floyd - Money (Live in {place})", duration_s=500.0, channel=place) for place in ("Rome", "Oslo")
    )
    assert chosen(decide(wanted, [one])) == one.id
    assert chosen(decide(wanted, [one, other])) is None


def test_the_best_of_a_bad_lot_is_not_taken() -> None:
    decision = decide(STROBE, [found("Strobe", duration_s=640), found("deadmau5 - Strobe (Dub)", duration_s=637)])
    assert decision.choice is None
    assert 0 < decision.score < FLOOR
    assert decision.score == max(verdict.score for verdict in decision.verdicts)


def test_nothing_found_is_no_choice() -> None:
    assert decide(STROBE, []) == Decision(choice=None, score=0.0, verdicts=())


def test_the_extended_version_may_be_preferred() -> None:
    wanted = Wanted(title="Losing It", artists=("FISHER",), duration_s=248)
    plain = found("FISHER - Losing It", id="plain", duration_s=248)
    extended = found("FISHER - Losing It (Extended Mix)", id="extended", duration_s=396)
    remix = found("FISHER - Losing It (Someone Extended Remix)", id="remix", duration_s=396)
    both = [plain, extended, remix]
    assert chosen(decide(wanted, both)) == "plain"
    assert chosen(decide(wanted, both, prefer_extended=True)) == "extended"
    assert chosen(decide(wanted, [plain, remix], prefer_extended=True)) == "plain"
    shorter = extended.model_copy(update={"duration_s": 200.0})
    assert chosen(decide(wanted, [plain, shorter], prefer_extended=True)) == "plain"
    hours = extended.model_copy(update={"duration_s": 3600.0})
    assert chosen(decide(wanted, [plain, hours], prefer_extended=True)) == "plain"


def test_every_candidate_has_its_evidence() -> None:
    several = [found("deadmau5 - Strobe", duration_s=638), found("x"), found("deadmau5 - Strobe (Dub)")]
    decision = decide(STROBE, several)
    assert [verdict.accepted for verdict in decision.verdicts] == [True, False, False]
    assert all(verdict.reasons and verdict.parts for verdict in decision.verdicts)
    assert {"title", "artists", "version", "duration"} <= decision.verdicts[0].parts.keys()
    assert any("dub" in verdict.reasons[0] for verdict in decision.verdicts)
    assert all(0 <= part <= 1 for verdict in decision.verdicts for part in verdict.parts.values())
    assert Decision.model_validate_json(decision.model_dump_json()) == decision
