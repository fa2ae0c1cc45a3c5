"""The tracks, their states, and the names under which they are known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, or_, select, text, update

from tracksync.errors import NotFound, TracksyncError
from tracksync.journal._core import Database, index_text, plain
from tracksync.journal._entry import Entry, as_seconds, entry_of, kept_playlist
from tracksync.journal._schema import identities, tracks
from tracksync.model import Facts, State, Track, as_json

__all__ = ["Tracks"]


class Tracks(Database):
    """What the journal knows of each track, and the ids that mean it."""

    def find(self, key: str) -> Entry | None:
        """The track of this key, None where there is none."""
        with self._read() as connection:
            row = connection.execute(select(tracks).where(tracks.c.key == plain(key))).first()
        return entry_of(row) if row else None

    def find_by(self, kind: str, value: str) -> Entry | None:
        """The track that this link, hash or id means. Where it was merged, `merged_into` says into which."""
        with self._read() as connection:
            row = connection.execute(
                select(tracks)
                .join(identities, identities.c.track_key == tracks.c.key)
                .where(identities.c.kind == kind, identities.c.value == index_text(value))
            ).first()
        return entry_of(row) if row else None

    def entries(self, states: Iterable[State] | None = None) -> list[Entry]:
        """Every track, or those in these states; oldest first."""
        query = select(tracks).order_by(tracks.c.created, tracks.c.key)
        if states is not None:
            query = query.where(tracks.c.state.in_([state.value for state in states]))
        with self._read() as connection:
            rows = connection.execute(query).all()
        return [entry_of(row) for row in rows]

    def counts(self) -> dict[State, int]:
        """How many tracks there are in each state that has any."""
        with self._read() as connection:
            rows = connection.execute(select(tracks.c.state, func.count()).group_by(tracks.c.state)).all()
        found = {State(row[0]): int(row[1]) for row in rows}
        return {state: found[state] for state in State if state in found}

    def ensure(self, track: Track) -> Entry:
        """The track's entry, made if there is none. What is there already is kept as it is."""
        known = self.find(track.key)
        if known is not None:
            return known
        now = self._now()
        row = {
            "key": plain(track.key),
            "source": plain(track.source),
            "origin": track.origin,
            "facts": as_json(track.facts),
            "playlist": kept_playlist(track),
            "duration_s": track.duration_s,
            "state": State.NEW.value,
            "reason": "",
            "attempts": 0,
            "created": now,
            "updated": now,
        }
        with self._write() as connection:
            connection.execute(self._insert(tracks).values(row).on_conflict_do_nothing())
            return entry_of(connection.execute(select(tracks).where(tracks.c.key == row["key"])).one())

    def update_facts(self, key: str, facts: Facts, *, duration_s: float | None = None) -> None:
        """Replace what is known of the recording, and the announced duration where one is given (seconds).

        Raises:
            NotFound: the journal has no such track.
        """
        values: dict[str, object] = {"facts": as_json(facts)}
        if duration_s is not None:
            values["duration_s"] = duration_s
        self._change(key, values)

    def relocate(self, key: str, origin: str) -> None:
        """The file was moved, or the link renewed: fetch it from there from now on.

        Raises:
            NotFound: the journal has no such track.
        """
        entry = self.find(key)
        if entry is None or entry.origin != origin:
            self._change(key, {"origin": origin})

    def assign_playlist(self, key: str, playlist: str | None) -> None:
        """The playlist that names the track's folder.

        Raises:
            NotFound: the journal has no such track.
        """
        self._change(key, {"playlist": playlist})

    def set_state(
        self,
        key: str,
        state: State,
        *,
        reason: str = "",
        until: datetime | None = None,
        error: TracksyncError | None = None,
    ) -> None:
        """Where the track stands now.

        Args:
            key: the track's key.
            state: its new state.
            reason: why, where it waits, needs a person or failed.
            until: when a waiting track is worth another try; with a time zone.
            error: what ended this attempt. It counts as one, and stays until another error or until `synced`.

        Raises:
            NotFound: the journal has no such track.
        """
        values: dict[str, object] = {
            "state": state.value,
            "reason": plain(reason),
            "waiting_until": as_seconds(until),
        }
        if error is not None:
            values |= {
                "attempts": tracks.c.attempts + 1,
                "error_kind": error.kind,
                "error_message": plain(error.message),
                "error_action": plain(error.action),
            }
        elif state is State.SYNCED:
            values |= {"attempts": 0, "error_kind": None, "error_message": None, "error_action": None}
        self._change(key, values)

    def identify(self, key: str, kind: str, value: str) -> str:
        """Let `value` mean the track, unless it means one already.

        Args:
            key: the track's key.
            kind: `link` (canonical), `audio` (SHA-256 of the audio stream), `spotify`, `isrc`, `soundcloud`, …
            value: the id.

        Returns:
            The key of the track that it means: `key`, or another's who was first.

        Raises:
            NotFound: the journal has no such track.
        """
        row = {"kind": kind, "value": index_text(value), "track_key": plain(key)}
        holder = select(identities.c.track_key).where(identities.c.kind == kind, identities.c.value == row["value"])
        with self._read() as connection:
            known = connection.execute(holder).scalar()
        if known is not None:
            return str(known)
        with self._write(key) as connection:
            connection.execute(self._insert(identities).values(row).on_conflict_do_nothing())
            return str(connection.execute(holder).scalar_one())

    def identities(self, key: str) -> list[tuple[str, str]]:
        """The ids that mean the track, as (kind, value)."""
        query = select(identities.c.kind, identities.c.value).where(identities.c.track_key == plain(key))
        with self._read() as connection:
            rows = connection.execute(query.order_by(identities.c.kind, identities.c.value)).all()
        return [(row.kind, row.value) for row in rows]

    def identified(self, kind: str) -> dict[str, str]:
        """Every value of this kind that means a track, with the track's key: for thousands that are asked at once."""
        query = select(identities.c.value, identities.c.track_key).where(identities.c.kind == kind)
        with self._read() as connection:
            return {str(value): str(key) for value, key in connection.execute(query).all()}

    def merge(self, key: str, into: str) -> str:
        """Note that the track `key` is the same recording as `into`, which keeps the files.

        Chains are flattened: what was merged into `key` is merged into the same track as it.

        Returns:
            The key of the track that holds the recording now. It is `key` itself where `into` had been merged into
            `key` before: nothing is changed then.

        Raises:
            NotFound: the journal does not have one of them.
        """
        key, into = plain(key), plain(into)
        with self._write() as connection:
            root = self._root(connection, key, into)
            if root != key:
                merged = or_(tracks.c.key == key, tracks.c.merged_into == key)
                connection.execute(update(tracks).where(merged).values(merged_into=root, updated=self._now()))
        return root

    def part(self, key: str) -> None:
        """Note that the track `key` is a recording of its own after all. What was merged into the same one stays there.

        Raises:
            NotFound: the journal has no such track.
        """
        self._change(key, {"merged_into": None})

    def _root(self, connection: Connection, key: str, into: str) -> str:
        if self.place.path is None:
            # One merge at a time, as on SQLite, whose transactions are alone: two of them must not make a circle.
            connection.execute(text("LOCK TABLE tracks IN SHARE ROW EXCLUSIVE MODE"))
        query = select(tracks.c.key, tracks.c.merged_into).where(tracks.c.key.in_([key, into]))
        found = {row.key: row.merged_into for row in connection.execute(query)}
        for wanted in (key, into):
            if wanted not in found:
                raise NotFound(f"The journal has no track {wanted}.")
        return found[into] or into

    def _change(self, key: str, values: dict[str, object]) -> None:
        statement = update(tracks).where(tracks.c.key == plain(key)).values(**values, updated=self._now())
        with self._write(key) as connection:
            if connection.execute(statement).rowcount == 0:
                raise NotFound(f"The journal has no track {key}.")
