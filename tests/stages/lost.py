"""A track in the library that has lost files, and whose source is gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from examples.pieces import PIECES, render, write_with_ffmpeg
from tests.sandbox.music import Music
from tests.stages.story import Story
from tracksync.audio.cover import normalise_cover
from tracksync.model import Analysis, DownloadReceipt, PublishReceipt, RenderReceipt, Stage, State, Track
from tracksync.stages.download import file_fact
from tracksync.stages.publish import ensure_published, look_published
from tracksync.stages.restore import ensure_restored, has_some_files
from tracksync.stages.verify import verify_entry

__all__ = ["SHORT", "Made", "make"]

SHORT = replace(PIECES[0], seconds=4)
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001"
    "f61738550000000049454e44ae426082"
)


@dataclass
class Made:
    """A track in the library, whose source is gone."""

    story: Story
    track: Track
    published: PublishReceipt
    rendered: RenderReceipt

    def lose(self, *names: str) -> None:
        for name in names:
            place = self.published.copies[0] if name == "copy" else getattr(self.published, name)
            place.path.unlink()

    def restored(self) -> PublishReceipt | None:
        """As the flow does it: a look, the files in staging, and those that are lost at their places."""
        assert look_published(self.story.shop, self.track) is None
        assert has_some_files(self.story.shop, self.track)
        got = ensure_restored(self.story.shop, self.track)
        if got is None:
            return None
        analysis = self.story.journal.receipt(self.track.key, Stage.ANALYSE, Analysis)
        assert analysis is not None
        return ensure_published(self.story.shop, self.track, *got, analysis)

    def wrong(self) -> list[str]:
        entry = self.story.journal.find(self.track.key)
        assert entry is not None
        checks = verify_entry(self.story.shop, entry).checks
        assert len(checks) > 10
        return [f"{check.name}: {check.detail}" for check in checks if not check.ok and check.name != "catalogue"]

    def receipt(self) -> DownloadReceipt | None:
        return self.story.journal.receipt(self.track.key, Stage.DOWNLOAD, DownloadReceipt)


@pytest.fixture
def make(open_story: Callable[..., Story], music: Music, tmp_path: Path) -> Callable[..., Made]:
    def made(suffix: str = "mp3", *options: str, **settings: object) -> Made:
        story = open_story(**settings)
        source = tmp_path / f"source.{suffix}"
        if options:
            write_with_ffmpeg(source, render(SHORT), ffmpeg=story.shop.ffmpeg.path, options=options, metadata={})
        else:
            shutil.copy(music.write(SHORT, suffix), source)
        track = story.track(str(source))
        download, rendered = story.audio(track)
        picture = normalise_cover(PICTURE)
        assert picture is not None
        cover = story.shop.staging(track.key) / "cover.jpg"
        cover.write_bytes(picture)
        download = download.model_copy(update={"cover": file_fact(cover)})
        analysis = Analysis(bpm=122.0, pcm_sha256=rendered.pcm_sha256)
        story.journal.put_receipt(track.key, Stage.DOWNLOAD, download)
        story.journal.put_receipt(track.key, Stage.ANALYSE, analysis)
        published = ensure_published(story.shop, track, download, rendered, analysis)
        story.journal.set_state(track.key, State.SYNCED)
        story.shop.clear_staging(track.key)
        source.unlink()
        return Made(story, track, published, rendered)

    return made
