"""What differs between two versions of a directory object; knows JSON and nothing of Graph."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

_NAMES = ("keyId", "id", "appId", "resourceAppId", "name")
"""Properties that name an item of a list, so that its versions can be set beside each other."""
_NOISE = frozenset({"@odata.context", "@odata.etag", "@odata.type"})
_ABSENT: Any = object()


class Difference(Struct, frozen=True):
    """One property that differs; ``old`` or ``new`` is empty where it was not set."""

    path: str
    old: tuple[str, ...]
    new: tuple[str, ...]


def differences(before: bytes | None, after: bytes | None) -> tuple[Difference, ...]:
    """The differences by path; lists are compared without their order, and only what left and came is told."""
    old = msgspec.json.decode(before) if before else {}
    new = msgspec.json.decode(after) if after else {}
    return tuple(_compare("", old, new))


def text_differences(name: str, old: str, new: str) -> tuple[Difference, ...]:
    """The differences between two texts that may hold JSON, as audit records give them; other texts as they are."""
    before, after = _container(old), _container(new)
    if isinstance(before, list) and after is None:
        after = [new]
    elif isinstance(after, list) and before is None:
        before = [old]
    if before is None or after is None:
        return () if old == new else (Difference(name, (old,) if old else (), (new,) if new else ()),)
    return tuple(_compare(name, before, after))


def _container(text: str) -> Any:
    """The list or mapping that a text holds; absent for an empty text, None for any other."""
    if not text.strip():
        return _ABSENT
    if not text.lstrip().startswith(("[", "{")):
        return None
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def _compare(path: str, old: Any, new: Any) -> Iterator[Difference]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            if name not in _NOISE:
                inner = f"{path}.{name}" if path else name
                yield from _compare(inner, old.get(name, _ABSENT), new.get(name, _ABSENT))
    elif _is_list(old) and _is_list(new):
        yield from _compare_lists(path, [] if old is _ABSENT else old, [] if new is _ABSENT else new)
    else:
        yield Difference(path, _values(old), _values(new))


def _is_list(value: Any) -> bool:
    return value is _ABSENT or value is None or (isinstance(value, Sequence) and not isinstance(value, str))


def _compare_lists(path: str, old: Sequence[Any] | None, new: Sequence[Any] | None) -> Iterator[Difference]:
    name = next((name for name in _NAMES if _named(old or (), name) and _named(new or (), name)), None)
    if name is None:
        gone = [item for item in old or () if item not in (new or ())]
        came = [item for item in new or () if item not in (old or ())]
        if gone or came:
            yield Difference(path, _values(gone), _values(came))
        return
    earlier = {item[name]: item for item in old or ()}
    later = {item[name]: item for item in new or ()}
    for key in dict.fromkeys((*earlier, *later)):
        if key in earlier and key in later:
            yield from _compare(f"{path}[{key}]", earlier[key], later[key])
        elif key in earlier:
            yield Difference(path, _values(earlier[key]), ())
        else:
            yield Difference(path, (), _values(later[key]))


def _named(items: Sequence[Any], name: str) -> bool:
    return all(isinstance(item, Mapping) and isinstance(item.get(name), str) for item in items) and len(
        {item[name] for item in items}
    ) == len(items)


def _values(value: Any) -> tuple[str, ...]:
    if value is _ABSENT or value is None or value == [] or value == {}:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, Sequence):
        return tuple(part for item in value for part in _values(item))
    if isinstance(value, Mapping):
        return (", ".join(f"{name}: {' '.join(parts)}" for name, item in value.items() if (parts := _values(item))),)
    return (str(value),)
