"""Differences between versions."""

import msgspec

from diag.render.differences import Difference, differences, text_differences


def _of(before: object, after: object) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    found = differences(msgspec.json.encode(before), msgspec.json.encode(after))
    return [(item.path, item.old, item.new) for item in found]


def test_equal_versions_have_no_differences() -> None:
    assert _of({"a": [1, 2], "b": None}, {"b": None, "a": [1, 2]}) == []


def test_lists_tell_what_left_and_what_came_whatever_their_order() -> None:
    assert _of({"web": {"redirectUris": ["a", "b"]}}, {"web": {"redirectUris": ["c", "b"]}}) == [
        ("web.redirectUris", ("a",), ("c",))
    ]
    assert _of({"x": ["a", "b"]}, {"x": ["b", "a"]}) == []


def test_items_with_a_name_are_compared_with_themselves() -> None:
    old = {"passwordCredentials": [{"keyId": "1", "displayName": "x"}, {"keyId": "2", "displayName": "y"}]}
    new = {"passwordCredentials": [{"keyId": "2", "displayName": "z"}, {"keyId": "3", "displayName": "w"}]}
    assert _of(old, new) == [
        ("passwordCredentials", ("keyId: 1, displayName: x",), ()),
        ("passwordCredentials[2].displayName", ("y",), ("z",)),
        ("passwordCredentials", (), ("keyId: 3, displayName: w",)),
    ]


def test_null_and_absent_are_alike_here_because_nothing_changed_hands() -> None:
    assert _of({"notes": None}, {}) == []
    assert _of({"notes": None}, {"notes": "new"}) == [("notes", (), ("new",))]


def test_false_is_a_value() -> None:
    assert _of({"accountEnabled": True}, {"accountEnabled": False}) == [("accountEnabled", ("true",), ("false",))]


def test_a_first_version_lists_what_it_holds() -> None:
    assert [item.path for item in differences(None, b'{"a":1}')] == ["a"]


def test_audit_texts_that_hold_json_are_compared_as_json() -> None:
    assert text_differences("KeyDescription", '["one","two"]', '["two"]') == (
        Difference("KeyDescription", ("one",), ()),
    )
    assert text_differences("KeyDescription", '["[KeyIdentifier=1]","[KeyIdentifier=2]"]', "[KeyIdentifier=2]") == (
        Difference("KeyDescription", ("[KeyIdentifier=1]",), ()),
    )
    assert text_differences("AccountEnabled", "true", "false") == (Difference("AccountEnabled", ("true",), ("false",)),)
    assert text_differences("Name", "", "x") == (Difference("Name", (), ("x",)),)
    assert text_differences("Broken", "[1", "[2") == (Difference("Broken", ("[1",), ("[2",)),)
