"""Written conditions and fixes → what the engine evaluates; every name is looked up, every argument converted."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from diag.adapters.kb_files.problems import Problems, nearest, refused
from diag.adapters.kb_files.yaml_reader import Place
from diag.core import predicate, remedy
from diag.core.entry import AllOf, AnyOf, Asked, Condition, FixStep, Not, Otherwise, Test

_WORDS = ("all", "any", "not", "asked")


def condition(written: Any, place: Place, questions: Mapping[str, str], problems: Problems) -> Condition | None:
    """The condition at ``place``; None when any part of it is wrong, with the problem noted."""
    if written == "otherwise":
        return Otherwise()
    if not isinstance(written, dict) or not written:
        problems.add(place, "a condition is `otherwise` or a mapping such as `{all: [...]}` or `{predicate.name: {}}`")
        return None
    if len(written) > 1:
        problems.add(
            place, f"asks {len(written)} things at once ({', '.join(written)}); put them under `all:` or `any:`"
        )
        return None
    ((name, argument),) = written.items()
    inner = (*place, name)
    if name in ("all", "any"):
        return _several(name, argument, inner, questions, problems)
    if name == "not":
        part = condition(argument, inner, questions, problems)
        if isinstance(part, Otherwise):
            problems.add(inner, "`otherwise` stands alone; it cannot be reversed")
            return None
        return None if part is None else Not(part)
    if name == "asked":
        if not isinstance(argument, str) or argument not in questions:
            problems.add(inner, f"`{argument}` is no question of this entry{nearest(str(argument), questions)}")
            return None
        return Asked(argument)
    return _test(name, argument, inner, problems)


def fix_step(written: Mapping[str, str], place: Place, problems: Problems) -> FixStep | None:
    """The prescribed remedy with its arguments; None when it names no remedy at all."""
    name = written.get("remedy")
    if name is None:
        problems.add(place, "the key `remedy` is missing; name one of kb/schema/remedies.md")
        return None
    args = {key: value for key, value in written.items() if key != "remedy"}
    known = remedy.REGISTRY.get(name)
    if known is None:
        problems.add((*place, "remedy"), f"`{name}` is no remedy{nearest(name, remedy.REGISTRY)}")
        return FixStep(name, args)
    _arguments(args, known.args, place, f"the remedy `{name}`", problems)
    return FixStep(name, args)


def gives(of: Condition) -> frozenset[str]:
    """Names of the values that text may quote when this condition holds; what stands under ``not`` gives none."""
    return frozenset(name for test in _asserted(of) for name in predicate.REGISTRY[test.predicate].gives)


def _asserted(of: Condition) -> Iterator[Test]:
    match of:
        case AllOf(conditions=parts) | AnyOf(conditions=parts):
            for part in parts:
                yield from _asserted(part)
        case Test():
            yield of
        case _:
            return


def _several(
    word: str, written: Any, place: Place, questions: Mapping[str, str], problems: Problems
) -> AllOf | AnyOf | None:
    if not isinstance(written, list) or not written:
        problems.add(place, f"`{word}` takes a list of conditions")
        return None
    parts = [condition(item, (*place, index), questions, problems) for index, item in enumerate(written)]
    good = tuple(part for part in parts if part is not None)
    if len(good) < len(parts):
        return None
    if any(isinstance(part, Otherwise) for part in good):
        problems.add(place, "`otherwise` stands alone; it cannot be part of another condition")
        return None
    return AllOf(good) if word == "all" else AnyOf(good)


def _test(name: str, argument: Any, place: Place, problems: Problems) -> Test | None:
    known = predicate.REGISTRY.get(name)
    if known is None:
        hint = nearest(name, [*predicate.REGISTRY, *_WORDS])
        problems.add(place, f"`{name}` is no predicate{hint or '; kb/schema/predicates.md lists them'}")
        return None
    if argument is None:
        argument = {}
    if not isinstance(argument, dict):
        problems.add(place, f"`{name}` takes a mapping of arguments, `{{}}` when it has none")
        return None
    if not _arguments(argument, known.args, place, f"the predicate `{name}`", problems):
        return None
    return Test(name, argument)


def _arguments(
    given: Mapping[str, Any], kind: type[msgspec.Struct], place: Place, whose: str, problems: Problems
) -> bool:
    known = kind.__struct_encode_fields__
    unknown = [key for key in given if key not in known]
    for key in unknown:
        none = f"; {whose} takes none" if not known else nearest(key, known)
        problems.add((*place, key), f"`{key}` is no argument of {whose}{none}")
    if unknown:
        return False
    try:
        msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        problems.add(place, f"{whose}: {refused(error, kind)}")
        return False
    return True
