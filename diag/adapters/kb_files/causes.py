"""A written cause → the cause that the engine judges; used for shipped entries and for an organisation's own."""

from collections.abc import Mapping

from diag.adapters.kb_files import conditions
from diag.adapters.kb_files.problems import Problems
from diag.adapters.kb_files.shapes import WrittenCause, WrittenConfirm
from diag.core.entry import Cause, Confirm


def cause(written: WrittenCause, index: int, questions: Mapping[str, str], problems: Problems) -> Cause | None:
    """The cause at this position of ``causes``; None when its condition is not right, with the problem noted."""
    when = conditions.condition(written.when, ("causes", index, "when"), questions, problems)
    steps = [conditions.fix_step(step, ("causes", index, "fix", at), problems) for at, step in enumerate(written.fix)]
    if when is None:
        return None
    return Cause(
        id=written.id,
        title=written.title,
        when=when,
        confidence=written.confidence,
        commonness=written.commonness,
        fixed_by=written.fixed_by,
        root_cause=written.root_cause,
        confirm=confirmations(written.confirm),
        fix=tuple(step for step in steps if step is not None),
    )


def confirmations(written: list[str | WrittenConfirm]) -> tuple[Confirm, ...]:
    """The steps of a confirmation; a bare sentence expects nothing in particular."""
    return tuple(
        Confirm(step.do, step.expect) if isinstance(step, WrittenConfirm) else Confirm(step) for step in written
    )
