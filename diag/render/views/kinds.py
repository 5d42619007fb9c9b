"""What kind of program an application most likely is, as its page shows it."""

from datetime import datetime

from msgspec import Struct

from diag.core.advice import how_to_learn
from diag.core.likely_kind import FLOWS, NAMES, LikelyKinds
from diag.render.views.chrome import Link
from diag.render.views.diagnosis import EvidenceView, evidence_view

_FLOWS_OF = {
    "web-app": "Flow of web applications",
    "single-page-app": "Flow of single-page applications",
    "mobile-app": "Flow of mobile apps",
    "desktop-app": "Flow of desktop programs",
    "command-line": "Flow of command-line tools",
    "input-limited": "Device code",
    "daemon": "Flow of daemons",
    "pipeline": "Flow of pipelines",
    "outside-workload": "Flow of workloads outside Azure",
    "azure-workload": "Flow of workloads inside Azure",
    "api-for-user": "APIs that call on for a user",
}


class KindView(Struct, frozen=True, kw_only=True):
    name: str
    confidence: str
    evidence: tuple[EvidenceView, ...]
    flows: tuple[Link, ...]


class KindsView(Struct, frozen=True, kw_only=True):
    kinds: tuple[KindView, ...]
    empty: str
    needs: tuple[str, ...]
    """Sentences on what would tell more."""


def kinds_view(found: LikelyKinds, now: datetime) -> KindsView:
    """Surest first."""
    return KindsView(
        kinds=tuple(
            KindView(
                name=NAMES[item.kind][:1].upper() + NAMES[item.kind][1:],
                confidence=item.confidence,
                evidence=tuple(evidence_view(one, now) for one in item.evidence),
                flows=tuple(Link(_FLOWS_OF[name], f"/flows/{name}") for name in FLOWS[item.kind]),
            )
            for item in found.kinds
        ),
        empty="Nothing that was read tells what kind of program this is.",
        needs=tuple(dict.fromkeys(need.how or how_to_learn(need.fact) for need in found.needs)),
    )
