"""Stage 6, verify: every file is read back and held against what was written down. Only then is a track synced."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tracksync.audio.camelot import key_name, parse_key
from tracksync.audio.decode import Decoded, decode_all
from tracksync.audio.tags import WrittenTags, expected_tags, read_back, tag_differences
from tracksync.catalogue import Page
from tracksync.errors import Damaged, TracksyncError, Transient, VolumeAway
from tracksync.journal import Entry
from tracksync.library.storage import away_volume
from tracksync.model import (
    Analysis,
    AudioFormat,
    Check,
    DownloadReceipt,
    FileFact,
    PublishReceipt,
    RecordReceipt,
    RenderReceipt,
    Stage,
    State,
    Track,
    VerifyReceipt,
)
from tracksync.sources.whole import adopted_of, away_of
from tracksync.stages.download import is_unchanged
from tracksync.stages.eagle import eagle_checks, named_item_checks
from tracksync.stages.page_files import sound_checks, title_check
from tracksync.stages.publish import comment_for
from tracksync.stages.workshop import Workshop

__all__ = ["NOT_MOUNTED", "ensure_verified", "verify_entry", "verify_page"]

NOT_MOUNTED = "not mounted now"
"""How the detail of a check ends that could not be made: it is no fault."""

# An AAC encoder pads the last frame (1,024 samples); containers round to their time base.
_LENGTH_TOLERANCE_S = 0.06


def ensure_verified(shop: Workshop, track: Track) -> VerifyReceipt:
    """Read back every file of the track.

    Of one that was there before us, what the run did was read back where it was done; here its files are looked for.

    Raises:
        Damaged: something is not as it was written; the sentence names the first such thing.
        VolumeAway: a file can't be read back now.
    """
    shop.reporter.progress(track, Stage.VERIFY, None)
    entry = shop.journal.find(track.key)
    assert entry is not None  # noqa: S101 (the journal made it before the first stage)
    is_first = shop.journal.receipt(track.key, Stage.VERIFY, VerifyReceipt) is None
    is_adopted = adopted_of(shop.journal, track.key) is not None
    try:
        receipt = _receipt(_files_stand(shop, track.key)) if is_adopted else verify_entry(shop, entry)
    except OSError:
        _all_mounted(shop, track)
        raise
    if is_first or not receipt.ok:
        _all_mounted(shop, track)  # later, what is on a volume that is away was read back once
    shop.journal.put_receipt(track.key, Stage.VERIFY, receipt)
    if not receipt.ok:
        first = receipt.failures()[0]
        if is_adopted:
            raise Damaged(
                f"A file that the page of {entry.facts.display} names went away: {first.detail}.",
                action=f"Put it back, or run `tracksync sync {track.key}` to make it again.",
            )
        raise Damaged(
            f"{entry.facts.display} was written but did not read back right: {first.name}: {first.detail}",
            action=f"Run `tracksync sync {track.key} --refresh` to make its files again.",
        )
    return receipt


def _all_mounted(shop: Workshop, track: Track) -> None:
    published = shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    for fact in published.files if published else ():
        if (volume := away_of(fact.path)) is not None:
            raise VolumeAway(
                f"The volume {volume} is not mounted; {fact.path} is on it and can't be read back.",
                action="Connect it, and run again.",
            )


def verify_page(shop: Workshop, page: Page) -> VerifyReceipt:
    """Look at a page that was there before us: what it says of itself, the files and the item that it names."""
    return _receipt([*_page_checks(shop, page), *named_item_checks(shop, page.properties.eagle_id)])


def _page_checks(shop: Workshop, page: Page) -> list[Check]:
    held = page.properties
    told = "says downloaded" if page.downloaded else "does not say downloaded"
    checks = [Check(name="page downloaded", ok=page.downloaded, detail=f"page {page.page_id} {told}")]
    present: dict[str, Path] = {}
    for fmt in shop.catalogue.formats():
        path = held.files.get(fmt)
        if path is None:
            checks.append(Check(name=f"{fmt.value} named", ok=False, detail="the page names none"))
            continue
        checks.append(_exists(fmt.value, path))
        if path.is_file():
            present[fmt.value] = path
    checks += sound_checks(shop.ffmpeg, present, held.duration_s)
    checks += [title_check(name, file, held.title) for name, file in present.items()]
    return checks


def verify_entry(shop: Workshop, entry: Entry, *, at_rest: bool = False) -> VerifyReceipt:
    """Look at everything that the journal says of a track. Never raises for what it finds: that is its answer.

    With `at_rest`, when no run is at it, also at its item in Eagle, which a run reads back when it imports it, and
    whether its page says Downloaded, which is written last.
    """
    key = entry.merged_into or entry.key
    if adopted_of(shop.journal, key) is not None:
        holder = shop.journal.find(key) or entry
        checks = _adopted_checks(shop, holder)
        return _receipt([*checks, *(eagle_checks(shop, holder) if at_rest else [])])
    published = shop.journal.receipt(key, Stage.PUBLISH, PublishReceipt)
    rendered = shop.journal.receipt(key, Stage.TRANSCODE, RenderReceipt)
    if published is None or rendered is None:
        checks = [
            Check(name="published", ok=False, detail=f"it never reached the library (state: {entry.state.value})")
        ]
    else:
        checks = _file_checks(shop, published, rendered)
        holder = shop.journal.find(key) or entry
        checks += _tag_checks(shop, holder, published, at_rest=at_rest)
        checks.append(_leftovers(published))
        checks += _catalogue_checks(shop, holder, at_rest=at_rest)
        checks += eagle_checks(shop, holder) if at_rest else []
    return _receipt(checks)


def _adopted_checks(shop: Workshop, entry: Entry) -> list[Check]:
    """A track that was there before us is as its page is now; where that can't be read, as it was written down."""
    recorded = shop.journal.receipt(entry.key, Stage.RECORD, RecordReceipt)
    if recorded is not None and recorded.page_id is not None and recorded.catalogue == shop.catalogue.name:
        try:
            return _page_checks(shop, shop.catalogue.page_of(recorded.page_id))
        except TracksyncError as error:
            return [Check(name="catalogue", ok=False, detail=error.message)]
    return _files_stand(shop, entry.key)


