"""A letter as the plain part of a mail."""

from diag.adapters.notify.letter import Letter, Line, Part, fitting

_BUDGET = 400 * 1024
_MOST_LINES = 2000
_BETWEEN = f"\n{'-' * 60}\n\n"


def text(letter: Letter) -> str:
    """The letter in lines; links stand alone on theirs."""
    parts = [_part(part, alone=len(letter.parts) == 1) for part in letter.parts]
    links = "".join(f"\n{action.title}: {action.url}\n" for action in letter.actions)
    return _BETWEEN.join(parts) + links


def _part(part: Part, *, alone: bool) -> str:
    lines = fitting([_line(line) for line in part.lines], len, _BUDGET, "{}\n".format, most=_MOST_LINES)
    head = "" if alone else f"{part.subject}\n\n"
    return f"{head}{''.join(lines)}" + (f"\n{part.url}\n" if part.url else "")


def _line(line: Line) -> str:
    if line.heading:
        return f"\n{line.text}\n"
    if line.label:
        return f"{line.label}: {line.text}\n"
    if line.number:
        return f"{line.number}. {line.text}\n"
    text = f"{line.text} ({line.detail})" if line.detail else line.text
    return f"- {text}\n  {line.url}\n" if line.url else f"{text}\n"
