import pytest

from diag.core.channels import (
    Channel,
    EmailChannel,
    PagerDutyChannel,
    SlackChannel,
    TeamsChannel,
    WebhookChannel,
    described,
    secret_names,
)

SECRETS = {
    "TEAMS_URL": "https://prod-01.flow.contoso.example:443/workflows/abc?sig=very-secret",
    "SLACK_URL": "https://hooks.slack.com/services/T0/B0/very-secret",
    "SLACK_TOKEN": "xoxb-very-secret",
    "PAGERDUTY_KEY": "very-secret",
    "HOOK": "whsec_very-secret",
}
MAIL = EmailChannel(name="a", host="2001:db8::1", sender="x@contoso.example", recipients=("ada@contoso.example",))


@pytest.mark.parametrize(
    ("channel", "kind", "target", "protection", "confirms"),
    [
        (MAIL, "email", "[2001:db8::1]:587", "starttls", False),
        (WebhookChannel(name="a", url="https://h.example/very-secret"), "webhook", "h.example:443", "unsigned", True),
        (WebhookChannel(name="a", url="http://[::1]/", secret_env="HOOK"), "webhook", "[::1]:80", "signed", True),
        (TeamsChannel(name="a", url_env="TEAMS_URL"), "teams", "prod-01.flow.contoso.example:443",
         "secret address", False),
        (SlackChannel(name="a", url_env="SLACK_URL"), "slack", "hooks.slack.com:443", "secret address", True),
        (SlackChannel(name="a", token_env="SLACK_TOKEN", channel="C1"), "slack", "slack.com:443", "token", True),
        (PagerDutyChannel(name="a", routing_key_env="PAGERDUTY_KEY"), "pagerduty", "events.pagerduty.com:443",
         "key", False),
        (TeamsChannel(name="a", url_env="UNSET"), "teams", "", "secret address", False),
        (WebhookChannel(name="a", url="https://h.example:99999/"), "webhook", "", "unsigned", True),
    ],
)  # fmt: skip
def test_a_channel_is_described_without_what_must_stay_secret(
    channel: Channel, kind: str, target: str, protection: str, confirms: bool
) -> None:
    told = described(channel, SECRETS)
    assert (told.kind, told.target, told.protection, told.confirms) == (kind, target, protection, confirms)
    assert "secret" not in f"{told.target}{told.kind}"
    assert "ada" not in f"{told}"


def test_every_variable_that_a_channel_names_is_known() -> None:
    assert secret_names(MAIL) == ()
    both = SlackChannel(name="a", url_env="SLACK_URL", token_env="SLACK_TOKEN")
    assert set(secret_names(both)) == {"SLACK_URL", "SLACK_TOKEN"}
    assert secret_names(PagerDutyChannel(name="a", routing_key_env="PAGERDUTY_KEY")) == ("PAGERDUTY_KEY",)
