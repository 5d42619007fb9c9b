"""Which codes are pauses."""

import pytest

from diag.core.interrupts import ALWAYS, WITH_A_PERSON, is_interrupt


def test_every_code_is_listed_once_with_its_reason() -> None:
    assert not ALWAYS.keys() & WITH_A_PERSON.keys()
    assert all(reason.strip() for reason in (ALWAYS | WITH_A_PERSON).values())


@pytest.mark.parametrize("code", sorted(ALWAYS))
def test_a_page_on_the_way_is_a_pause_whoever_is_there(code: int) -> None:
    assert is_interrupt(code, interactive=False)
    assert is_interrupt(code, interactive=True, protocol="ropc")


@pytest.mark.parametrize("code", sorted(WITH_A_PERSON))
def test_a_page_for_a_person_is_a_pause_only_when_one_is_there(code: int) -> None:
    assert is_interrupt(code, interactive=True, protocol="oAuth2")
    assert not is_interrupt(code, interactive=False)
    assert not is_interrupt(code, interactive=True, protocol="ropc")


@pytest.mark.parametrize("code", [0, 65001, 90094, 50055, 50126, 50020, 16003, 53003, 7000222])
def test_what_stays_broken_until_somebody_acts_is_no_pause(code: int) -> None:
    assert not is_interrupt(code, interactive=True)
