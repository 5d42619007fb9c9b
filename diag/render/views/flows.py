"""The page of flows, and one flow: questions as a form, what fits, and how it is registered."""

from collections.abc import Mapping

from msgspec import Struct

from diag.core.flow_answers import word
from diag.core.flows import Answers, Told
from diag.render import links
from diag.render.flow_answer import FlowGuide, FlowQuestion, FlowRecommendation, FlowWhole, NeverItem
from diag.render.flow_text import CREDENTIALS
from diag.render.views.chrome import Link
from diag.render.views.fixes import FixView, fix_view

_PLATFORMS = {
    "web": "Web",
    "spa": "Single-page application",
    "public_client": "Mobile and desktop applications",
    None: "None: no redirect URI",
}
_CLIENTS = {"confidential": "Confidential client, with a credential", "public": "Public client, without a credential"}
_CALLS = {
    "graph": "Microsoft Graph",
    "own_api": "An API of your own",
    "azure": "Azure",
    "nothing": "Sign-in only",
}


class AnswerView(Struct, frozen=True):
    value: str
    label: str
    chosen: bool
    href: str
    """The page with this answer besides those given."""


class QuestionView(Struct, frozen=True):
    id: str
    text: str
    why: str
    answers: tuple[AnswerView, ...]


class FlowRow(Struct, frozen=True, kw_only=True):
    href: str
    id: str
    building: str
    name: str
    client: str
    platform: str
    codes: tuple[Link, ...]


class CredentialView(Struct, frozen=True, kw_only=True):
    name: str
    why: str
    where: str
    """The answers it depends on; empty where it can be had."""
    fix: FixView | None


class PitfallView(Struct, frozen=True):
    href: str
    code: str
    name: str
    what: str


class NeverView(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    recognise: str
    why: str
    instead: str
    flows: tuple[Link, ...]
    goes_wrong: tuple[PitfallView, ...]


class FlowView(Struct, frozen=True, kw_only=True):
    id: str
    building: str
    name: str
    client: str
    grant: str
    why: str
    platform: str
    redirect_uris: tuple[str, ...]
    register: tuple[FixView, ...]
    credentials: tuple[CredentialView, ...]
    request: tuple[tuple[str, str, str], ...]
    """(for which API, scope, note)"""
    goes_wrong: tuple[PitfallView, ...]
    sources: tuple[Link, ...]


class FlowsView(Struct, frozen=True, kw_only=True):
    questions: tuple[QuestionView, ...]
    asked: bool
    """At least one answer was given."""
    outcome: str
    deciding: QuestionView | None
    refine: tuple[QuestionView, ...]
    candidates: tuple[FlowRow, ...]
    assumes: tuple[tuple[str, str], ...]
    """(question, answer) that the one flow that fits takes for granted."""
    dead_ends: tuple[tuple[str, str], ...]
    """(why, instead)"""
    unused: tuple[str, ...]
    """Questions whose answers make no difference."""
    details: str
    """Address of the one flow that fits, with the answers."""
    rows: tuple[FlowRow, ...]
    never: tuple[NeverView, ...]


def flows_view(guide: FlowGuide, found: FlowRecommendation, answers: Answers) -> FlowsView:
    """The whole table, with what fits the answers above it."""
    given = {name: word(value) for name, value in answers.known().items()}
    texts = {question.id: question for question in guide.questions}
    rows = {row.id: row for row in _rows(guide, given)}
    one = found.candidates[0] if found.outcome == "one" else None
    return FlowsView(
        questions=tuple(_question(item, given) for item in guide.questions),
        asked=bool(given),
        outcome=found.outcome,
        deciding=_question(found.question, given) if found.question else None,
        refine=tuple(_question(item, given) for item in found.refine),
        candidates=tuple(rows[item.id] for item in found.candidates),
        assumes=tuple((texts[item.question].text, _said(texts[item.question], item.answers)) for item in one.assumes)
        if one
        else (),
        dead_ends=tuple((end.why, end.instead) for end in found.dead_ends),
        unused=tuple(texts[name].text for name in found.unused),
        details=links.page(f"/flows/{one.id}", given) if one else "",
        rows=tuple(_rows(guide, {})),
        never=tuple(_never(item, rows) for item in guide.never),
    )


def flow_view(flow: FlowWhole, questions: Mapping[str, FlowQuestion]) -> FlowView:
    """One flow with commands in every tool."""
    return FlowView(
        id=flow.id,
        building=flow.building,
        name=flow.name,
        client=_CLIENTS[flow.client],
        grant=flow.grant,
        why=flow.why,
        platform=_PLATFORMS[flow.platform],
        redirect_uris=flow.redirect_uris,
        register=tuple(fix_view(step, number) for number, step in enumerate(flow.register, 1)),
        credentials=tuple(
            CredentialView(
                name=CREDENTIALS[option.kind][:1].upper() + CREDENTIALS[option.kind][1:],
                why=option.why,
                where=""
                if option.applies == "yes"
                else "; ".join(_said(questions[name], right) for name, right in option.fits.items()),
                fix=fix_view(option.step, number) if option.step else None,
            )
            for number, option in enumerate(flow.credentials, 1)
        ),
        request=tuple((", ".join(_CALLS[name] for name in item.calls), item.scope, item.note) for item in flow.request),
        goes_wrong=tuple(_pitfall(item.code, item.name, item.what) for item in flow.goes_wrong),
        sources=tuple(Link(f"{item.supports or item.url} (read {item.checked})", item.url) for item in flow.sources),
    )


def _question(question: FlowQuestion, given: Mapping[str, str]) -> QuestionView:
    return QuestionView(
        question.id,
        question.text,
        question.why,
        tuple(
            AnswerView(
                word(option.value),
                option.label,
                given.get(question.id) == word(option.value),
                links.page("/flows", {**given, question.id: word(option.value)}) + "#fits",
            )
            for option in question.options
        ),
    )


def _rows(guide: FlowGuide, given: Mapping[str, str]) -> list[FlowRow]:
    return [
        FlowRow(
            href=links.page(f"/flows/{line.id}", dict(given)),
            id=line.id,
            building=line.building,
            name=line.name,
            client=line.client,
            platform=_PLATFORMS[line.platform],
            codes=tuple(Link(f"AADSTS{code}", links.code(code)) for code in line.codes),
        )
        for line in guide.value
    ]


def _never(item: NeverItem, rows: Mapping[str, FlowRow]) -> NeverView:
    return NeverView(
        id=item.id,
        name=item.name,
        recognise=item.recognise,
        why=item.why,
        instead=item.instead,
        flows=tuple(Link(rows[name].building, f"/flows/{name}") for name in item.flows),
        goes_wrong=tuple(_pitfall(one.code, one.name, one.what) for one in item.goes_wrong),
    )


def _pitfall(code: int, name: str, what: str) -> PitfallView:
    return PitfallView(links.code(code), f"AADSTS{code}", name, what)


def _said(question: FlowQuestion, right: tuple[Told, ...]) -> str:
    return " or ".join(option.label for option in question.options if option.value in right)
