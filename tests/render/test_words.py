"""Every value of the core has words of its own."""

from typing import get_args, get_type_hints

from diag.core.alerts import AlertKind, DeliveryState
from diag.core.diagnosis import Diagnosis, JudgedCause
from diag.core.entry import Confidence, FixedBy, Kind
from diag.core.incidents import IncidentState
from diag.core.inventory import CredentialKind
from diag.core.read import Source
from diag.core.remedy import Commands, Effect
from diag.render import words


def test_every_value_has_its_word() -> None:
    for values, table in (
        (get_args(get_type_hints(Diagnosis)["verdict"]), words.VERDICTS),
        (get_args(get_type_hints(JudgedCause)["verdict"]), words.CAUSE_VERDICTS),
        (get_args(Confidence), words.CONFIDENCE),
        (get_args(FixedBy), words.FIXED_BY),
        (get_args(Effect), words.EFFECTS),
        (get_args(Source), words.SOURCES),
        (get_args(IncidentState), words.INCIDENT_STATES),
        (get_args(Kind), words.KINDS),
        (get_args(CredentialKind), words.CREDENTIAL_KINDS),
        (get_args(AlertKind), words.ALERT_KINDS),
        (get_args(DeliveryState), words.DELIVERY_STATES),
        (tuple(Commands.__struct_fields__), dict(words.TOOLS)),
    ):
        assert set(values) == set(table)


def test_a_value_of_a_newer_version_is_shown_as_it_is() -> None:
    assert words.unknown(words.SOURCE_STATES, "resting").text == "resting"
    assert words.unknown(words.SOURCE_STATES, "").text == "not known"
    assert words.event_type("interactiveUser,somethingNew") == "user, interactive, somethingNew"
    assert words.family("token-and-session") == "Token and session"


def test_counts_agree_with_their_noun() -> None:
    assert words.count(1, "failure") == "1 failure"
    assert words.count(2304, "failure") == "2,304 failures"
    assert words.count(2, "person", "people") == "2 people"
