"""Stage 7, record: the catalogue knows the track. Downloaded comes later, when everything was read back."""

from __future__ import annotations

from tracksync.catalogue.protocol import ProcessingOption, Service, TrackRecord, service_of
from tracksync.errors import Damaged, TracksyncError
from tracksync.matching import FoundBy, MatchReceipt, Verdict
from tracksync.model import (
    Analysis,
    AudioFormat,
    DownloadReceipt,
    EagleReceipt,
    PublishReceipt,
    RecordReceipt,
    RenderReceipt,
    Stage,
    Track,
)
from tracksync.sources.links import looks_like_link
from tracksync.sources.pages import remember_looks
from tracksync.sources.secrets import redact
from tracksync.sources.whole import adopted_of
from tracksync.stages.adopted import name_on_page
from tracksync.stages.review import by_whom, minutes
from tracksync.stages.workshop import Workshop

__all__ = ["announce_doubt", "ensure_recorded"]

_SHOWN = 5


def ensure_recorded(shop: Workshop, track: Track, *, refresh: bool = False) -> RecordReceipt:
    """Make or update the track's page from the receipts; the catalogue reads it back.

    The page of a track that was there before us gets its Eagle item, and is left as it is in all else.

    Raises:
        NotFound: that page is gone.
        Transient: the page does not hold what was written.
        CatalogueAway: the catalogue can't be asked now.
    """
    if adopted_of(shop.journal, track.key) is not None:
        return name_on_page(shop, track)
    page = shop.catalogue.upsert(_record(shop, track), refresh=refresh)
    receipt = RecordReceipt(catalogue=shop.catalogue.name, page_id=page.page_id)
    shop.journal.put_receipt(track.key, Stage.RECORD, receipt)
    return receipt


def announce_doubt(shop: Workshop, track: Track, error: TracksyncError) -> None:
    """The page of a track for which nothing was surely found says so, and what was found, so that a person can decide.

    Raises:
        TracksyncError: as the catalogue has it.
    """
    entry = shop.journal.find(track.key)
    facts = entry.facts if entry else track.facts
    receipt = shop.journal.receipt(track.key, Stage.MATCH, MatchReceipt) or MatchReceipt()
    found = (_candidate_line(verdict) for verdict in receipt.verdicts[:_SHOWN])
    page = shop.catalogue.upsert(
        TrackRecord(
            key=track.key,
            facts=facts,
            playlists=(track.playlist,) if track.playlist else (),
            playlist_ids=_playlist_ids(track),
            evidence=(
                error.message,
                error.action,
                *receipt.evidence,
                *found,
            ),
            links=_own_links(track),
            spotify_id=_spotify_id(shop, track),
            states=frozenset({ProcessingOption.NO_AUDIO_SOURCE}),
        )
    )
    # A link that is put onto it later is this track's.
    shop.journal.identify(track.key, "page", page.page_id)
    remember_looks(shop.journal, page)


def _candidate_line(verdict: Verdict) -> str:
    found = verdict.candidate
    length = f", {minutes(found.duration_s)}" if found.duration_s else ""
    why = f" – {'; '.join(verdict.reasons)}" if verdict.reasons else ""
    link = f" {redact(found.link)}" if found.link else ""
    return f"Found: {found.title}, by {by_whom(found)}{length}{link}{why}"


def _own_links(track: Track) -> dict[Service, str]:
    """The link that names the track, where it is a service's own: that of its audio is another one."""
    service = service_of(track.origin)
    return {service: redact(track.origin)} if service else {}


def _playlist_ids(track: Track) -> dict[str, str]:
    known = track.playlist and track.playlist_spotify_id
    return {track.playlist: track.playlist_spotify_id} if known else {}  # type: ignore[dict-item]


def _spotify_id(shop: Workshop, track: Track) -> str | None:
    return next((value for kind, value in shop.journal.identities(track.key) if kind == "spotify"), None)


def _record(shop: Workshop, track: Track) -> TrackRecord:
    journal = shop.journal
    download = journal.receipt(track.key, Stage.DOWNLOAD, DownloadReceipt)
    rendered = journal.receipt(track.key, Stage.TRANSCODE, RenderReceipt)
    published = journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    if download is None or rendered is None or published is None:
        raise Damaged(
            f"The journal lacks what {track.facts.display} was made from.",
            action=f"Run `tracksync sync {track.key} --refresh`.",
        )
    analysis = journal.receipt(track.key, Stage.ANALYSE, Analysis) or Analysis()
    eagle = journal.receipt(track.key, Stage.EAGLE, EagleReceipt)
    matched = journal.receipt(track.key, Stage.MATCH, MatchReceipt) or MatchReceipt()
    places = {fmt: getattr(published, fmt.value) for fmt in AudioFormat}
    return TrackRecord(
        key=track.key,
        facts=download.facts,
        playlists=(track.playlist,) if track.playlist else (),
        playlist_ids=_playlist_ids(track),
        files={fmt: fact.path for fmt, fact in places.items()},
        copies=tuple(fact.path for fact in published.copies),
        bpm=analysis.bpm,
        bpm_confidence=analysis.bpm_confidence,
        musical_key=analysis.key,
        duration_s=rendered.duration_s,
        lufs=rendered.lufs,
        true_peak_db=rendered.true_peak_db,
        sample_rate=rendered.sample_rate,
        size_bytes=published.m4a.size,
        fingerprint=analysis.fingerprint,
        same_samples=tuple(fmt for fmt in AudioFormat if fmt is not AudioFormat.M4A or rendered.m4a_same_samples),
        source_audio=download.source_audio.describe,
        download_source=download.fetched_by,
        processed_at=published.done,
        processing_s=(published.done - download.begun).total_seconds() if published.done and download.begun else None,
        evidence=_evidence(track, download, matched),
        links=_own_links(track),
        fell_back=matched.fell_back,
        spotify_id=_spotify_id(shop, track),
        eagle_id=eagle.item_id if eagle and not eagle.trashed else None,
        states=_states(analysis, in_eagle=eagle is not None and not eagle.trashed),
    )


def _evidence(track: Track, download: DownloadReceipt, matched: MatchReceipt) -> tuple[str, ...]:
    """Why this audio is the track's."""
    if matched.found_by not in (None, FoundBy.ITSELF):
        return (*matched.evidence, *(f"Before: {attempt.reason}" for attempt in matched.tried))
    length = download.source_audio.duration_s
    if download.fetched_by == "file":
        return (f"on a disk already: {download.file.path}" if looks_like_link(track.origin) else "the file itself",)
    if length and download.announced_s:
        return (f"the link itself; {download.announced_s:.1f} s were announced, {length:.1f} s came",)
    return ("the link itself",)


def _states(analysis: Analysis, *, in_eagle: bool) -> frozenset[ProcessingOption]:
    """The stages that are done, as the user's databases call them."""
    states = {ProcessingOption.CONVERTED, ProcessingOption.TAGGED}
    if analysis.bpm or analysis.key:
        states.add(ProcessingOption.ANALYSED)
    if in_eagle:
        states.add(ProcessingOption.IN_EAGLE)
    return frozenset(states)
