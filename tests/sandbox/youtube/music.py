"""YouTube Music's page of results, as ytmusicapi reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.sandbox.youtube.videos import Video

__all__ = ["search_page"]

_DOT = {"text": " • "}


def search_page(videos: Sequence[Video], wanted: str) -> dict[str, Any]:
    """The answer to a search for `songs` (videos that have an album) or `videos` (the rest)."""
    rows = [_row(video, wanted) for video in videos if (video.album is not None) == (wanted == "songs")]
    if rows:
        shelf = {"title": {"runs": [{"text": wanted.capitalize()}]}, "contents": rows}
        section: dict[str, Any] = {"musicShelfRenderer": shelf}
    else:
        nothing = {"messageRenderer": {"text": {"runs": [{"text": "No results found"}]}}}
        section = {"itemSectionRenderer": {"contents": [nothing]}}
    tab = {"tabRenderer": {"content": {"sectionListRenderer": {"contents": [section]}}}}
    return {"responseContext": {}, "contents": {"tabbedSearchResultsRenderer": {"tabs": [tab]}}}


def _row(video: Video, wanted: str) -> dict[str, Any]:
    kind = "ATV" if wanted == "songs" else "OMV" if video.artists else "UGC"
    config = {"watchEndpointMusicConfig": {"musicVideoType": f"MUSIC_VIDEO_TYPE_{kind}"}}
    watch = {"videoId": video.id, "watchEndpointMusicSupportedConfigs": config}
    names: list[dict[str, Any]] = []
    for name in video.artists or (video.channel,):
        names += [{"text": ", "}] if names else []
        names.append(_linked(name, "UC0000000000000000000000"))
    last = [_linked(video.album, "MPREb_00000000000")] if video.album else [{"text": f"{_short(video.views)} views"}]
    runs = [*names, _DOT, *last, _DOT, {"text": video.length_text}]
    button = {"musicPlayButtonRenderer": {"playNavigationEndpoint": {"watchEndpoint": watch}}}
    row: dict[str, Any] = {
        "flexColumns": [_column([{"text": video.title}]), _column(runs)],
        "overlay": {"musicItemThumbnailOverlayRenderer": {"content": button}},
    }
    if not video.is_available:
        row["musicItemRendererDisplayPolicy"] = "MUSIC_ITEM_RENDERER_DISPLAY_POLICY_GREY_OUT"
    return {"musicResponsiveListItemRenderer": row}


def _column(runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"musicResponsiveListItemFlexColumnRenderer": {"text": {"runs": runs}}}


def _linked(text: str, number: str) -> dict[str, Any]:
    return {"text": text, "navigationEndpoint": {"browseEndpoint": {"browseId": number}}}


def _short(views: int) -> str:
    return f"{views / 1e6:.1f}M" if views >= 1_000_000 else f"{views / 1e3:.1f}K" if views >= 1000 else str(views)
