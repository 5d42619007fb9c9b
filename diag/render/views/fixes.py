"""A remedy's fix as a page shows it: what to do, what it touches, and the same change in every tool."""

import msgspec
from msgspec import UNSET, Struct

from diag.core.remedy import Commands, Fix, GraphRequest, Unavailable
from diag.render.inert import visible_block
from diag.render.words import EFFECTS, IN_THE_CLIENT, TOOLS, Badge


class ToolView(Struct, frozen=True):
    id: str
    label: str
    text: str
    """Ready to copy; empty when the tool is unavailable."""
    unavailable: str
    """Why there is nothing to copy."""


class FixView(Struct, frozen=True, kw_only=True):
    number: int
    do: str
    badge: Badge
    before: tuple[str, ...]
    caution: str
    who: str
    tools: tuple[ToolView, ...]
    snippets: tuple[ToolView, ...]
    rollback: str
    rollback_tools: tuple[ToolView, ...]
    verify: str


def fix_view(fix: Fix, number: int) -> FixView:
    rollback = fix.rollback
    return FixView(
        number=number,
        do=fix.do,
        badge=IN_THE_CLIENT if fix.effect is None else EFFECTS[fix.effect],
        before=fix.before,
        caution=fix.caution,
        who=fix.who,
        tools=tool_views(fix.commands),
        snippets=tuple(
            ToolView(f"snippet-{place}", library, visible_block(code), "")
            for place, (library, code) in enumerate(fix.snippets.items())
        ),
        rollback=rollback.do if rollback else "",
        rollback_tools=tool_views(rollback.commands) if rollback else (),
        verify=fix.verify,
    )


def tool_views(commands: Commands | None) -> tuple[ToolView, ...]:
    """One view a tool in a fixed order; a tool that cannot make the change says why."""
    if commands is None:
        return ()
    views: list[ToolView] = []
    for name, label in TOOLS:
        given = getattr(commands, name)
        if isinstance(given, Unavailable):
            views.append(ToolView(name, label, "", given.unavailable))
        else:
            text = given if isinstance(given, str) else "\n\n".join(request_text(request) for request in given)
            views.append(ToolView(name, label, visible_block(text), "" if text else "There is nothing to do here."))
    return tuple(views)


def request_text(request: GraphRequest) -> str:
    """``PATCH https://…`` and, below it, the body as indented JSON."""
    head = f"{request.method} {request.url}"
    if request.body is UNSET:
        return head
    body = msgspec.json.format(msgspec.json.encode(request.body), indent=2).decode()
    return f"{head}\n{body}"
