"""`tracksync doctor`, Notion: the token, each database that is named, and the schema, by asking Notion itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from tracksync.cli.finding import Finding
from tracksync.errors import Misconfigured, TracksyncError
from tracksync.settings import Settings

if TYPE_CHECKING:
    from tracksync.catalogue.notion.api import NotionApi
    from tracksync.catalogue.notion.schema import Schema

__all__ = ["notion_findings"]

# Without these a page can't say what a track is about; of the others some databases have some.
_CORE = ("title", "downloaded", "file_m4a", "file_wav", "file_aiff", "bpm", "musical_key")


def notion_findings(settings: Settings) -> list[Finding]:
    """Every check that Notion's settings ask for."""
    if settings.notion_token is None and settings.tracks_db_id is None:
        return [Finding("catalogue", True, "the embedded one (NOTION_TOKEN and TRACKS_DB_ID are not set)")]
    if settings.notion_token is None or settings.tracks_db_id is None:
        there, lacking = ("NOTION_TOKEN", "TRACKS_DB_ID")
        if settings.notion_token is None:
            there, lacking = lacking, there
        told = f"{there} is set but {lacking} is not, so the embedded catalogue is used"
        return [Finding("catalogue", False, told, f"Set {lacking} too, or remove {there}.")]
    return list(_asked(settings, settings.notion_token.get_secret_value(), settings.tracks_db_id))


def _asked(settings: Settings, token: str, tracks_db_id: str) -> Iterator[Finding]:
    from tracksync.catalogue.notion import NotionApi, Pace
    from tracksync.catalogue.notion.fields import TRACK_FIELDS
    from tracksync.catalogue.notion.schema import database_id, read_schema
    from tracksync.journal import Journal

    with (
        Journal.open(settings.journal_url) as journal,
        closing(NotionApi(token, settings.notion_version, Pace(journal))) as api,
    ):
        try:
            me = api.me()
        except TracksyncError as error:
            yield Finding("notion token", False, error.message, error.action)
            return
        name = me.get("name") or "an integration"
        yield Finding("notion token", True, f"{name}, API {settings.notion_version}")
        schema: Schema | None = None
        try:
            wanted = database_id(tracks_db_id, "TRACKS_DB_ID")
            schema = read_schema(api, None, wanted, "TRACKS_DB_ID", TRACK_FIELDS)
        except TracksyncError as error:
            yield Finding("TRACKS_DB_ID", False, error.message, error.action)
        if schema is not None:
            yield Finding("TRACKS_DB_ID", True, f"{schema.title}, {len(schema.properties)} properties are understood")
            yield _schema(schema)
        yield from _others(settings, api, schema)


def _schema(schema: Schema) -> Finding:
    absent = [f"{field.told} ({field.names[0]})" for field in schema.absent if field.meaning in _CORE]
    if "duration_s" not in schema and "duration_ms" not in schema:
        absent.append("the length (Duration (s))")
    wrong = [f"no property for {name}" for name in absent] + list(schema.odd)
    if wrong:
        return Finding(
            "notion schema",
            False,
            "; ".join(wrong),
            "Add or change these properties in Notion; what has no place is not written.",
        )
    rest = [field.names[0] for field in schema.absent]
    return Finding("notion schema", True, f"not there, and so not written: {', '.join(rest)}" if rest else "complete")


def _others(settings: Settings, api: NotionApi, tracks: Schema | None) -> Iterator[Finding]:
    from tracksync.catalogue.notion.fields import ARTIST_FIELDS, PLAYLIST_FIELDS, Field
    from tracksync.catalogue.notion.schema import database_id, read_schema

    plain = (Field("title", (), ("title",), "the title"),)
    others = (
        ("ARTISTS_DB_ID", settings.artists_db_id, "artist_pages", ARTIST_FIELDS),
        ("PLAYLISTS_DB_ID", settings.playlists_db_id, "playlists", PLAYLIST_FIELDS),
        ("AGENT_TASKS_DB_ID", settings.agent_tasks_db_id, None, plain),
        ("ISSUES_QUESTIONS_DB_ID", settings.issues_db_id, None, plain),
    )
    for variable, text, meaning, fields in others:
        prop = tracks.properties.get(meaning) if tracks and meaning else None
        related = prop.related or prop.related_database if prop and prop.type == "relation" else None
        if not text and not related:
            continue
        name = variable if text else f"the relation {prop.name if prop else ''}"
        try:
            schema = read_schema(api, None, database_id(text, variable) if text else related or "", name, fields)
        except TracksyncError as error:
            yield Finding(name, False, error.message, error.action)
            continue
        if text and prop and related and related not in (schema.data_source_id, database_id(text, variable)):
            wrong = Misconfigured(f"{schema.title} is not the database that the relation “{prop.name}” leads to.")
            yield Finding(name, False, wrong.message, f"Put the related database's id into {variable}.")
            continue
        yield Finding(name, True, schema.title)
