"""The settings, from the environment and `.env`, read in this one place.

Names are the user's own (they exist already); each field lists the aliases that are understood. Secrets are
`SecretStr`. An empty value counts as not set.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tracksync.errors import Misconfigured
from tracksync.model import M4AMode

__all__ = ["SearchIn", "Settings", "concurrency_or_default", "load_settings", "unknown_names", "use_network_settings"]

SearchIn = Literal["soundcloud", "youtube-music", "youtube"]
"""Where audio can be searched for."""


def _absolute_path(path: Path) -> Path:
    try:
        return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 (no symlinks resolved)
    except RuntimeError:
        raise ValueError(f"there is no such user as in {path}") from None


def _alias(*names: str) -> AliasChoices:
    return AliasChoices(*names)


class Settings(BaseSettings):
    """Every setting with its default. `load_settings()` makes one and turns what is wrong into one sentence."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    # Where things live.
    home: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("tracksync", appauthor=False),
        validation_alias=_alias("TRACKSYNC_HOME"),
    )
    database_url: SecretStr | None = Field(default=None, validation_alias=_alias("TRACKSYNC_DATABASE_URL"))
    out_dir: Path = Field(
        default_factory=lambda: Path.home() / "Music" / "tracksync", validation_alias=_alias("OUT_DIR")
    )
    backup_dir: Path | None = Field(default=None, validation_alias=_alias("BACKUP_DIR"))
    wav_backup_dir: Path | None = Field(default=None, validation_alias=_alias("WAV_BACKUP_DIR"))
    temp_dir: Path | None = Field(default=None, validation_alias=_alias("TEMP_DIR"))

    # The files.
    m4a_mode: M4AMode = Field(default=M4AMode.LOSSLESS, validation_alias=_alias("SC_COMP_MODE"))
    pcm: Literal["16/44.1", "24/48"] = Field(default="16/44.1", validation_alias=_alias("TRACKSYNC_PCM"))
    key_notation: Literal["standard", "camelot", "open-key"] = Field(
        default="standard", validation_alias=_alias("TRACKSYNC_KEY_NOTATION")
    )
    ffmpeg: Path | None = Field(default=None, validation_alias=_alias("TRACKSYNC_FFMPEG"))

    # How a run goes.
    concurrency: int = Field(default=4, ge=1, le=64, validation_alias=_alias("SC_MAX_CONCURRENCY"))
    max_track_minutes: float = Field(default=20, gt=0, validation_alias=_alias("TRACKSYNC_MAX_TRACK_MINUTES"))
    stall_seconds: float = Field(default=30, ge=1, validation_alias=_alias("TRACKSYNC_STALL_SECONDS"))
    lease_seconds: float = Field(default=120, ge=5, validation_alias=_alias("TRACKSYNC_LEASE_SECONDS"))
    busy_wait_seconds: float = Field(default=900, ge=0, validation_alias=_alias("TRACKSYNC_BUSY_WAIT_SECONDS"))
    schedule: str = Field(default="0 */6 * * *", validation_alias=_alias("MUSIC_SYNC_SCHEDULE"))
    schedule_enabled: bool = Field(default=False, validation_alias=_alias("MUSIC_SYNC_ENABLED"))

    # Notion.
    notion_token: SecretStr | None = Field(
        default=None, validation_alias=_alias("NOTION_TOKEN", "NOTION_API_TOKEN", "NOTION_API_KEY")
    )
    tracks_db_id: str | None = Field(
        default=None, validation_alias=_alias("TRACKS_DB_ID", "MUSIC_TRACKS_DB_ID", "DATABASE_ID")
    )
    artists_db_id: str | None = Field(default=None, validation_alias=_alias("ARTISTS_DB_ID"))
    playlists_db_id: str | None = Field(
        default=None, validation_alias=_alias("PLAYLISTS_DB_ID", "MUSIC_PLAYLISTS_DB_ID")
    )
    agent_tasks_db_id: str | None = Field(default=None, validation_alias=_alias("AGENT_TASKS_DB_ID"))
    issues_db_id: str | None = Field(default=None, validation_alias=_alias("ISSUES_QUESTIONS_DB_ID", "ISSUES_DB_ID"))
    notion_version: Literal["2025-09-03", "2026-03-11"] = Field(
        default="2025-09-03", validation_alias=_alias("NOTION_VERSION")
    )

    # Spotify's Web API.
    spotify_client_id: str | None = Field(default=None, validation_alias=_alias("SPOTIFY_CLIENT_ID"))
    spotify_client_secret: SecretStr | None = Field(default=None, validation_alias=_alias("SPOTIFY_CLIENT_SECRET"))
    spotify_redirect_uri: str = Field(
        default="http://127.0.0.1:8888/callback", validation_alias=_alias("SPOTIFY_REDIRECT_URI")
    )
    spotify_refresh_token: SecretStr | None = Field(default=None, validation_alias=_alias("SPOTIFY_REFRESH_TOKEN"))
    spotify_market: str = Field(default="US", pattern="^[A-Z]{2}$", validation_alias=_alias("SPOTIFY_MARKET"))

    # SoundCloud: whose likes, and the header that goes to SoundCloud and nowhere else.
    soundcloud_profile: str | None = Field(default=None, validation_alias=_alias("SOUNDCLOUD_PROFILE"))
    soundcloud_auth: SecretStr | None = Field(default=None, validation_alias=_alias("SC_AUTH_HEADER"))

    # Where a track without audio of its own is looked for, and in which order.
    search_in: Annotated[tuple[SearchIn, ...], NoDecode] = Field(
        default=("soundcloud", "youtube-music", "youtube"), validation_alias=_alias("TRACKSYNC_SEARCH_IN")
    )
    prefer_extended: bool = Field(default=False, validation_alias=_alias("TRACKSYNC_PREFER_EXTENDED"))

    # Eagle.
    eagle_api_base: str | None = Field(default=None, validation_alias=_alias("EAGLE_API_BASE"))
    eagle_token: SecretStr | None = Field(default=None, validation_alias=_alias("EAGLE_TOKEN"))
    eagle_library: Path | None = Field(default=None, validation_alias=_alias("EAGLE_LIBRARY_PATH"))
    eagle_format: Literal["wav", "aiff", "m4a"] = Field(
        default="wav", validation_alias=_alias("TRACKSYNC_EAGLE_FORMAT")
    )
    eagle_launch: bool = Field(default=False, validation_alias=_alias("TRACKSYNC_EAGLE_LAUNCH"))

    # What the volume index covers, beside the library itself.
    music_directories: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(), validation_alias=_alias("MUSIC_DIRECTORY_PATHS")
    )

    # yt-dlp.
    cookies_file: Path | None = Field(default=None, validation_alias=_alias("YTDLP_COOKIES_FILE", "YTDLP_COOKIES"))
    cookies_from_browser: str | None = Field(default=None, validation_alias=_alias("YTDLP_COOKIES_FROM_BROWSER"))
    ytdlp_proxy: SecretStr | None = Field(default=None, validation_alias=_alias("YTDLP_PROXY"))

    @field_validator(
        "home",
        "out_dir",
        "backup_dir",
        "wav_backup_dir",
        "temp_dir",
        "ffmpeg",
        "cookies_file",
        "eagle_library",
        mode="after",
    )
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        # The working directory of a Prefect worker is not the user's: paths are made absolute once, here.
        return None if value is None else _absolute_path(value)

    @field_validator("search_in", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        # Named twice is asked once, at its first place.
        return tuple(dict.fromkeys(re.split(r"[\s,;]+", value.strip(" ,;").lower())))

    @field_validator("music_directories", mode="before")
    @classmethod
    def _folders(cls, value: object) -> object:
        """Folders, separated as PATH has them, by commas, by semicolons or by lines; a JSON list is understood, too."""
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            parts = [str(part) for part in json.loads(value)]
        else:
            parts = re.split(r"[\n,;]|(?<![A-Za-z]):(?=[/~])" if os.pathsep == ":" else r"[\n,;]", value)
        named = [part.strip() for part in parts if part.strip()]
        return tuple(_absolute_path(Path(part)) for part in named)

    @field_validator("m4a_mode", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.strip().upper() if isinstance(value, str) else value

    @property
    def journal_url(self) -> str:
        """SQLAlchemy's address of the journal; may hold a password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home / 'journal.db'}"

    @property
    def uses_notion(self) -> bool:
        """Whether the catalogue is Notion."""
        return self.notion_token is not None and self.tracks_db_id is not None

    @property
    def uses_eagle(self) -> bool:
        """Whether tracks go into Eagle: where any setting of it was made."""
        return any((self.eagle_api_base, self.eagle_token, self.eagle_library))

    @cached_property
    def staging_dir(self) -> Path:
        """Where work in progress lives: never in the library."""
        return (self.temp_dir or self.home) / "staging"

    @property
    def sample_rate(self) -> int:
        """Hz, of WAV and AIFF."""
        return 48_000 if self.pcm == "24/48" else 44_100

    @property
    def bits(self) -> int:
        """Bits a sample, of WAV and AIFF."""
        return 24 if self.pcm == "24/48" else 16


def env_names() -> list[str]:
    """Every name of the environment that is a setting."""
    names: list[str] = []
    for field in Settings.model_fields.values():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            names += [str(choice) for choice in alias.choices]
    return names


def load_settings() -> Settings:
    """The settings as they are now.

    Raises:
        Misconfigured: a value is not usable; the sentence names the variable, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "a setting"
        reason = str(first["msg"])
        raise Misconfigured(
            f"The setting {name} is not usable: {reason[0].lower()}{reason[1:]}.",
            action=f"Correct {name} in the environment or in .env.",
        ) from None


def concurrency_or_default() -> int:
    """SC_MAX_CONCURRENCY for those who must know it before settings can be complained of."""
    try:
        return load_settings().concurrency
    except Misconfigured:
        return int(Settings.model_fields["concurrency"].default)


# Variables with these beginnings are taken for settings of ours, so that a slip of the pen is found.
_OWN_PREFIXES = ("TRACKSYNC_", "YTDLP_", "SC_", "MUSIC_SYNC_", "SPOTIFY_", "EAGLE_")
# Read by later parts of the program, or by the user's other scripts: not slips.
_KNOWN_ELSEWHERE = frozenset({"TRACKSYNC_NO_COLOR"})


def unknown_names(environ: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Variables that look like settings of ours and are none, each with the setting that was probably meant."""
    from rapidfuzz import fuzz, process

    known = env_names()
    found: list[tuple[str, str | None]] = []
    for name in sorted(environ):
        if not name.startswith(_OWN_PREFIXES) or name in known or name in _KNOWN_ELSEWHERE:
            continue
        best = process.extractOne(name, known, scorer=fuzz.ratio, score_cutoff=75)
        found.append((name, best[0] if best else None))
    return found


def use_network_settings() -> None:
    """Make the ordinary CA variables work for every client.

    httpx and the standard library read SSL_CERT_FILE, requests reads REQUESTS_CA_BUNDLE: where one is set, both are.
    """
    bundle = os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if bundle:
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            os.environ.setdefault(name, bundle)
