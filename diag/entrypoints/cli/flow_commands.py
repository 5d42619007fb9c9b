"""``diag flow``: the table of flows, one flow, or what fits some answers; asks nothing back."""

import argparse
import difflib

import msgspec

from diag.adapters.kb_files.store import open_knowledge_base
from diag.core.errors import BadInput
from diag.core.flow_answers import read_answers
from diag.core.flows import FlowTable
from diag.entrypoints.cli.console import Console, visible
from diag.render import flow_answer
from diag.render.flow_text import FlowLines
from diag.resources import overlay


def flow(options: argparse.Namespace, console: Console) -> int:
    """Show the table, a flow by its id, or the recommendation for the answers."""
    knowledge_base = open_knowledge_base(overlay=overlay())
    table = knowledge_base.flows()

    def name_of(code: int) -> str:
        entry = knowledge_base.entry(code)
        return entry.name if entry else ""

    lines = FlowLines(console.style, visible, options.all_tools)
    if options.id and options.answers:
        raise BadInput("Give a flow or answers, not both.", hint="Answers choose the flow by themselves.")
    value: object
    if options.id:
        chosen = _one(table, options.id, name_of)
        shown, value = lines.flow(chosen), chosen
    elif options.answers:
        recommended = flow_answer.recommendation(table, read_answers(table, _pairs(options.answers)), name_of)
        shown, value = lines.recommendation(recommended), recommended
    else:
        guide = flow_answer.guide(table, name_of)
        shown, value = lines.guide(guide), guide
    if options.json:
        console.say(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
        return 0
    for line in shown:
        console.say(line)
    return 0


def _one(table: FlowTable, flow_id: str, name_of: flow_answer.NameOf) -> flow_answer.FlowWhole:
    found = table.flow(flow_id.strip().lower())
    if found is not None:
        return flow_answer.whole(found, name_of)
    known = [item.id for item in table.flows]
    never = next((item for item in table.never if item.id == flow_id.strip().lower()), None)
    if never is not None:
        raise BadInput(f"{never.name} is not to be used. {never.why}", hint=never.instead)
    near = difflib.get_close_matches(flow_id[:80], known, n=1, cutoff=0.5)
    instead = f"; did you mean {near[0]}?" if near else "."
    raise BadInput(f"There is no flow “{flow_id[:80]}”{instead}", hint=f"Flows: {', '.join(known)}.")


def _pairs(given: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for item in given:
        for part in item.split(","):
            name, equals, value = part.partition("=")
            if not equals:
                raise BadInput(f"“{part[:80]}” is no answer.", hint="Write question=answer, such as runs=server.")
            if name.strip() in pairs:
                raise BadInput(f"“{name.strip()[:40]}” is answered twice.", hint="Give each answer once.")
            pairs[name.strip()] = value
    return pairs
