"""A diagnosis as lines for a terminal, at most 80 columns where words allow.

Values come from outside: the caller passes a function that makes control characters visible, and one for styles.
"""

from collections.abc import Callable, Iterator

from diag.core.diagnosis import Diagnosis, JudgedCause
from diag.core.entry import OrganisationWords
from diag.core.remedy import Commands, Fix, Unavailable
from diag.core.verdict import Evidence

WIDTH = 80

Style = Callable[[str, str], str]
"""(text, style name) → text."""
Visible = Callable[[str], str]

FIXED_BY = {
    "developer": "the developer",
    "app-owner": "the application's owner",
    "admin": "an administrator",
    "user": "the user",
    "microsoft": "Microsoft",
    "partner": "a partner outside",
}
_TOOLS = {
    "az": "Azure CLI",
    "graph": "Microsoft Graph",
    "powershell": "PowerShell",
    "bicep": "Bicep",
    "terraform": "Terraform",
}
_EXTRACTED = {
    "app_id": "application ID",
    "tenant_id": "tenant",
    "redirect_uri": "redirect URI",
    "resource": "resource",
    "scope": "scope",
    "error": "error",
    "suberror": "suberror",
    "correlation_id": "correlation ID",
    "trace_id": "trace ID",
    "timestamp": "time",
}
_MOST_POSSIBLE = 5


def plain(text: str, _: str) -> str:
    """No style."""
    return text


def diagnosis_lines(
    diagnosis: Diagnosis, *, style: Style = plain, visible: Visible = str, all_tools: bool = False
) -> Iterator[str]:
    """The lines of an answer: what it is, why, how to be sure, what to do, what is still open."""
    return Lines(style, visible, all_tools).diagnosis(diagnosis)


