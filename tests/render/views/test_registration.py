"""A registration: blindness is not absence."""

from diag.core.facts import Facts
from diag.core.read import Found, Missing, Read, Unread
from diag.core.registration import Application, ServicePrincipal
from diag.render.views.registration import (
    field,
    many,
    presence,
    registration_presence,
    registration_sections,
    service_principal_sections,
)


def test_found_missing_and_unread_are_three_different_things() -> None:
    found: Read[str] = Found("x")
    missing: Read[str] = Missing()
    unread: Read[str] = Unread("the permission Policy.Read.All is not granted")
    assert (field("a", found).kind, field("a", found).values) == ("values", ("x",))
    assert field("a", missing).kind == "not_set"
    assert (field("a", unread).kind, field("a", unread).note) == (
        "unread",
        "the permission Policy.Read.All is not granted",
    )


def test_what_nobody_tried_to_read_is_not_called_empty() -> None:
    untried: Read[tuple[str, ...]] = Unread()
    assert "not read yet" in field("a", untried).note
    empty: Read[tuple[str, ...]] = Found(())
    assert field("a", empty, many).note == "none"


def test_a_list_that_was_cut_short_says_so_even_when_it_is_empty() -> None:
    cut: Read[tuple[str, ...]] = Found((), complete=False)
    assert field("a", cut, many).note == "The list was cut short: there may be more."
    assert field("a", cut, many).kind == "values"


def test_presence_tells_not_there_from_not_read() -> None:
    assert presence(Found(True), "It").kind == "there"
    assert presence(Missing(), "It").note == "It is not in this tenant."
    assert presence(Unread("the permission is missing"), "It").note == "It was not read: the permission is missing."


def test_a_registration_of_another_tenant_is_neither_missing_nor_unread() -> None:
    principal = ServicePrincipal(exists=Found(True), owner_tenant_id=Found("theirs"))
    assert registration_presence(Facts(service_principal=principal), "ours").kind == "elsewhere"
    assert registration_presence(Facts(service_principal=principal), "theirs").kind == "unread"
    own = Facts(service_principal=principal, application=Application(exists=Found(True)))
    assert registration_presence(own, "ours").kind == "there"


def test_facts_without_anything_read_can_be_shown() -> None:
    for section in (*registration_sections(Facts()), *service_principal_sections(Facts())):
        for one in section.fields:
            assert one.kind == "not_set"
            assert "not read yet" in one.note
