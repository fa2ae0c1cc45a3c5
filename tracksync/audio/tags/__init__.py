"""The tags of the three files, written with mutagen, and those of any source file, read with it."""

from tracksync.audio.tags._read import SourceTags, facts_from, read_source
from tracksync.audio.tags._riff import plain_pcm_header
from tracksync.audio.tags._write import WrittenTags, read_back, write_tags

__all__ = ["SourceTags", "WrittenTags", "facts_from", "plain_pcm_header", "read_back", "read_source", "write_tags"]