class Lines:
    """Sentences, steps and blocks of commands for one terminal."""

    def __init__(self, style: Style, visible: Visible, all_tools: bool) -> None:
        self._style, self._visible, self._all_tools = style, visible, all_tools

    def diagnosis(self, diagnosis: Diagnosis) -> Iterator[str]:
        yield from self._heading(diagnosis)
        named = [cause for cause in diagnosis.causes if cause.verdict == "holds"]
        possible = [cause for cause in diagnosis.causes if cause.verdict == "possible"]
        if diagnosis.cause is not None:
            yield ""
            yield self.title(f"Cause ({diagnosis.cause.confidence})")
            yield from self._cause(diagnosis.cause, full=True)
        elif diagnosis.verdict == "undetermined":
            yield ""
            yield from self.wrapped("What is known does not settle the cause. The likeliest comes first.")
        others = [cause for cause in named if diagnosis.cause is None or cause.id != diagnosis.cause.id]
        if others:
            yield ""
            yield self.title("Also true")
            for cause in others:
                yield from self._cause(cause, full=diagnosis.cause is None)
        if possible:
            yield from self._possible(possible, diagnosis.cause is None)
        ruled_out = [cause for cause in diagnosis.causes if cause.verdict == "ruled_out"]
        if ruled_out:
            yield ""
            yield self.title("Ruled out")
            for cause in ruled_out:
                yield from self.wrapped(_title_of(cause), first="  - ", rest="    ")
        yield from self._needs(diagnosis)
        yield from self._foot(diagnosis)

    def _heading(self, diagnosis: Diagnosis) -> Iterator[str]:
        what = f"AADSTS{diagnosis.code}" if diagnosis.code else (diagnosis.symptom or "")
        if diagnosis.verdict == "unknown_code":
            yield self._style(what, "strong") + "  " + self._style("no entry", "warn")
        else:
            name = f"  {diagnosis.name}" if diagnosis.name else ""
            family = f"  {self._style(diagnosis.family, 'faint')}" if diagnosis.family else ""
            yield self._style(f"{what}{name}", "strong") + family
        yield from self.wrapped(diagnosis.summary)
        if diagnosis.verdict == "not_a_failure" and diagnosis.kind == "interrupt":
            yield from self.wrapped("By itself this is no failure: the sign-in pauses here and then goes on.")
        if diagnosis.redacted:
            kinds = ", ".join(diagnosis.redacted)
            yield self._style(f"Taken out of the text before it was read: {kinds}.", "warn")

    def _possible(self, possible: list[JudgedCause], undetermined: bool) -> Iterator[str]:
        yield ""
        yield self.title("Possible causes, likeliest first" if undetermined else "Not ruled out")
        shown = possible[:_MOST_POSSIBLE] if undetermined else possible
        for position, cause in enumerate(shown):
            yield from self._cause(cause, full=undetermined and position < 2)
        if len(possible) > len(shown):
            yield f"  and {len(possible) - len(shown)} more (--json lists all)"

    def _cause(self, cause: JudgedCause, *, full: bool) -> Iterator[str]:
        mark = {"holds": "● ", "possible": "○ "}.get(cause.verdict, "  ")
        yield from self.wrapped(_title_of(cause), first=f"{mark}", rest="  ", style="strong")
        if not full:
            return
        yield from self.wrapped(cause.root_cause, first="  ")
        for item in cause.evidence:
            yield from self.evidence(item)
        if cause.confirm:
            yield f"  {self._style('To be sure', 'faint')}"
            for step in cause.confirm:
                text = f"{step.do} → {step.expect}" if step.expect else step.do
                yield from self.wrapped(text, first="    ? ", rest="      ")
        if cause.fix:
            who = FIXED_BY.get(cause.fixed_by, cause.fixed_by)
            yield f"  {self._style(f'Fix (by {who})', 'faint')}"
            for number, fix in enumerate(cause.fix, 1):
                yield from self.fix(fix, number, whole=cause.verdict == "holds" or self._all_tools)
        yield ""

    def evidence(self, item: Evidence) -> Iterator[str]:
        when = f", {item.as_of:%Y-%m-%d %H:%M} UTC" if item.as_of else ""
        yield from self.wrapped(f"{item.statement} ({item.source}{when})", first="    · ", rest="      ")

    def fix(self, fix: Fix, number: int, *, whole: bool) -> Iterator[str]:
        """One step; of a cause that is only possible just what to do, because nobody should paste its commands yet."""
        yield from self.wrapped(fix.do, first=f"    {number}. ", rest="       ")
        if not whole:
            return
        for check in fix.before:
            yield from self.wrapped(f"First: {check}", first="       ", style="warn")
        if fix.caution:
            yield from self.wrapped(f"Caution: {fix.caution}", first="       ", style="warn")
        if fix.commands is not None:
            yield from self._commands(fix.commands)
        for library, code in fix.snippets.items() if self._all_tools else ():
            yield from self._block(library, code)
        if fix.snippets and not self._all_tools:
            yield from self.wrapped(f"Code for {', '.join(fix.snippets)}: --all", first="       ", style="faint")
        if fix.verify:
            yield from self.wrapped(f"Worked if: {fix.verify}", first="       ")

    def _commands(self, commands: Commands) -> Iterator[str]:
        tools = list(_TOOLS) if self._all_tools else ["az"]
        for tool in tools:
            value = getattr(commands, tool)
            if isinstance(value, Unavailable):
                yield from self.wrapped(f"{_TOOLS[tool]}: {value.unavailable}", first="       ", style="faint")
            elif isinstance(value, tuple):
                import msgspec

                text = "\n".join(
                    f"{request.method} {request.url}"
                    + ("" if request.body is msgspec.UNSET else f"\n{msgspec.json.encode(request.body).decode()}")
                    for request in value
                )
                yield from self._block(_TOOLS[tool], text)
            else:
                yield from self._block(_TOOLS[tool], value)
        yield from self.wrapped(f"Portal: {commands.portal}", first="       ")

    def _block(self, label: str, text: str) -> Iterator[str]:
        """Commands are never wrapped: what is copied must run."""
        yield f"       {self._style(label, 'faint')}"
        for line in text.splitlines():
            yield f"         {self._style(self._visible(line), 'link')}"

    def _needs(self, diagnosis: Diagnosis) -> Iterator[str]:
        if not diagnosis.needs:
            return
        yield ""
        yield self.title("To be surer" if diagnosis.cause is not None else "What would settle it")
        for how in dict.fromkeys(need.how for need in diagnosis.needs):
            yield from self.wrapped(how, first="  - ", rest="    ")

    def _foot(self, diagnosis: Diagnosis) -> Iterator[str]:
        known = [
            (label, getattr(diagnosis.extracted, name))
            for name, label in _EXTRACTED.items()
            if getattr(diagnosis.extracted, name) is not None
        ]
        if known:
            yield ""
            yield self.title("Read from the failure")
            for label, value in known:
                yield f"  {label:<15} {self._visible(value)}"
        if diagnosis.other_codes:
            others = ", ".join(f"AADSTS{code}" for code in diagnosis.other_codes)
            yield f"  {'other codes':<15} {others}"
        if diagnosis.organisation is not None:
            yield ""
            yield from self._organisation(diagnosis.organisation)
        if diagnosis.notes:
            yield ""
            yield from self.wrapped(diagnosis.notes)
        if diagnosis.sources:
            yield ""
            for source in diagnosis.sources:
                yield self._style(f"{source.url} (read {source.checked})", "faint")

    def _organisation(self, said: OrganisationWords) -> Iterator[str]:
        yield self.title("From your organisation")
        if said.notes:
            yield from self.wrapped(said.notes, first="  ")
        for contact in said.contacts:
            yield from self.wrapped(f"{contact.name}: {contact.reach}", first="  ", rest="    ")
        for link in said.links:
            yield from self.wrapped(f"{link.title}: {link.url}", first="  ", rest="    ")
        if said.hidden:
            yield from self.wrapped(f"Not shown: {', '.join(said.hidden)}", first="  ", rest="    ", style="faint")

    def title(self, text: str) -> str:
        return self._style(text, "strong")

    def wrapped(self, text: str, *, first: str = "", rest: str | None = None, style: str = "") -> Iterator[str]:
        """Words at most ``WIDTH`` wide; a word that is longer (an address) gets a line of its own and is not broken."""
        rest = " " * len(first) if rest is None else rest
        line, indent = "", first
        for word in self._visible(text).split():
            if line and len(indent) + len(line) + 1 + len(word) > WIDTH:
                yield indent + self._styled(line, style)
                line, indent = word, rest
            else:
                line = f"{line} {word}" if line else word
        if line:
            yield indent + self._styled(line, style)

    def _styled(self, text: str, style: str) -> str:
        return self._style(text, style) if style else text


def _title_of(cause: JudgedCause) -> str:
    return f"{cause.title} (your organisation's)" if cause.id.startswith("org-") else cause.title
