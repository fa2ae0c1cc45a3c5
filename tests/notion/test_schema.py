"""Which property has which meaning: names in the order of the user's databases, and types that can hold the value."""

from __future__ import annotations

from typing import Any

import pytest

from tracksync.catalogue.notion.api import Rejected
from tracksync.catalogue.notion.fields import TRACK_FIELDS
from tracksync.catalogue.notion.schema import Schema, database_id, read_schema
from tracksync.errors import Misconfigured, NotFound

DATABASE = "11111111-1111-1111-1111-111111111111"
SOURCE = "22222222-2222-2222-2222-222222222222"


class Databases:
    """Answers as Notion does, of what it is given."""

    def __init__(self, *sources: dict[str, str], kind: str = "database") -> None:
        self.kind = kind
        self.sources = {f"{SOURCE[:-1]}{n}": self._source(n, types) for n, types in enumerate(sources)}

    @staticmethod
    def _source(number: int, types: dict[str, str]) -> dict[str, Any]:
        properties = {
            name: {"id": f"p{index}", "name": name, "type": kind, kind: {"options": [{"name": "Done"}]}}
            for index, (name, kind) in enumerate({"Title": "title", **types}.items())
            if name != "Title" or "title" not in types.values()
        }
        title = [{"plain_text": f"Tracks {number}"}]
        return {"id": f"{SOURCE[:-1]}{number}", "title": title, "properties": properties}

    def database(self, database: str) -> dict[str, Any]:
        if self.kind == "told":
            raise Rejected(f"Notion refuses it: Provided ID {database} is a page, not a database.")
        if self.kind != "database" or database != DATABASE:
            raise NotFound("no")
        return {"title": [{"plain_text": "Tracks"}], "data_sources": [{"id": key} for key in self.sources]}

    def data_source(self, source: str) -> dict[str, Any]:
        if source not in self.sources:
            raise NotFound("no")
        return self.sources[source]

    def page(self, page: str) -> dict[str, Any]:
        if self.kind == "told":
            return {"id": page, "parent": {"type": "data_source_id"}}
        if self.kind != "page":
            raise NotFound("no")
        return {"id": page, "parent": {"type": "page_id"}}


def read(*sources: dict[str, str], wanted: str = DATABASE, kind: str = "database") -> Schema:
    return read_schema(Databases(*sources, kind=kind), None, wanted, "TRACKS_DB_ID", TRACK_FIELDS)


def names(schema: Schema, *meanings: str) -> list[str | None]:
    return [schema.properties[meaning].name if meaning in schema else None for meaning in meanings]


def test_the_first_name_that_exists_wins() -> None:
    schema = read({"DL": "checkbox", "BPM": "number", "AverageBpm": "number", "Spotify Track ID": "rich_text"})
    assert names(schema, "downloaded", "bpm", "spotify_id", "title") == [
        "DL",
        "AverageBpm",
        "Spotify Track ID",
        "Title",
    ]


def test_a_title_has_whatever_name() -> None:
    assert names(read({"Track": "title", "Downloaded": "checkbox"}), "title") == ["Track"]


def test_one_name_with_two_meanings_is_told_by_its_type() -> None:
    text = read({"Downloaded": "checkbox", "Artists": "rich_text", "Artist": "relation"})
    assert names(text, "artists", "artist_pages") == ["Artists", "Artist"]
    pages = read({"Downloaded": "checkbox", "Artists": "relation"})
    assert names(pages, "artists", "artist_pages") == [None, "Artists"]
    assert pages.odd == ()


def test_a_numeric_key_is_left_alone_and_the_next_name_taken() -> None:
    schema = read({"Downloaded": "checkbox", "Key": "number", "Key ": "rich_text"})
    assert names(schema, "musical_key") == ["Key "]
    assert any("“Key” as number" in clause for clause in schema.odd)
    assert "“Key” as number" in str(schema.complaint)


