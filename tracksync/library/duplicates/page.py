"""The duplicates as one HTML page that needs nothing else: each group with its files, and a player for each."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from tracksync.library.duplicates.model import Group, Kind, Member

__all__ = ["html_page"]

_TITLES = {
    Kind.EXACT: "Exactly the same audio",
    Kind.SAME: "The same recording in another quality",
    Kind.DOUBT: "In doubt",
}
_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#222;background:#fff}
h2{margin:2.5rem 0 .5rem}section{border:1px solid #ccc;border-radius:.5rem;margin:1rem 0;padding:.5rem 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem .3rem 0;vertical-align:top}
td.path{word-break:break-all}audio{width:16rem;height:2rem}.keep{font-weight:600}small{color:#666}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}section{border-color:#444}small{color:#999}}
"""


def html_page(groups: Sequence[Group]) -> str:
    """The page. Its players play the files where they are, by file: links; nothing of a name becomes markup."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>Duplicates</title><style>{_STYLE}</style></head><body><h1>Duplicates</h1>",
        "<p>The first file of each group is the one to keep.</p>",
    ]
    for kind, title in _TITLES.items():
        of_kind = [group for group in groups if group.kind is kind]
        parts.append(f"<h2>{title}: {len(of_kind)}</h2>")
        parts += [_section(group) for group in of_kind]
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _section(group: Group) -> str:
    rows = "\n".join(_row(member, group.why if number == 0 else "") for number, member in enumerate(group.members))
    evidence = f"<small>{_text(group.evidence)}</small>" if group.evidence else ""
    return f"<section><table>\n{rows}\n</table>{evidence}</section>"


def _row(member: Member, why: str) -> str:
    file = member.file
    name = " – ".join(filter(None, (", ".join(file.artists), file.title)))
    length = f"{int((file.duration_s or 0) // 60)}:{int((file.duration_s or 0) % 60):02}"
    link = _link(file.path)
    notes = [f"keep: {why}"] if why else []
    notes += [f"stays: {member.protected}"] if member.protected else []
    return (
        f"<tr{' class=keep' if why else ''}>"
        f'<td><audio controls preload="none" src="{link}"></audio></td>'
        f'<td class="path">{_text(name)}<br><a href="{link}"><small>{_text(str(file.path))}</small></a></td>'
        f"<td>{_text(file.format)}<br><small>{length}, {file.size / 1e6:.1f} MB</small></td>"
        f"<td><small>{_text('; '.join(notes))}</small></td></tr>"
    )


def _link(path: Path) -> str:
    # Quoted byte by byte: a name need not be text.
    return escape(path.as_uri(), quote=True)


def _text(text: str) -> str:
    return escape(text.encode("utf-8", "backslashreplace").decode(), quote=True)
