"""Flows: which one fits, and how it is registered; all answers stand in the address."""

from collections.abc import Callable

from fastapi import Request, Response

from diag.bootstrap import Service
from diag.core.flow_answers import read_answers
from diag.core.flows import Answers, FlowTable
from diag.entrypoints.web.http import message, page, parameter, service_of
from diag.entrypoints.web.routing import new_router
from diag.render import flow_answer
from diag.render.views.flows import flow_view, flows_view

router = new_router()


@router.get("/flows")
def flows(request: Request) -> Response:
    """The questions, what fits the answers in the address, and the whole table."""
    service = service_of(request)
    table, names = service.flows, _names(service)
    answers = _answers(request, table)
    view = flows_view(flow_answer.guide(table, names), flow_answer.recommendation(table, answers, names), answers)
    return page(request, "flows.html", view, section="flows", title="Flows")


@router.get("/flows/{flow_id}")
def flow(request: Request, flow_id: str) -> Response:
    """One flow; answers in the address leave out the credentials and scopes that do not fit."""
    service = service_of(request)
    table, names = service.flows, _names(service)
    found = table.flow(flow_id.strip().lower())
    if found is None:
        return message(
            request,
            "No such flow",
            "The table of flows does not know it. The page Flows lists all of them, and those never to use.",
            status=404,
            section="flows",
        )
    questions = {question.id: question for question in flow_answer.guide(table, names).questions}
    view = flow_view(flow_answer.whole(found, names, _answers(request, table)), questions)
    return page(request, "flow.html", view, section="flows", title=found.building)


def _answers(request: Request, table: FlowTable) -> Answers:
    return read_answers(table, {question.id: parameter(request, question.id) for question in table.questions})


def _names(service: Service) -> Callable[[int], str]:
    def name_of(code: int) -> str:
        entry = service.knowledge_base.entry(code)
        return entry.name if entry else ""

    return name_of
