"""A cause found by elimination shows what the elimination rests on."""

from diag.core.engine import diagnose
from diag.core.entry import AllOf, Cause, Confirm, Entry, FixStep, Otherwise
from diag.core.entry import Test as Question
from diag.core.facts import Facts, Failure
from diag.core.read import Found


def _cause(name: str, when: Question | AllOf | Otherwise) -> Cause:
    return Cause(
        id=name, title=name, when=when, confidence="likely", commonness="common", fixed_by="developer",
        root_cause="It is so.", confirm=(Confirm("Look."),),
        fix=(FixStep("by_hand", {"do": "Do.", "who": "developer"}),),
    )  # fmt: skip


def _entry(*causes: Cause) -> Entry:
    return Entry(code=1, name="One", family="protocol", kind="failure", status="test", summary="It.", causes=causes)


DEVICE = _cause("device", Question("client.uses_flow", {"flows": ["device_code"]}))
SAML = _cause("saml", Question("client.uses_flow", {"flows": ["saml"]}))
REST = _cause("rest", Otherwise())
WEB = Facts(failure=Failure(flow=Found("authorization_code", "request")))


def test_what_ruled_the_others_out_is_evidence_once() -> None:
    told = diagnose(_entry(DEVICE, SAML, REST), WEB)
    assert told.cause is not None
    assert told.cause.id == "rest"
    elimination, *against = told.cause.evidence
    assert elimination.statement == "Every other known cause is ruled out."
    assert against
    assert len(against) == len(set(against))
    ruled_out = [item for cause in told.causes if cause.verdict == "ruled_out" for item in cause.evidence]
    assert set(against) <= set(ruled_out)
    assert all(item.fact == "failure.flow" for item in against)


def test_while_a_cause_is_open_nothing_is_eliminated() -> None:
    told = diagnose(_entry(DEVICE, REST), Facts())
    assert told.cause is None
    assert [cause.evidence for cause in told.causes if cause.id == "rest"] == [()]


def test_a_single_cause_says_only_that_it_is_the_only_one() -> None:
    told = diagnose(_entry(REST), WEB)
    assert told.cause is not None
    assert [item.statement for item in told.cause.evidence] == ["No other cause of this error is known."]
