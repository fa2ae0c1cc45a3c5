"""The user's databases as they were found at the start of a run: their schemas, and what stands on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tracksync.catalogue.notion.api import NotionApi
from tracksync.catalogue.notion.fields import ARTIST_FIELDS, FILES, PLAYLIST_FIELDS, TRACK_FIELDS, Field
from tracksync.catalogue.notion.handed import Sources
from tracksync.catalogue.notion.index import PageIndex
from tracksync.catalogue.notion.related import RelatedPages
from tracksync.catalogue.notion.schema import Schema, database_id, read_schema, source_schema
from tracksync.errors import Misconfigured, NotFound
from tracksync.journal import Journal
from tracksync.model import AudioFormat
from tracksync.settings import Settings

__all__ = ["House", "read_house"]


@dataclass
class House:
    """The Tracks database, and the two that it is related to, where it is."""

    tracks: Schema
    index: PageIndex
    artists: RelatedPages | None
    playlists: RelatedPages | None
    complaints: tuple[str, ...]

    @property
    def formats(self) -> tuple[AudioFormat, ...]:
        """The files that a page has a place for."""
        return tuple(fmt for fmt, meaning in FILES.items() if meaning in self.tracks)

    def artist_names(self, ids: Sequence[str]) -> list[str]:
        """The names of artists' pages."""
        return self.artists.titles_of(ids) if self.artists else []

    def playlist_names(self, ids: Sequence[str]) -> list[str]:
        """The names of playlists' pages."""
        return self.playlists.titles_of(ids) if self.playlists else []


def read_house(
    api: NotionApi, journal: Journal, settings: Settings, note: Callable[[str], None], *, again: bool = False
) -> House:
    """Read the schemas.

    Args:
        api: Notion.
        journal: remembers which data source is whose, and hands on what was read.
        settings: the databases' ids.
        note: hears what a person should know.
        again: whether they are read because they are not what they were.

    Raises:
        Misconfigured: the Tracks database is not there, or is none.
    """
    wanted = database_id(settings.tracks_db_id or "", "TRACKS_DB_ID")
    sources = Sources(api, journal, fresh=again)
    tracks = read_schema(sources, journal, wanted, "TRACKS_DB_ID", TRACK_FIELDS)
    complaints = [tracks.complaint] if tracks.complaint else []

    def related(
        meaning: str, kind: str, variable: str, named: str | None, fields: Sequence[Field]
    ) -> RelatedPages | None:
        prop = tracks.properties.get(meaning)
        if prop is None or prop.type != "relation":
            return None
        where = f"the relation “{prop.name}”"
        try:
            if prop.related:
                schema = source_schema(sources, prop.related, where, fields)
            elif prop.related_database:
                schema = read_schema(sources, journal, prop.related_database, where, fields)
            else:
                raise NotFound(f"{where} does not say where it leads.")
            if named and not _is_meant(database_id(named, variable), prop.related_database, schema):
                complaints.append(
                    f"{variable} is not the database that the relation {prop.name} leads to ({schema.title}); "
                    "the relation's is used."
                )
        except (Misconfigured, NotFound) as error:
            complaints.append(f"“{prop.name}” is left empty: {error.message} {error.action}".strip())
            return None
        return RelatedPages(api, journal, schema, kind)

    artists = related("artist_pages", "artist", "ARTISTS_DB_ID", settings.artists_db_id, ARTIST_FIELDS)
    playlists = related("playlists", "playlist", "PLAYLISTS_DB_ID", settings.playlists_db_id, PLAYLIST_FIELDS)
    sources.hand_on()
    index = PageIndex(api, journal, tracks, artists.titles_of if artists else lambda _: [], note)
    return House(tracks, index, artists, playlists, tuple(complaints))


def _is_meant(named: str, database: str | None, schema: Schema) -> bool:
    return named in (database, schema.data_source_id) or database is None
