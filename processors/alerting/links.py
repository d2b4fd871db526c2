"""Links: which subjects' alerts are explained by which condition, kept in both directions."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from processors.alerting import index
from processors.alerting.index import owner
from processors.alerting.state import Alerting

DEADLINE = "link"


class Link(NamedTuple):
    """Alerts of `explained` are explained by alerts of `rule` on `explained_by`."""

    explained: str
    explained_by: str
    rule: str

    @property
    def _upward(self) -> tuple[str, str]:
        return owner("explained", self.explained), json.dumps([self.rule, self.explained_by], ensure_ascii=False)

    @property
    def _downward(self) -> tuple[str, str]:
        return owner("explains", self.rule, self.explained_by), self.explained

    @property
    def _deadline(self) -> str:
        return f"{DEADLINE}/{json.dumps(self, ensure_ascii=False)}"

    @classmethod
    def read(cls, entry: str) -> "Link | None":
        """From a deadline's name after `link/`; None when that is not a link of ours."""
        try:
            explained, explained_by, rule = json.loads(entry)
        except (ValueError, TypeError):
            return None
        return cls(str(explained), str(explained_by), str(rule))


def add(state: Alerting, link: Link, at: datetime) -> Alerting:
    """With this link, remembered for the settings' retention from now."""
    links = index.add(index.add(state.links, *link._upward), *link._downward)
    due = at + timedelta(days=state.settings.link_retention_days)
    return state.evolve(links=links).awaits(link._deadline, due)


def remove(state: Alerting, link: Link) -> Alerting:
    links = index.discard(index.discard(state.links, *link._upward), *link._downward)
    return state.evolve(links=links).awaits(link._deadline, None)


def known(state: Alerting, link: Link) -> bool:
    return index.contains(state.links, *link._upward)


def in_use(state: Alerting, link: Link) -> bool:
    """Whether it has something to explain, or to explain it by: forgetting it would tell or hide something."""
    return any(firing_for(state, link.explained)) or any(firing_for(state, link.rule, link.explained_by))


def firing_for(state: Alerting, *of: str) -> Iterator[str]:
    """Fingerprints of the alerts that fire for a subject, or for a rule on a subject."""
    return index.members(state.firing_alerts, owner(*of))


def merge(state: Alerting, fingerprint: str, before: str | None, into: str | None) -> Alerting:
    """An alert is dealt with under another one, not under the one before."""
    links = state.links
    if before is not None:
        links = index.discard(links, owner("merged", before), fingerprint)
    if into is not None:
        links = index.add(links, owner("merged", into), fingerprint)
    return state.evolve(links=links)


def explaining(state: Alerting, fingerprint: str) -> Iterator[str]:
    """Fingerprints of the firing alerts that a link, or somebody who merged them, names as the explanation of this."""
    row = state.alerts[fingerprint]
    for condition in index.members(state.links, owner("explained", row.subject)):
        yield from firing_for(state, *json.loads(condition))
    into = state.alerts.get(row.merged_into) if row.merged_into else None
    if row.merged_into and into is not None and into.firing:
        yield row.merged_into


def explained_by(state: Alerting, fingerprint: str) -> Iterator[str]:
    """Fingerprints of the firing alerts that this one is named as the explanation of."""
    row = state.alerts[fingerprint]
    for subject in index.members(state.links, owner("explains", row.rule, row.subject)):
        yield from firing_for(state, subject)
    for merged in index.members(state.links, owner("merged", fingerprint)):
        found = state.alerts.get(merged)
        if found is not None and found.firing:
            yield merged
