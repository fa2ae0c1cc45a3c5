"""What the loopback Spotify knows: an account, its tracks, lists and logins."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

__all__ = ["World", "an_id"]

Row = dict[str, Any]


def an_id(name: object) -> str:
    """22 letters and digits, as Spotify's ids are, the same for the same name."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    value = int.from_bytes(hashlib.sha256(str(name).encode()).digest()[:17], "big")
    return "".join(digits[value // 62**place % 62] for place in range(22))


@dataclass
class _Access:
    scope: str
    until: float
    is_user: bool


@dataclass
class _Code:
    redirect: str
    challenge: str
    scope: str


@dataclass
class World:
    """`client_id` and `secret` are the app's; everything else fills as a test likes."""

    client_id: str = "app0123456789abcdef0123456789abc"
    secret: str = "sec_0123456789abcdef0123456789ab"
    saved: list[Any] = field(default_factory=list)
    tracks: dict[str, Row] = field(default_factory=dict)
    albums: dict[str, Row] = field(default_factory=dict)
    playlists: dict[str, list[Any]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    playing: Row | None = None
    has_items: bool = True
    """Whether playlists are at /items, as since 2026; else at /tracks."""
    forbidden: str | None = None
    """Why the app, or the account at it, is refused everything: the text of a 403."""
    lasts_s: float = 3600
    grants: str | None = None
    """The scopes that the person allows; those that are asked for where it is None."""

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.accesses: dict[str, _Access] = {}
        self.refreshes: dict[str, tuple[str, bool]] = {}
        self.codes: dict[str, _Code] = {}
        self.given: list[str] = []
        """Every secret that was ever handed out."""

    # -- what there is -------------------------------------------------------------------------------------------------

    def track(self, name: str, *artists: str, **more: Any) -> Row:
        """A track object, kept."""
        row: Row = {
            "id": an_id(name),
            "type": "track",
            "name": name,
            "artists": [{"name": artist, "id": an_id(artist)} for artist in artists or ("Nobody",)],
            "album": {"name": "An Album", "release_date": "2021-03-05", "release_date_precision": "day"},
            "duration_ms": 215_500,
            "external_ids": {"isrc": f"QZABC{int(hashlib.sha256(name.encode()).hexdigest()[:6], 16) % 10**7:07}"},
            "is_local": False,
            "is_playable": True,
            **more,
        }
        row["uri"] = f"spotify:track:{row['id']}"
        if row["id"]:
            self.tracks[row["id"]] = row
        return row

    def save(self, *rows: Any) -> None:
        """Save tracks, the newest first, as they are listed."""
        self.saved += [{"added_at": "2026-01-01T00:00:00Z", "track": row} for row in rows]

    def playlist(self, name: str, *rows: Any) -> str:
        """A playlist; gives its id."""
        number = an_id(f"playlist {name}")
        self.names[number], self.playlists[number] = name, list(rows)
        return number

    def album(self, name: str, *rows: Row) -> str:
        """An album; gives its id. Its list is of simplified tracks."""
        number = an_id(f"album {name}")
        simple = [{k: v for k, v in row.items() if k not in {"album", "external_ids"}} for row in rows]
        self.albums[number] = {"name": name, "id": number, "release_date": "2020", "rows": simple}
        return number

    def play(self, item: Row | None, *, kind: str = "track", is_playing: bool = True) -> None:
        """Let it be playing."""
        self.playing = {"is_playing": is_playing, "currently_playing_type": kind, "item": item, "progress_ms": 1000}

    # -- logins --------------------------------------------------------------------------------------------------------

    def agree(self, link: str, *, deny: bool = False) -> str:
        """What a person who opens the link and agrees is led to."""
        parts = urlsplit(link)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert (parts.netloc, parts.path) == ("accounts.spotify.com", "/authorize")
        assert asked["client_id"] == self.client_id
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        if deny:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = f"AQ{secrets.token_urlsafe(90)}"
        with self.lock:
            self.given.append(code)
            scope = asked["scope"] if self.grants is None else self.grants
            self.codes[code] = _Code(asked["redirect_uri"], asked["code_challenge"], scope)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def refresh_token(self, scope: str, *, pkce: bool = True) -> str:
        """A refresh token, as from an earlier consent."""
        token = f"AQR{secrets.token_urlsafe(60)}"
        self.given.append(token)
        self.refreshes[token] = (scope, pkce)
        return token

    def access_token(self, scope: str = "", *, is_user: bool = True) -> str:
        """An access token that is good for an hour, or as long as `lasts_s` says."""
        token = f"BQ{secrets.token_urlsafe(60)}"
        self.given.append(token)
        self.accesses[token] = _Access(scope, time.time() + self.lasts_s, is_user)
        return token

    def log_out_everywhere(self) -> None:
        """Every access token is void; the logins hold."""
        self.accesses.clear()

    def grant(self, form: dict[str, str], basic: str | None) -> tuple[int, Row]:
        """The token endpoint."""
        with self.lock:
            return self._grant(form, basic)

    def _grant(self, form: dict[str, str], basic: str | None) -> tuple[int, Row]:
        kind = form.get("grant_type")
        by_secret = basic == base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        if basic is not None and not by_secret:
            return 400, {"error": "invalid_client", "error_description": "Invalid client secret"}
        if not by_secret and form.get("client_id") != self.client_id:
            return 400, {"error": "invalid_client", "error_description": "Invalid client"}
        if kind == "client_credentials" and by_secret:
            return 200, self._token("", None, is_user=False)
        if kind == "authorization_code":
            code = self.codes.pop(form.get("code", ""), None)
            verifier = form.get("code_verifier", "")
            challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
            if code is None or code.challenge != challenge or code.redirect != form.get("redirect_uri"):
                return 400, {"error": "invalid_grant", "error_description": "Invalid authorization code"}
            return 200, self._token(code.scope, self.refresh_token(code.scope))
        if kind == "refresh_token":
            given = form.get("refresh_token", "")
            scope, is_pkce = self.refreshes.get(given, (None, False))
            if scope is None or is_pkce == by_secret:
                return 400, {"error": "invalid_grant", "error_description": "Invalid refresh token"}
            if is_pkce:
                del self.refreshes[given]  # once and never again
            return 200, self._token(scope, self.refresh_token(scope) if is_pkce else None)
        return 400, {"error": "unsupported_grant_type"}

    def _token(self, scope: str, refresh: str | None, *, is_user: bool = True) -> Row:
        answer: Row = {
            "access_token": self.access_token(scope, is_user=is_user),
            "token_type": "Bearer",
            "expires_in": int(self.lasts_s),
        }
        if is_user:
            answer["scope"] = scope
        if refresh is not None:
            answer["refresh_token"] = refresh
        return answer
