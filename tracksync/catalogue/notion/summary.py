"""The block on a page that says what was done: one callout of ours, replaced in place. No other block is touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any

from tracksync.catalogue.notion.api import NotionApi, Rejected
from tracksync.catalogue.notion.related import look_again
from tracksync.catalogue.notion.values import clean, pieces
from tracksync.catalogue.protocol import TrackRecord
from tracksync.catalogue.rules import key_text
from tracksync.errors import NotFound

__all__ = ["summary_block", "summary_text", "tell_summary"]

_MARK = "Tracksync: "


def summary_text(record: TrackRecord) -> str:
    """What was done, from where, why this audio, the figures, and the track's key, a line each."""
    if not record.files:
        return clean("\n".join([f"{_MARK}not there yet.", *record.evidence, f"Key: {record.key}"]))
    made = ", ".join(fmt.upper() for fmt in record.files)
    when = f" on {record.processed_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if record.processed_at else ""
    figures = [
        f"{record.bpm:g} BPM" + (f" (confidence {record.bpm_confidence:.2f})" if record.bpm_confidence else "")
        if record.bpm
        else "no tempo",
        key_text(record.musical_key) if record.musical_key else "no key",
        "no loudness" if record.lufs is None else f"{record.lufs:.1f} LUFS",
        "" if record.true_peak_db is None else f"{record.true_peak_db:.1f} dBTP",
        f"{int(record.duration_s // 60)}:{record.duration_s % 60:05.2f}" if record.duration_s else "",
        f"{record.sample_rate / 1000:g} kHz" if record.sample_rate else "",
    ]
    source = record.facts.link or record.download_source
    lines = [
        f"{_MARK}{made} made{when}. Downloaded is ticked once every file was read back.",
        f"From: {source} ({record.source_audio})",
        *(f"Match: {sentence}" for sentence in record.evidence),
        f"Measured: {', '.join(filter(None, figures))}",
        *(f"{fmt.upper()}: {path}" for fmt, path in record.files.items()),
        *(f"Copy: {path}" for path in record.copies),
        f"Key: {record.key}",
    ]
    return clean("\n".join(lines))


def summary_block(text: str) -> dict[str, Any]:
    """The block that holds it."""
    return {"object": "block", "type": "callout", "callout": _content(text)}


def tell_summary(api: NotionApi, page_id: str, content: Mapping[str, Any], record: TrackRecord) -> dict[str, Any]:
    """Let our block of the page say what the record says; gives what is kept of the page (`content`), with it."""
    text = summary_text(record)
    if content.get("summary_text") == text:
        return dict(content)
    return {**content, "summary": _written_into(api, page_id, content.get("summary"), text), "summary_text": text}


def _written_into(api: NotionApi, page_id: str, block_id: str | None, text: str) -> str:
    """Put the text into our block of the page, which is found, or made at its end; gives the block's id."""
    if block_id is None or not _replace(api, block_id, text):
        block_id = _find(api, page_id)
        if block_id is None or not _replace(api, block_id, text):
            block_id = _append(api, page_id, text)
    return block_id


def _replace(api: NotionApi, block_id: str, text: str) -> bool:
    try:
        answer = api.update_block(block_id, callout=_content(text))
    except (NotFound, Rejected):  # removed, or made into another kind of block
        return False
    return not (answer.get("in_trash") or answer.get("archived"))


def _find(api: NotionApi, page_id: str) -> str | None:
    for block in api.children(page_id):
        texts = (block.get("callout") or {}).get("rich_text") or ()
        if block.get("type") == "callout" and _text(texts).startswith(_MARK):
            return str(block["id"])
    return None


def _append(api: NotionApi, page_id: str, text: str) -> str:
    def make() -> str:
        return str(api.append(page_id, [summary_block(text)])["results"][0]["id"])

    return look_again(api, make, lambda: _find(api, page_id))


def _content(text: str) -> dict[str, Any]:
    parts = [{"type": "text", "text": {"content": part}} for part in pieces(text)[:100]]
    return {"rich_text": parts, "icon": {"type": "emoji", "emoji": "🎧"}}


def _text(parts: Iterable[dict[str, Any]]) -> str:
    return "".join(part.get("plain_text") or (part.get("text") or {}).get("content", "") for part in parts)
