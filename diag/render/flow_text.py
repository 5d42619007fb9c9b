"""Flows and recommendations as lines for a terminal."""

from collections.abc import Iterator

from diag.core.flow_answers import word
from diag.core.flow_choice import Assumption
from diag.render.flow_answer import FlowGuide, FlowQuestion, FlowRecommendation, FlowWhole
from diag.render.text import Lines

CREDENTIALS = {
    "managed_identity": "managed identity",
    "federated": "federated credential",
    "certificate": "certificate",
    "secret": "client secret",
}


class FlowLines(Lines):
    def guide(self, guide: FlowGuide) -> Iterator[str]:
        """The table in short."""
        yield self.title("You are building")
        for line in guide.value:
            yield from self.wrapped(line.building, first=f"  {line.id:<18} ", rest=" " * 21)
            yield from self.wrapped(f"{line.name}; {line.client} client", first=" " * 21)
        yield ""
        yield self.title("Never")
        for item in guide.never:
            yield from self.wrapped(f"{item.name}: {item.instead}", first="  - ", rest="    ")
        yield ""
        yield self.title("Questions that decide")
        for question in guide.questions:
            yield from self._question(question)
        yield ""
        yield "One flow: diag flow web-app · what fits: diag flow --answers runs=server user=yes"

    def recommendation(self, found: FlowRecommendation) -> Iterator[str]:
        """What fits the answers, or what would decide."""
        if found.flow is not None:
            yield from self.flow(found.flow)
            yield from self._assumed(found.candidates[0].assumes)
        elif found.outcome == "several":
            yield self.title("Several flows may fit")
            for one in found.candidates:
                yield from self.wrapped(f"{one.building}: {one.name}", first=f"  {one.id:<18} ", rest=" " * 21)
            if found.question is not None:
                yield ""
                yield self.title("What would decide")
                yield from self._question(found.question)
        else:
            yield self.title("No flow fits these answers")
            for end in found.dead_ends:
                yield from self.wrapped(end.why, first="  - ", rest="    ")
                yield from self.wrapped(f"Instead: {end.instead}", first="    ")
        if found.refine:
            yield ""
            yield self.title("Worth answering, too")
            for question in found.refine:
                yield from self._question(question)
        if found.unused:
            yield ""
            yield from self.wrapped(f"Makes no difference here: {', '.join(found.unused)}.")

    def flow(self, flow: FlowWhole) -> Iterator[str]:
        """One flow with everything that is needed to use it."""
        yield self._style(f"{flow.id}  {flow.name}", "strong") + "  " + self._style(f"{flow.client} client", "faint")
        yield from self.wrapped(f"For: {flow.building}.")
        yield from self.wrapped(flow.why)
        yield ""
        yield self.title("Register it")
        for number, step in enumerate(flow.register, 1):
            yield from self.fix(step, number, whole=True)
        if flow.credentials:
            yield ""
            yield self.title("Credential, best first")
            for place, option in enumerate(flow.credentials):
                named = CREDENTIALS[option.kind]
                where = "" if option.applies == "yes" else f" (where {_where(option.fits)})"
                yield from self.wrapped(f"{named}{where}: {option.why}", first="  - ", rest="    ")
                if option.step is not None and (place == 0 or self._all_tools):
                    yield from self.fix(option.step, 1, whole=True)
        yield ""
        yield self.title("Ask for")
        for request in flow.request:
            yield f"  scope={self._visible(request.scope)}"
            yield from self.wrapped(request.note, first="    ")
        yield ""
        yield self.title("What usually goes wrong")
        for item in flow.goes_wrong:
            yield from self.wrapped(f"AADSTS{item.code} {item.name}: {item.what}", first="  - ", rest="    ")
        yield ""
        for source in flow.sources:
            yield self._style(f"{source.url} (read {source.checked})", "faint")

    def _question(self, question: FlowQuestion) -> Iterator[str]:
        yield from self.wrapped(question.text, first="  ? ", rest="    ")
        for option in question.options:
            answer = f"{question.id}={word(option.value)}"
            yield from self.wrapped(option.label, first=f"      {answer:<19} ", rest=" " * 26)

    def _assumed(self, assumptions: tuple[Assumption, ...]) -> Iterator[str]:
        if not assumptions:
            return
        yield ""
        yield self.title("This takes for granted")
        for item in assumptions:
            said = " or ".join(word(answer) for answer in item.answers)
            yield f"  {item.question}={said}"


def _where(fits: dict[str, tuple[str | bool, ...]]) -> str:
    return " and ".join(f"{name} is {' or '.join(word(value) for value in right)}" for name, right in fits.items())
