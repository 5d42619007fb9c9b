"""House rules for entries: nothing loading refuses, but what a reader or a reviewer would stumble over."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

from msgspec import Struct

from diag.adapters.kb_files.check_loader import LoadedChecks
from diag.adapters.kb_files.flows import FLOWS
from diag.adapters.kb_files.loader import Loaded
from diag.core.entry import Entry, SourceLink, Status
from diag.core.flows import Flow, FlowTable

_OLDEST_SOURCE_DAYS = 548
_NEVER = {
    r"\bAzure AD\b(?! (?:Graph|B2C|PowerShell|Connect))|\bAAD\b": "Entra ID",
    r"\bapp objects?\b": "application",
    r"\benterprise apps?\b(?!lication)": "service principal",
    r"\bSPNs?\b": "service principal",
    r"\bcallback (?:URL|URI|address)s?\b": "redirect URI",
    r"\b[Ll]og(?:s|ged|ging)? in\b": "sign in",
}


class Finding(Struct, frozen=True):
    rule: str
    """Stable number, for example ``KB003``."""
    severity: Literal["error", "warning"]
    path: str
    text: str


_Rule = tuple[str, Literal["error", "warning"], str]


def findings(loaded: Loaded, today: date | None = None) -> list[Finding]:
    """What the house rules find; ``today`` lets them see sources that have grown old."""
    found: list[Finding] = []
    for entry in loaded.entries:
        path = loaded.paths[str(entry.code or entry.symptom)]
        found += [Finding(rule, severity, path, text) for rule, severity, text in _of(entry, today)]
    return [*found, *_flow_findings(loaded.flows, today)]


def _flow_findings(table: FlowTable, today: date | None) -> Iterator[Finding]:
    """The same rules for the table of flows, each finding with the part it is about."""
    parts: list[tuple[str, list[str], tuple[SourceLink, ...]]] = [
        (flow.id, _flow_prose(flow), flow.sources) for flow in table.flows
    ]
    for item in table.never:
        texts = [item.name, item.recognise, item.why, item.instead, *(one.what for one in item.goes_wrong)]
        parts.append((item.id, texts, item.sources))
    parts += [(end.id, [end.why, end.instead], ()) for end in table.dead_ends]
    for question in table.questions:
        parts.append((question.id, [question.text, question.why, *(one.label for one in question.options)], ()))
    for name, texts, sources in parts:
        for rule, severity, text in (*_old(sources, today), *_worded(texts)):
            yield Finding(rule, severity, f"{FLOWS} ({name})", text)


def _flow_prose(flow: Flow) -> list[str]:
    texts = [flow.building, flow.name, flow.why, *(option.why for option in flow.credentials)]
    return [*texts, *(item.note for item in flow.request), *(item.what for item in flow.goes_wrong)]


def check_findings(loaded: LoadedChecks, today: date | None = None) -> list[Finding]:
    """The same rules for checks."""
    found: list[Finding] = []
    titles = Counter(check.title.lower() for check in loaded.checks)
    for check in loaded.checks:
        texts = [check.title, check.root_cause, check.risk, check.notes]
        texts += [text for step in check.confirm for text in (step.do, step.expect)]
        rules = [*_old(check.sources, today), *_unstable(check.status), *_worded(texts)]
        if titles[check.title.lower()] > 1:
            rules.append(("KB001", "error", f"another check has the title “{check.title}”"))
        found += [Finding(rule, severity, loaded.paths[check.id], text) for rule, severity, text in rules]
    return found


def _of(entry: Entry, today: date | None) -> list[_Rule]:
    found: list[_Rule] = []
    titles = Counter(cause.title.lower() for cause in entry.causes)
    for title, count in titles.items():
        if count > 1:
            found.append(("KB001", "error", f"{count} causes share the title “{title}”"))
    return [*found, *_old(entry.sources, today), *_unstable(entry.status), *_worded(_prose(entry))]


def _old(sources: Iterable[SourceLink], today: date | None) -> Iterator[_Rule]:
    for source in sources:
        age = (today - date.fromisoformat(source.checked)).days if today else 0
        if age > _OLDEST_SOURCE_DAYS:
            yield ("KB002", "warning", f"{source.url} was read {age} days ago; read it again")


def _unstable(status: Status) -> Iterator[_Rule]:
    if status == "stable":
        yield ("KB003", "error", "is stable without a real record per cause; say test")


def _worded(texts: list[str]) -> Iterator[_Rule]:
    for text in texts:
        for pattern, better in _NEVER.items():
            match = re.search(pattern, text)
            if match:
                yield ("KB004", "error", f"says “{match.group()}”; say {better}")
    for text in texts:
        if len(text) > 900:
            yield ("KB005", "warning", f"a text of {len(text)} characters begins “{text[:50]}”; shorten it")


def _prose(entry: Entry) -> list[str]:
    texts = [entry.summary, entry.notes, *entry.questions.values()]
    for cause in entry.causes:
        texts += [cause.title, cause.root_cause]
        texts += [text for step in cause.confirm for text in (step.do, step.expect)]
    return texts
