from diag.core.alert_policy import LADDER, Digest, Escalation, Policy, Rule, SpikeAlerts
from diag.render.views.alert_rules import rules, threshold


def test_the_rules_that_come_without_configuration_are_said_in_words() -> None:
    said = rules(Policy(), LADDER)
    facts = dict(said.facts)
    assert facts["Credentials"] == (
        "60, 30, 14, 7, 3 and 1 days before the end, at the end, 7 days after it, once each."
    )
    assert facts["Together"].endswith("at most one in 10 minutes.")
    assert facts["Weekly digest"] == "None."
    assert facts["Times in messages"] == "UTC"
    assert said.lines == ()


def test_what_a_configuration_changes_is_what_is_said() -> None:
    policy = Policy(
        zone="Europe/Zurich",
        minutes_apart=0,
        unused_days=0,
        tell_owners_by=("mail",),
        escalation=(Escalation(within_days=3, channels=("duty",)),
                    Escalation(within_days=0, recipients=("a@b.example",))),
        digest=Digest(day="friday", hour=7, channels=("mail", "team")),
        spikes=SpikeAlerts(enabled=False),
        coverage=False,
        rules=(
            Rule(name="vendor", tags=("HR", "Payroll"), quiet_because="The vendor renews it."),
            Rule(name="sure", kinds=("saml_signing",), thresholds_days=(90, 1), channels=("team",),
                 recipients=("x@y.example",)),
            Rule(name="silent", app_ids=("a",), channels=(), thresholds_days=(), escalation=()),
            Rule(name="all"),
        ),
    )  # fmt: skip
    said = rules(policy, (5,))
    facts = dict(said.facts)
    assert facts["Credentials"] == "5 days before the end, once each."
    assert facts["Escalation"] == "3 days before the end also duty. At the end also a@b.example."
    assert facts["Weekly digest"] == "Fridays at 7:00 by mail and team."
    assert (facts["Spikes"], facts["Coverage"]) == ("No alerts.", "No alerts.")
    assert facts["Owners"] == "Written to by mail."
    told = [(line.name, line.fits, line.does) for line in said.lines]
    assert told == [
        ("vendor", "tag HR or Payroll", "no alert: The vendor renews it"),
        ("sure", "kind saml_signing", "90 and 1 days before the end; by team; to x@y.example"),
        ("silent", "application a", "no alert before the end; by no channel; no escalation"),
        ("all", "everything", "as all others"),
    ]


def test_a_threshold_is_said_as_people_say_it() -> None:
    assert [threshold(days) for days in (30, 1, 0, -1, -7)] == [
        "30 days before the end",
        "1 day before the end",
        "at the end",
        "1 day after the end",
        "7 days after the end",
    ]
