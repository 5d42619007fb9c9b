"""Flows and recommendations as the API publishes them; pages and terminal are made from the same values."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct, field

from diag.core.entry import SourceLink
from diag.core.flow_choice import Assumption, Recommendation, recommend, remaining
from diag.core.flow_registration import credential_step, registration_steps
from diag.core.flows import (
    Answers,
    Calls,
    CredentialKind,
    Flow,
    FlowTable,
    Never,
    Pitfall,
    Question,
    Told,
    contradicts,
)
from diag.core.registration import Platform
from diag.core.remedy import Fix

NameOf = Callable[[int], str]
"""A code's name; empty when it has none."""


class FlowCode(Struct, frozen=True):
    """What usually goes wrong, by the code that comes then."""

    code: int
    name: str
    what: str


class FlowRequest(Struct, frozen=True):
    calls: tuple[Calls, ...]
    scope: str
    note: str


class FlowCredential(Struct, frozen=True, kw_only=True):
    kind: CredentialKind
    why: str
    applies: Literal["yes", "unknown"]
    """yes: it can be had; unknown: it depends on an answer that was not given, which ``fits`` names."""
    fits: dict[str, tuple[Told, ...]]
    step: Fix | None
    """How the application gets it; null where there is nothing to add."""


class FlowLine(Struct, frozen=True, kw_only=True):
    id: str
    building: str
    client: Literal["confidential", "public"]
    name: str
    why: str
    platform: Platform | None
    fits: dict[str, tuple[Told, ...]]
    codes: tuple[int, ...]
    """What usually goes wrong."""


class FlowWhole(FlowLine, frozen=True, kw_only=True):
    """A flow with everything that is needed to use it."""

    grant: str
    """grant_type of the token request; empty where the platform hides it."""
    redirect_uris: tuple[str, ...]
    register: tuple[Fix, ...]
    """In this order."""
    credentials: tuple[FlowCredential, ...]
    """Best first; empty for a public client."""
    request: tuple[FlowRequest, ...]
    goes_wrong: tuple[FlowCode, ...]
    sources: tuple[SourceLink, ...]


class NeverItem(Struct, frozen=True, kw_only=True):
    """A way that is not to be used for anything new."""

    id: str
    name: str
    recognise: str
    why: str
    instead: str
    flows: tuple[str, ...]
    goes_wrong: tuple[FlowCode, ...]
    sources: tuple[SourceLink, ...]


class FlowOption(Struct, frozen=True):
    value: Told
    label: str
    flows: tuple[str, ...]
    """The flows that are left with this answer."""


class FlowQuestion(Struct, frozen=True, kw_only=True):
    id: str
    text: str
    why: str
    options: tuple[FlowOption, ...]


class FlowGuide(Struct, frozen=True, kw_only=True):
    """The whole table."""

    value: tuple[FlowLine, ...]
    never: tuple[NeverItem, ...]
    questions: tuple[FlowQuestion, ...]


class FlowCandidate(Struct, frozen=True):
    id: str
    building: str
    name: str
    assumes: tuple[Assumption, ...]
    """Answers that were not given and that it needs."""


class FlowDeadEnd(Struct, frozen=True):
    id: str
    why: str
    instead: str


class FlowRuledOut(Struct, frozen=True):
    id: str
    because: tuple[str, ...]
    """The questions whose answers speak against it."""


class FlowRecommendation(Struct, frozen=True, kw_only=True):
    outcome: Literal["one", "several", "none"]
    answers: dict[str, Told]
    """The answers that were given."""
    flow: FlowWhole | None
    """The flow that fits; null unless exactly one does."""
    candidates: tuple[FlowCandidate, ...]
    question: FlowQuestion | None
    """What would decide among several."""
    refine: tuple[FlowQuestion, ...]
    """Would sharpen the credential or the request, not change the flow."""
    dead_ends: tuple[FlowDeadEnd, ...]
    """Why no flow fits."""
    ruled_out: tuple[FlowRuledOut, ...]
    unused: tuple[str, ...] = field(default=())
    """Answers that make no difference here."""


