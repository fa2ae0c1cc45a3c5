"""`tracksync match --from FILE`: the matcher alone, offline. A case a line in, an answer a line out, in order."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from tracksync.cli.show import write_json
from tracksync.errors import Misconfigured
from tracksync.matching import Candidate, Decision, Wanted, decide
from tracksync.settings import load_settings

__all__ = ["answer", "run_match"]


class _BadCaseError(ValueError):
    """A line that is no case; says why."""


def run_match(source: str) -> int:
    """Answer every case of a file, or of stdin where it is `-`. Returns 1 where a line was no case, else 0.

    Raises:
        Misconfigured: the file cannot be read.
    """
    prefer_extended = load_settings().prefer_extended
    bad = 0
    with _opened(source) as lines:
        for number, line in enumerate(_lines(lines, source), start=1):
            if not line.strip():
                continue
            try:
                write_json(answer(line, prefer_extended=prefer_extended))
            except _BadCaseError as error:
                bad += 1
                sys.stderr.write(f"tracksync: line {number} is no case: {error}.\n")
    return 1 if bad else 0


@contextmanager
def _opened(source: str) -> Iterator[BinaryIO]:
    if source == "-":
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(source).open("rb"))
        except (OSError, ValueError) as error:
            raise _unreadable(source, error) from None
        yield file


def _lines(file: BinaryIO, source: str) -> Iterator[bytes]:
    try:
        yield from file
    except OSError as error:
        raise _unreadable(source, error) from None


def _unreadable(source: str, error: Exception) -> Misconfigured:
    reason = getattr(error, "strerror", None) or str(error)
    return Misconfigured(f"{source} cannot be read: {reason}.", action="Name a file of JSON lines, or - for stdin.")


def answer(line: bytes, *, prefer_extended: bool = False) -> dict[str, Any]:
    """The answer to one case, as the contract has it."""
    try:
        case = json.loads(line.decode("utf-8-sig"), parse_constant=lambda _: None)
    except UnicodeDecodeError:
        raise _BadCaseError("it is not UTF-8") from None
    except (ValueError, RecursionError):
        raise _BadCaseError("it is not JSON") from None
    if not isinstance(case, dict):
        raise _BadCaseError("it is not an object")
    wanted = _wanted(case.get("wanted"))
    listed = case.get("candidates")
    if listed is None:
        listed = []
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise _BadCaseError("its candidates are not a list of objects")
    candidates = [_candidate(one, number) for number, one in enumerate(listed, start=1)]
    decision = decide(wanted, candidates, prefer_extended=prefer_extended)
    ids = {id(candidate): one.get("id") for candidate, one in zip(candidates, listed, strict=True)}
    return {"case": case.get("case"), **_told(decision, ids)}


def _told(decision: Decision, ids: dict[int, Any]) -> dict[str, Any]:
    def named(candidate: Candidate) -> Any:
        own = ids.get(id(candidate))
        return candidate.id if own is None else own

    return {
        "choice": named(decision.choice) if decision.choice else None,
        "score": decision.score,
        "evidence": [
            {
                "id": named(verdict.candidate),
                "accepted": verdict.accepted,
                "score": verdict.score,
                "parts": verdict.parts,
                "reasons": list(verdict.reasons),
            }
            for verdict in decision.verdicts
        ],
    }


def _wanted(told: object) -> Wanted:
    if not isinstance(told, dict):
        raise _BadCaseError("it has no wanted track")
    title = _text(told.get("title"))
    if title is None:
        raise _BadCaseError("its wanted track has no title")
    return Wanted(
        title=title,
        artists=_names(told.get("artists")),
        duration_s=_number(told.get("duration_s")),
        isrc=_text(told.get("isrc")),
        album=_text(told.get("album")),
    )


def _candidate(told: dict[str, Any], number: int) -> Candidate:
    views = _number(told.get("views"))
    return Candidate(
        id=_text(told.get("id")) or f"#{number}",
        source=_text(told.get("source")) or "",
        title=_text(told.get("title")) or "",
        artists=_names(told.get("artists")),
        channel=_text(told.get("channel")),
        duration_s=_number(told.get("duration_s")),
        isrc=_text(told.get("isrc")),
        album=_text(told.get("album")),
        views=int(views) if views is not None else None,
        link=_text(told.get("link")),
    )


def _text(value: object) -> str | None:
    """A text that can be written as UTF-8: half a surrogate pair is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value) if not isinstance(value, int) or abs(value) < 10**18 else None
    return text.encode("utf-8", "replace").decode("utf-8") if text is not None and text.strip() else None


def _names(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    # An artist may be an object with a name, as the services have it.
    names = (_text(one.get("name") if isinstance(one, dict) else one) for one in listed)
    return tuple(name for name in names if name)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e15 else None
