"""`tracksync verify`: read every file back and say what is not so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tracksync.catalogue import Page
from tracksync.cli.pages import page_id_of
from tracksync.cli.show import say, tell, write_json
from tracksync.cli.status import named_entries
from tracksync.errors import Misconfigured
from tracksync.journal import Entry
from tracksync.model import PublishReceipt, Stage, State
from tracksync.model import as_json as model_json
from tracksync.sources.detect import look
from tracksync.sources.whole import adopted_of
from tracksync.stages.workshop import Workshop, open_workshop

__all__ = ["run_verify"]


def run_verify(keys: Sequence[str], *, everything: bool, as_json: bool) -> int:
    """Verify the tracks; returns 1 where a check does not hold, else 0.

    Raises:
        Misconfigured: neither keys nor --all.
        NotFound: a key that the journal does not know.
    """
    from tracksync.stages.verify import verify_entry, verify_page

    if not keys and not everything:
        raise Misconfigured(
            "Nothing was named to verify.", action="Give keys (`tracksync status --json` lists them), links or --all."
        )
    from tracksync.stages.verify import NOT_MOUNTED

    wrong = away = 0
    with open_workshop() as shop:
        named: list[Entry | Page] = [
            entry for entry in shop.journal.entries(states=[State.SYNCED]) if entry.merged_into is None
        ]
        if keys:
            named = [_named(shop, key) for key in keys]
        for thing in named:
            if isinstance(thing, Page):
                receipt, title, name = verify_page(shop, thing), thing.properties.title, thing.properties.title
            else:
                receipt, title, name = verify_entry(shop, thing, at_rest=True), thing.facts.title, thing.facts.display
            wrong += not receipt.ok
            away += any(check.detail.endswith(NOT_MOUNTED) for check in receipt.checks)
            event = _event(thing.key, title, receipt.ok, [_plain(check) for check in receipt.checks])
            write_json(event) if as_json else _show(name, event)
        if not as_json:
            say(f"{len(named) - wrong} of {len(named)} tracks are as they were written down.")
            if away:
                say(f"{away} of them {'is' if away == 1 else 'are'} on a volume that is not mounted, not read.")
            if not keys and (others := _not_looked_at(shop)):
                say(f"{others} failed, wait or need a person, and {'is' if others == 1 else 'are'} not looked at.")
    return 1 if wrong else 0


def _not_looked_at(shop: Workshop) -> int:
    """How many tracks --all leaves out, because they are not synced."""
    return sum(entry.state is not State.SYNCED and entry.merged_into is None for entry in shop.journal.entries())


def _named(shop: Workshop, text: str) -> Entry | Page:
    """A track by its key, link or path; a page by its id or link, as its track where one is known to be its."""
    page_id = page_id_of(text)
    if page_id is None or look(shop.journal, [text]).known:
        return named_entries(shop.journal, [text])[0]
    page = shop.catalogue.page_of(page_id)
    entry = shop.journal.find(page.key) or shop.journal.find_by("page", page_id)
    key = (entry.merged_into or entry.key) if entry else ""
    is_ours = shop.journal.receipt(key, Stage.PUBLISH, PublishReceipt) or adopted_of(shop.journal, key)
    return entry if entry and is_ours else page


def _plain(check: Any) -> dict[str, Any]:
    return model_json(check)


def _event(key: str, title: str, ok: bool, checks: list[dict[str, Any]]) -> dict[str, Any]:
    return {"event": "verify", "key": key, "title": title, "ok": ok, "checks": checks}


def _show(name: str, event: dict[str, Any]) -> None:
    from tracksync.stages.verify import NOT_MOUNTED

    tell(("✓", "green") if event["ok"] else ("✗", "red"), f" {name}")
    for check in event["checks"]:
        if not check["ok"] or check["detail"].endswith(NOT_MOUNTED):
            tell(f"    {check['name']}: {check['detail']}")
    wrong = [check["name"] for check in event["checks"] if not check["ok"]]
    told = any("run `tracksync" in check["detail"] for check in event["checks"] if not check["ok"])
    if wrong and all(name.startswith("eagle") for name in wrong):
        if told:  # the check itself says what to do
            return
        tell("    → Open Eagle with its library, and run `tracksync recover`.")
    elif wrong and all(name.endswith(("exists", "catalogue")) for name in wrong):
        tell(f"    → Run `tracksync sync {event['key']}` to put back what is lost.")
    elif wrong:
        tell(f"    → Run `tracksync sync {event['key']} --refresh` to make its files again.")