def _files_stand(shop: Workshop, key: str) -> list[Check]:
    """Whether the files of a track from before us exist, or their volume is merely away."""
    adopted = adopted_of(shop.journal, key)
    return [_exists(fmt.value, path) for fmt, path in adopted.files.items()] if adopted else []


def _receipt(checks: list[Check]) -> VerifyReceipt:
    return VerifyReceipt(checks=tuple(checks), at=datetime.now(UTC).isoformat(timespec="seconds"))


def _catalogue_checks(shop: Workshop, entry: Entry, *, at_rest: bool) -> list[Check]:
    try:
        checks = shop.catalogue.check(entry.key)
        page = shop.catalogue.find(entry.key) if at_rest and entry.state is State.SYNCED and checks[0].ok else None
    except Transient as error:
        return [Check(name="catalogue", ok=False, detail=error.message)]
    if page is not None and not page.downloaded:
        checks.append(Check(name="page downloaded", ok=False, detail="its page does not say downloaded"))
    return checks


def _places(published: PublishReceipt) -> dict[str, FileFact]:
    places = {fmt.value: getattr(published, fmt.value) for fmt in AudioFormat}
    return places | {f"m4a copy {n}": fact for n, fact in enumerate(published.copies, 1)}


def _file_checks(shop: Workshop, published: PublishReceipt, rendered: RenderReceipt) -> list[Check]:
    places = _places(published)
    checks = [_exists(name, fact.path) for name, fact in places.items()]
    present = {name: fact.path for name, fact in places.items() if fact.path.is_file() and fact.path.stat().st_size}
    try:
        decoded = decode_all(shop.ffmpeg, present, bits=rendered.bits) if present else {}
    except TracksyncError as error:
        return [*checks, Check(name="decode", ok=False, detail=error.message)]
    for name, result in decoded.items():
        problems = "; ".join(result.errors[:2])
        checks.append(
            Check(name=f"{name} decodes", ok=not result.errors, detail=problems or f"{result.duration_s:.3f} s")
        )
        off = abs(result.duration_s - rendered.duration_s)
        checks.append(
            Check(
                name=f"{name} length",
                ok=off <= _LENGTH_TOLERANCE_S,
                detail=f"{result.duration_s:.3f} s, rendered {rendered.duration_s:.3f} s",
            )
        )
    checks += _samples(decoded, rendered)
    return checks + ([_plain_header(present["wav"])] if "wav" in present else [])


