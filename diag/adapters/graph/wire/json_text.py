"""Decoding JSON of others: a lone surrogate, as a cut emoji leaves one behind, must not cost a page of records."""

import re
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

# Every escape is consumed whole, so that an escaped backslash before a "u" is not taken for one.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_ANY: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


def decoded(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """What the decoder makes of the body, lone surrogates replaced by U+FFFD where it stumbles over them.

    ``msgspec.DecodeError`` for anything that is no such JSON, too deep nesting and broken UTF-8 included.
    """
    try:
        return decoder.decode(body)
    except RecursionError:
        raise msgspec.DecodeError("nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        mended = _ESCAPE.sub(lambda match: b"\\ufffd" if match[1] else match[0], body)
        if mended == body:
            raise msgspec.DecodeError(str(problem)) from None
        try:
            return decoder.decode(mended)
        except (RecursionError, UnicodeDecodeError) as again:
            raise msgspec.DecodeError(str(again)) from None


def anything(body: bytes) -> Any:
    """The body as plain dictionaries, lists and values; ``msgspec.DecodeError`` as above."""
    return decoded(body, _ANY)
