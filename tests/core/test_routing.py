import pytest

from diag.core.alert_policy import About, Escalation, Policy, Rule, all_thresholds, fits, rule_for, thresholds
from diag.core.alerts import Address
from diag.core.routing import addresses

CHANNELS = ("mail", "chat", "pager")
MAIL = ("mail",)
PAGER = Policy(tell_owners_by=("mail",), escalation=(Escalation(within_days=3, channels=("pager",)),))


def _to(policy: Policy, rule: Rule | None = None, people: tuple[str, ...] = (), **more: object) -> list[str]:
    found = addresses(policy, rule, CHANNELS, MAIL, people, **more)  # type: ignore[arg-type]
    return [f"{where.channel}:{where.recipient}" if where.recipient else where.channel for where in found]


def test_without_rules_everything_goes_to_every_channel() -> None:
    assert _to(Policy(), people=("ada@contoso.example",)) == ["mail", "chat", "pager"]


def test_the_people_found_get_the_mail_in_place_of_its_own_recipients() -> None:
    policy = Policy(tell_owners_by=("mail",))
    assert _to(policy, people=("ada@x.example", "ben@x.example"))[:2] == ["mail:ada@x.example", "mail:ben@x.example"]
    assert _to(policy) == ["mail", "chat", "pager"]


@pytest.mark.parametrize(("days", "called"), [(7, False), (4, False), (3, True), (0, True), (-7, True), (None, False)])
def test_a_channel_kept_for_escalation_is_called_in_near_the_end_only(days: int | None, called: bool) -> None:
    assert ("pager" in _to(PAGER, days_left=days)) is called


def test_nobody_else_is_called_in_once_somebody_has_acknowledged() -> None:
    assert "pager" not in _to(PAGER, days_left=0, acknowledged=True)


def test_people_are_called_in_by_mail_and_once() -> None:
    step = Escalation(within_days=1, recipients=("boss@contoso.example", "ada@contoso.example"))
    policy = Policy(tell_owners_by=("mail",), escalation=(step,))
    told = _to(policy, people=("ada@contoso.example",), days_left=1)
    assert told == ["mail:ada@contoso.example", "chat", "pager", "mail:boss@contoso.example"]


def test_a_rule_chooses_channels_and_who_is_called_in() -> None:
    rule = Rule(name="r", channels=("chat",), escalation=(Escalation(within_days=30, channels=("mail",)),))
    policy = Policy(rules=(rule,), escalation=PAGER.escalation)
    assert _to(policy, rule, days_left=14) == ["chat", "mail"]
    assert _to(policy, None, days_left=0) == ["chat", "pager"]
    assert addresses(policy, rule, ("chat",), (), (), days_left=60) == (Address("chat"),)


ABOUT = About(
    kind="secret",
    app_id="A1",
    tags=("Team:Pay", "hide"),
    owners=("ada@contoso.example",),
    service_management_reference="SVC-9",
    notes="Owned by Payments.\nRenew in June.",
)


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ({}, True),
        ({"kinds": ("secret", "certificate")}, True),
        ({"kinds": ("certificate",)}, False),
        ({"app_ids": ("a1",)}, True),
        ({"tags": ("team:pay",)}, True),
        ({"tags": ("pay",)}, False),
        ({"owners": ("ADA@contoso.example",)}, True),
        ({"service_management_references": ("svc-9",)}, True),
        ({"service_management_references": ("",)}, False),
        ({"notes_contain": ("payments",)}, True),
        ({"notes_contain": ("",)}, False),
        ({"tags": ("team:pay",), "kinds": ("spike",)}, False),
    ],
)
def test_a_rule_fits_when_all_its_conditions_do(conditions: dict[str, tuple[str, ...]], holds: bool) -> None:
    assert fits(Rule(name="r", **conditions), ABOUT) is holds  # type: ignore[arg-type]


def test_the_first_rule_that_fits_decides_and_what_it_leaves_out_is_common() -> None:
    policy = Policy(
        rules=(Rule(name="other", tags=("x",)), Rule(name="pay", tags=("team:pay",), thresholds_days=(5, 90)))
    )
    rule = rule_for(policy, ABOUT)
    assert rule is not None
    assert rule.name == "pay"
    assert thresholds(policy, rule, (60, 0)) == (90, 5)
    assert thresholds(policy, None, (0, 60, 60)) == (60, 0)
    assert all_thresholds(policy, (60, 0)) == (90, 60, 5, 0)
    assert rule_for(policy, About(kind="secret")) is None