def _exists(name: str, path: Path) -> Check:
    if not path.is_file():
        if (away := away_volume(path)) is not None:
            return Check(name=f"{name} exists", ok=True, detail=f"{path} is on {away}, {NOT_MOUNTED}")
        return Check(name=f"{name} exists", ok=False, detail=f"{path} is not there")
    return Check(name=f"{name} exists", ok=path.stat().st_size > 0, detail=str(path))


def _samples(decoded: dict[str, Decoded], rendered: RenderReceipt) -> list[Check]:
    """Where a file holds samples exactly, they are the very ones that were rendered: so WAV and AIFF are identical."""
    exact = ("wav", "aiff", "m4a") if rendered.m4a_same_samples else ("wav", "aiff")
    checks = []
    for name in exact:
        if name in decoded:
            same = decoded[name].samples_sha256 == rendered.pcm_sha256
            told = "as rendered" if same else "not the samples that were rendered"
            checks.append(Check(name=f"{name} samples", ok=same, detail=told))
    return checks


def _plain_header(wav: Path) -> Check:
    """Players refuse a WAV whose header is of the extensible kind: its format must be 1, plain PCM."""
    with wav.open("rb") as stream:
        head = stream.read(24)
    plain = head[:4] == b"RIFF" and head[12:16] == b"fmt " and int.from_bytes(head[20:22], "little") == 1
    return Check(name="wav header", ok=plain, detail="plain PCM" if plain else "not plain PCM: some players refuse it")


def _tag_checks(shop: Workshop, entry: Entry, published: PublishReceipt, *, at_rest: bool) -> list[Check]:
    analysis = shop.journal.receipt(entry.key, Stage.ANALYSE, Analysis)
    download = shop.journal.receipt(entry.key, Stage.DOWNLOAD, DownloadReceipt)
    if download is None:
        return []
    checks = []
    for fmt in AudioFormat:
        fact: FileFact = getattr(published, fmt.value)
        if not fact.path.is_file():
            continue
        check = _tag_check(fmt, fact.path, entry.key, download, analysis)
        if not check.ok and not at_rest and not is_unchanged(fact):
            continue  # what a person's program wrote into it since is not this run's
        checks.append(check)
    return checks


def _tag_check(fmt: AudioFormat, path: Path, key: str, download: DownloadReceipt, analysis: Analysis | None) -> Check:
    name = f"{fmt.value} tags"
    try:
        wrong = _differences(fmt, read_back(path, fmt), key, download, analysis)
    except (OSError, TracksyncError) as error:
        return Check(name=name, ok=False, detail=str(error))
    return Check(name=name, ok=not wrong, detail="; ".join(wrong) or "as recorded")


def _differences(
    fmt: AudioFormat, tags: WrittenTags, key: str, download: DownloadReceipt, analysis: Analysis | None
) -> list[str]:
    """What of the tags is not as it was written. A key counts as a key, in whichever notation it stands."""
    measured = analysis or Analysis()
    expected = expected_tags(
        fmt,
        download.facts,
        key=key,
        bpm=measured.bpm,
        musical_key=None,
        notation="standard",
        comment=comment_for(download),
        cover=None,
    )
    wrong = tag_differences(expected, tags)
    if measured.key and parse_key(tags.key_text or "") != measured.key:
        wrong.append(f"key is {tags.key_text!r}, written was {key_name(measured.key)}")
    if download.cover and not tags.cover_bytes:
        wrong.append("the cover is gone")
    return wrong


def _leftovers(published: PublishReceipt) -> Check:
    parts: list[str] = []
    for folder in {fact.path.parent for fact in _places(published).values()}:
        if folder.is_dir():
            parts += [str(path) for path in folder.glob(".*.part") if _is_ours(path, published)]
    return Check(name="nothing half-written", ok=not parts, detail=", ".join(parts) or "no leftovers")


def _is_ours(part: Path, published: PublishReceipt) -> bool:
    from tracksync.library.publish import part_path

    return any(part == part_path(fact.path) for fact in _places(published).values())
