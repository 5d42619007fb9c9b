"""Values as literals, one renderer per language; nothing else in this project turns a value into command text.

A value is refused (``UnsafeValue``) when it holds a line break, a control, an invisible or a bidirectional
character: in
each of these languages it could be escaped, but what is pasted would not be what is read on the screen.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_SHELL_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_DOUBLE_QUOTES_EXPAND = re.compile(r'["$`\\!]')
_POWERSHELL_QUOTE = re.compile("(['\u2018\u2019\u201a\u201b])")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

LONGEST = 4096
"""Characters; longer values are refused, because nobody can check them by eye."""


class Placeholder(str):
    """``<name>``: stands for a value nobody has read. It goes everywhere as it is."""

    __slots__ = ()


class Refused(msgspec.Struct, frozen=True):
    """Why a value does not go into any command."""

    why: str


class UnsafeValue(ValueError):
    """A value that no renderer takes; ``refused`` says why in words for people."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.why)
        self.refused = refused


def refusal(value: str) -> Refused | None:
    """Why a value must not go into a command, or None when it may."""
    found = _UNSAFE.search(value)
    if found:
        character = found.group()
        kind = "a line break" if character in "\r\n\u2028\u2029" else "a control or invisible character"
        return Refused(
            f"a value holds {kind} (U+{ord(character):04X}), so no command is shown: read it in the directory, and do "
            "not type it from here"
        )
    if len(value) > LONGEST:
        return Refused(f"a value is longer than {LONGEST} characters, so no command is shown")
    return None


def taken(value: str) -> str:
    """The value itself; ``UnsafeValue`` when it is refused."""
    refused = refusal(value)
    if refused is not None:
        raise UnsafeValue(refused)
    return value


def plain(value: str, longest: int = 300) -> str:
    """The value for a sentence: unsafe characters shown as U+FFFD, cut to ``longest`` characters."""
    shown = _UNSAFE.sub("\ufffd", value[: longest + 1])
    return shown if len(shown) <= longest else shown[:longest] + "…"


def quoted(value: str, otherwise: str, longest: int = 300) -> str:
    """The value for a sentence in quotation marks, or the words that say what is not known."""
    return f"“{plain(value, longest)}”" if value else otherwise


def posix(value: str) -> str:
    """One word of a POSIX shell; safe to paste into interactive bash and zsh as well."""
    taken(value)
    if _SHELL_SAFE.fullmatch(value):
        return value
    if "'" not in value:
        return f"'{value}'"
    if not _DOUBLE_QUOTES_EXPAND.search(value):
        return f'"{value}"'
    return "'" + value.replace("'", "'\\''") + "'"


def az(words: Iterable[str], options: Mapping[str, str] | None = None) -> str:
    """An az command line. ``words`` are command and plain words of ours, ``options`` go as ``--name=value`` where
    needed.

    A value that begins with ``-`` would be read as an option and one that begins with ``@`` as a file's name; the
    first is
    joined to its option, the second refused.
    """
    parts = ["az", *(posix(word) for word in words)]
    for option, value in (options or {}).items():
        if value.startswith("@"):
            raise UnsafeValue(Refused("a value begins with “@”, which az reads as the name of a file"))
        if value.startswith("-") or not value:
            parts.append(f"{option}={posix(value)}" if value else f"{option}=''")
        else:
            parts += [option, posix(value)]
    return " ".join(parts)


def powershell(value: str) -> str:
    """A single-quoted PowerShell string, in which the four typographic single quotes count as quotes too."""
    return "'" + _POWERSHELL_QUOTE.sub(r"\1\1", taken(value)) + "'"


def powershell_list(values: Iterable[str]) -> str:
    return "@(" + ", ".join(powershell(value) for value in values) + ")"


def json(value: Any) -> str:
    """Compact JSON in ASCII-safe quotes; every string in it is checked."""
    return msgspec.json.encode(checked(value)).decode()


def checked(value: Any) -> Any:
    """The JSON value in plain Python types, after each string in it was looked at."""
    if isinstance(value, str):
        return str(taken(value))
    if isinstance(value, Mapping):
        return {str(taken(name)): checked(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [checked(part) for part in value]
    return value


def jmespath(value: Any) -> str:
    """A JMESPath JSON literal; backtick and quote are written as escapes, so no other quoting can end it."""
    return "`" + json(value).replace("`", "\\u0060").replace("'", "\\u0027") + "`"


def odata(value: str) -> str:
    """A string literal for a Graph URL: quotes doubled, then percent-encoded; the enclosing quotes stay readable."""
    taken(value)
    if isinstance(value, Placeholder):
        return f"'{value}'"
    return "'" + percent_encoded(value.replace("'", "''")) + "'"


def percent_encoded(value: str) -> str:
    """Every byte but the unreserved ones of RFC 3986 as ``%XX``."""
    taken(value)
    if isinstance(value, Placeholder):
        return str(value)
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in value.encode())


def hcl(value: Any, indent: int = 0) -> str:
    """A Terraform expression: string, number, boolean or list (one element a line)."""
    return _declared(value, indent, _hcl_string, separator=",")


def bicep(value: Any, indent: int = 0) -> str:
    """A Bicep expression: string, number, boolean, list or object."""
    return _declared(value, indent, _bicep_string, separator="")


def _hcl_string(value: str) -> str:
    text = taken(value).replace("\\", "\\\\").replace('"', '\\"')
    # An escape for the character itself: doubling it, as is usual, is ambiguous after another dollar or percent sign.
    return '"' + text.replace("${", "\\u0024{").replace("%{", "\\u0025{") + '"'


def _bicep_string(value: str) -> str:
    return "'" + taken(value).replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${") + "'"


def _declared(value: Any, indent: int, string: Any, separator: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(string(value))
    if isinstance(value, list | tuple):
        if not value:
            return "[]"
        inner = " " * (indent + 2)
        lines = [f"{inner}{_declared(part, indent + 2, string, separator)}{separator}" for part in value]
        return "\n".join(["[", *lines, " " * indent + "]"])
    if isinstance(value, Mapping):
        inner = " " * (indent + 2)
        lines = [
            f"{inner}{_name(name)}{' =' if separator else ':'} {_declared(part, indent + 2, string, separator)}"
            for name, part in value.items()
        ]
        return "\n".join(["{", *lines, " " * indent + "}"])
    return str(int(value))


def _name(name: str) -> str:
    if not _WORD.fullmatch(name):
        raise UnsafeValue(Refused(f"{name!r} is no property name"))
    return name