def test_other_types_that_can_hold_it_are_taken() -> None:
    schema = read({
        "Downloaded": "checkbox", "Key": "select", "M4A File Path": "url", "Tempo": "rich_text", "Priority": "status",
        "Playlists": "multi_select",
    })  # fmt: skip
    kinds = [schema.properties[m].type for m in ("musical_key", "file_m4a", "bpm", "priority", "playlists")]
    assert kinds == ["select", "url", "rich_text", "status", "multi_select"]
    assert schema.odd == ()


def test_a_type_that_cannot_hold_it_is_said_once() -> None:
    schema = read({"Downloaded": "checkbox", "Tempo": "checkbox", "Audio Processing": "status"})
    assert "bpm" not in schema
    assert "states" not in schema
    assert len(schema.odd) == 2
    assert not {field.meaning for field in schema.absent} & {"bpm", "states"}


def test_what_is_absent_is_told_by_its_first_name() -> None:
    schema = read({"Downloaded": "checkbox"})
    assert "“Album”" in str(schema.complaint)


def test_parts_of_a_fingerprint() -> None:
    schema = read({
        "Downloaded": "checkbox", "Fingerprint": "rich_text", "Fingerprint Part 2": "rich_text", "Part 3": "rich_text",
    })  # fmt: skip
    assert [prop.name for _, prop in sorted(schema.parts.items())] == ["Fingerprint Part 2", "Part 3"]


def test_a_database_of_another_kind_is_refused() -> None:
    with pytest.raises(Misconfigured, match=r"Tracks 0.*TRACKS_DB_ID.*Downloaded or DL"):
        read({"Status": "status", "Description": "rich_text"})


def test_of_several_data_sources_the_one_that_fits() -> None:
    schema = read({"Status": "status"}, {"Downloaded": "checkbox"})
    assert schema.data_source_id.endswith("1")


def test_several_that_fit_are_named_and_one_is_asked_for() -> None:
    with pytest.raises(Misconfigured, match=r"several data sources.*Tracks 0.*Tracks 1") as caught:
        read({"Downloaded": "checkbox"}, {"DL": "checkbox"})
    assert SOURCE[:-1] in caught.value.message
    assert read({"Downloaded": "checkbox"}, {"DL": "checkbox"}, wanted=f"{SOURCE[:-1]}1").data_source_id.endswith("1")
    with pytest.raises(Misconfigured, match="None of the data sources"):
        read({"A": "number"}, {"B": "number"})


def test_of_two_that_would_do_the_one_that_has_all_of_the_other_and_more() -> None:
    little = {"Downloaded": "checkbox", "Tempo": "number"}
    more = {**little, "M4A File Path": "rich_text"}
    assert read(little, more).data_source_id == f"{SOURCE[:-1]}1"
    with pytest.raises(Misconfigured, match="several data sources"):
        read({**little, "Album": "rich_text"}, more)


def test_an_id_that_is_none_is_told_for_what_it_is() -> None:
    with pytest.raises(Misconfigured, match="a page, not of a database"):
        read({}, kind="page")
    with pytest.raises(Misconfigured, match="of a database, not of a database"):
        read({}, kind="told")
    with pytest.raises(Misconfigured, match="no database under the id") as caught:
        read({}, wanted="33333333-3333-3333-3333-333333333333")
    assert "share it with the integration" in caught.value.action


@pytest.mark.parametrize(
    "text",
    [
        DATABASE,
        DATABASE.replace("-", ""),
        f"  {DATABASE.upper()} ",
        f"https://www.notion.so/team/Tracks-{DATABASE.replace('-', '')}?v=abcdefabcdefabcdefabcdefabcdefab",
        f"https://www.notion.so/{DATABASE.replace('-', '')}#x",
        f"https://www.notion.so/team/Decade-{DATABASE.replace('-', '')}/",
        f"https://www.notion.so/team/{DATABASE.replace('-', '')}?v={'c' * 32}&p={'d' * 32}&pm=s",
    ],
)
def test_ids_as_people_paste_them(text: str) -> None:
    assert database_id(text, "TRACKS_DB_ID") == DATABASE


@pytest.mark.parametrize("text", ["", "tracks", "https://www.notion.so/Tracks", "1234"])
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(Misconfigured, match="TRACKS_DB_ID"):
        database_id(text, "TRACKS_DB_ID")