def guide(table: FlowTable, name_of: NameOf) -> FlowGuide:
    """The table without commands."""
    return FlowGuide(
        value=tuple(line(flow) for flow in table.flows),
        never=tuple(never_item(item, name_of) for item in table.never),
        questions=tuple(_question(item, list(table.flows)) for item in table.questions),
    )


def line(flow: Flow) -> FlowLine:
    return FlowLine(
        id=flow.id,
        building=flow.building,
        client=flow.client,
        name=flow.name,
        why=flow.why,
        platform=flow.register.platform,
        fits=dict(flow.fits),
        codes=tuple(item.code for item in flow.goes_wrong),
    )


def whole(flow: Flow, name_of: NameOf, answers: Answers | None = None) -> FlowWhole:
    """One flow; with ``answers`` only the credentials and requests that agree with them."""
    answers = answers or Answers()
    known = answers.known()
    short = line(flow)
    return FlowWhole(
        **{name: getattr(short, name) for name in FlowLine.__struct_fields__},
        grant=flow.grant,
        redirect_uris=flow.register.redirect_uris,
        register=registration_steps(flow, answers.calls),
        credentials=tuple(
            FlowCredential(
                kind=option.kind,
                why=option.why,
                applies="yes" if option.fits.keys() <= known.keys() else "unknown",
                fits=dict(option.fits),
                step=credential_step(option),
            )
            for option in flow.credentials
            if not contradicts(option.fits, known)
        ),
        request=tuple(
            FlowRequest(item.calls, item.scope, item.note)
            for item in flow.request
            if "calls" not in known or known["calls"] in item.calls or len(flow.request) == 1
        ),
        goes_wrong=_codes(flow.goes_wrong, name_of),
        sources=tuple(SourceLink(item.url, item.checked, item.supports) for item in flow.sources),
    )


def never_item(item: Never, name_of: NameOf) -> NeverItem:
    return NeverItem(
        id=item.id,
        name=item.name,
        recognise=item.recognise,
        why=item.why,
        instead=item.instead,
        flows=item.flows,
        goes_wrong=_codes(item.goes_wrong, name_of),
        sources=tuple(SourceLink(one.url, one.checked, one.supports) for one in item.sources),
    )


def recommendation(table: FlowTable, answers: Answers, name_of: NameOf) -> FlowRecommendation:
    """What the table says to the answers."""
    found: Recommendation = recommend(table, answers)
    fitting = [candidate.flow for candidate in found.candidates]
    return FlowRecommendation(
        outcome=found.outcome,
        answers=answers.known(),
        flow=whole(fitting[0], name_of, answers) if found.outcome == "one" else None,
        candidates=tuple(
            FlowCandidate(one.flow.id, one.flow.building, one.flow.name, one.assumes) for one in found.candidates
        ),
        question=_question(found.question, fitting) if found.question else None,
        refine=tuple(_question(item, fitting) for item in found.refine),
        dead_ends=tuple(FlowDeadEnd(end.id, end.why, end.instead) for end in found.dead_ends),
        ruled_out=tuple(FlowRuledOut(out.flow.id, out.because) for out in found.ruled_out),
        unused=found.unused,
    )


def _question(question: Question, flows: list[Flow]) -> FlowQuestion:
    return FlowQuestion(
        id=question.id,
        text=question.text,
        why=question.why,
        options=tuple(
            FlowOption(
                option.value, option.label, tuple(flow.id for flow in remaining(flows, question.id, option.value))
            )
            for option in question.options
        ),
    )


def _codes(pitfalls: tuple[Pitfall, ...], name_of: NameOf) -> tuple[FlowCode, ...]:
    return tuple(FlowCode(item.code, name_of(item.code), item.what) for item in pitfalls)
