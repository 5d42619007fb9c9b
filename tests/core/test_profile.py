import pytest

from diag.core.alert_policy import Rule
from diag.core.profile import Person, Profile, about, recipients
from diag.core.read import Found, Missing, Read, Unread

ADA = Person(name="Ada", mail="ada@contoso.example", enabled=True, guest=False)
BEN = Person(name="Ben", user_name="ben@contoso.example")
RULE = Rule(name="payments", recipients=("payments@contoso.example",))
LAST = Person(name="eve@contoso.example", user_name="eve@contoso.example")
NOBODY: Read[tuple[Person, ...]] = Found(())


def _owned(*people: Person) -> Found[tuple[Person, ...]]:
    return Found(people)


def test_owners_come_before_the_principals_the_rule_and_who_changed_it_last() -> None:
    whole = Profile(owners=_owned(ADA), principal_owners=_owned(BEN))
    order = [
        (whole, RULE, ("ada@contoso.example",)),
        (Profile(owners=NOBODY, principal_owners=_owned(BEN)), RULE, ("ben@contoso.example",)),
        (Profile(owners=NOBODY, principal_owners=Missing()), RULE, ("payments@contoso.example",)),
        (Profile(owners=NOBODY, principal_owners=NOBODY), None, ("eve@contoso.example",)),
    ]
    for profile, rule, people in order:
        assert recipients(profile, rule, LAST).people == people
    assert recipients(Profile(owners=NOBODY, principal_owners=NOBODY), None).people == ()


@pytest.mark.parametrize(
    ("unfit", "why"),
    [
        (Person(name="Gus", mail="gus@fabrikam.example", guest=True), "guest"),
        (Person(name="Gia", user_name="gia_fabrikam.example#EXT#@contoso.example"), "guest"),
        (Person(name="Dan", mail="dan@contoso.example", enabled=False), "disabled"),
        (Person(name="pipeline", human=False, mail="p@contoso.example"), "service principal"),
        (Person(name="Nan"), "no mail address"),
        (Person(name="Bo", mail="bo@contoso.example\r\nBcc: all@contoso.example"), "no mail address"),
        (Person(name="Bo", mail="bo@a.example,all@contoso.example"), "no mail address"),
        (Person(name="Bo", mail="<bo@contoso.example>"), "no mail address"),
    ],
)
def test_who_cannot_or_should_not_be_written_to_is_passed_over_and_named(unfit: Person, why: str) -> None:
    found = recipients(Profile(owners=_owned(unfit, ADA), principal_owners=NOBODY), None)
    assert found.people == ("ada@contoso.example",)
    assert unfit.name in found.skipped[0]
    assert why in found.skipped[0]
    alone = recipients(Profile(owners=_owned(unfit), principal_owners=NOBODY), None)
    assert (alone.people, alone.ownerless) == ((), True)


def test_nobody_is_called_ownerless_where_nobody_could_look() -> None:
    unread = Unread("the permission is not granted")
    assert recipients(Profile(owners=unread, principal_owners=NOBODY), None).ownerless is None
    assert recipients(Profile(owners=NOBODY, principal_owners=unread), None).ownerless is None
    assert recipients(Profile(owners=Found((), complete=False), principal_owners=NOBODY), None).ownerless is None
    assert recipients(Profile(owners=unread, principal_owners=_owned(BEN)), None).ownerless is False
    assert recipients(Profile(owners=NOBODY, principal_owners=Missing()), RULE).ownerless is True


def test_one_person_is_told_once() -> None:
    again = Person(name="Ada L", mail="ADA@contoso.example")
    assert recipients(Profile(owners=_owned(ADA, again)), None).people == ("ada@contoso.example",)


def test_rules_see_what_was_read_and_nothing_else() -> None:
    profile = Profile(tags=("team:pay",), notes="n", service_management_reference="42", owners=_owned(BEN))
    seen = about(profile, "secret", "a")
    assert (seen.kind, seen.app_id, seen.tags, seen.owners) == ("secret", "a", ("team:pay",), ("ben@contoso.example",))
    assert about(Profile(), "secret", "a").owners == ()
