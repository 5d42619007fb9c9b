"""Strict readers for PowerShell, HCL and Bicep: each splits a text into its strings (decoded) and the rest.

What they do not know is an error, so that a value that escapes from its string is found by the rest being different or
unreadable.
"""

import re

MARK = "§"
"""Stands in the rest where a string was."""

_POWERSHELL_QUOTES = "'\u2018\u2019\u201a\u201b"
_POWERSHELL_REST = re.compile(
    r"\s|\$[A-Za-z_][A-Za-z0-9_]*|\[[A-Za-z]+(?:\.[A-Za-z]+)*\]|-?[A-Za-z][A-Za-z0-9-]*:?|[0-9]+|::|[@&{}()\[\]=;|.,+]"
)
_DECLARED_REST = re.compile(r"\s|[A-Za-z_][A-Za-z0-9_.]*|[0-9]+|[{}\[\]=:,]")


class NotReadable(AssertionError):
    pass


def powershell(text: str) -> tuple[list[str], str]:
    strings: list[str] = []
    rest: list[str] = []
    at = 0
    while at < len(text):
        character = text[at]
        if character in _POWERSHELL_QUOTES:
            value, at = _powershell_string(text, at)
            strings.append(value)
            rest.append(MARK)
            continue
        found = _POWERSHELL_REST.match(text, at)
        if found is None:
            raise NotReadable(f"PowerShell: {text[at : at + 40]!r}")
        rest.append(found.group())
        at = found.end()
    return strings, "".join(rest)


def _powershell_string(text: str, at: int) -> tuple[str, int]:
    value: list[str] = []
    at += 1
    while at < len(text):
        if text[at] in _POWERSHELL_QUOTES:
            if at + 1 < len(text) and text[at + 1] in _POWERSHELL_QUOTES:
                value.append(text[at])
                at += 2
                continue
            return "".join(value), at + 1
        value.append(text[at])
        at += 1
    raise NotReadable("PowerShell: a string does not end")


def hcl(text: str) -> tuple[list[str], str]:
    """Strings without templates: an interpolation or directive is an error."""
    return _declared(text, '"', "#", _hcl_escape)


def bicep(text: str) -> tuple[list[str], str]:
    """Strings without interpolation, which is an error."""
    return _declared(text, "'", "//", _bicep_escape)


def _declared(text: str, quote: str, comment: str, escape: "object") -> tuple[list[str], str]:
    strings: list[str] = []
    rest: list[str] = []
    at = 0
    while at < len(text):
        if text.startswith(comment, at):
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
            continue
        if text[at] == quote:
            value: list[str] = []
            at += 1
            while True:
                if at >= len(text) or text[at] == "\n":
                    raise NotReadable("a string does not end")
                if text[at] == quote:
                    at += 1
                    break
                if text[at : at + 2] in ("${", "%{") and (quote == '"' or text[at] == "$"):
                    raise NotReadable("a template in a string")
                if text[at] == "\\":
                    character, at = escape(text, at)  # type: ignore[operator]
                    value.append(character)
                    continue
                value.append(text[at])
                at += 1
            strings.append("".join(value))
            rest.append(MARK)
            continue
        found = _DECLARED_REST.match(text, at)
        if found is None:
            raise NotReadable(f"{text[at : at + 40]!r}")
        rest.append(found.group())
        at = found.end()
    return strings, "".join(rest)


def _hcl_escape(text: str, at: int) -> tuple[str, int]:
    kind = text[at + 1]
    if kind == "u":
        return chr(int(text[at + 2 : at + 6], 16)), at + 6
    if kind in '"\\':
        return kind, at + 2
    raise NotReadable(f"HCL has no escape \\{kind} here")


def _bicep_escape(text: str, at: int) -> tuple[str, int]:
    if text[at + 1] in "\\'$":
        return text[at + 1], at + 2
    raise NotReadable(f"Bicep has no escape \\{text[at + 1]} here")
