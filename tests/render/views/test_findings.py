"""A review as a page shows it: what holds, what nobody could look at, grouped by what is lacking."""

from datetime import UTC, datetime

from diag.adapters.kb_files.store import open_knowledge_base
from diag.core.facts import Facts
from diag.core.read import present
from diag.core.registration import Application, ServicePrincipal
from diag.core.review import MICROSOFT_TENANTS, review
from diag.render.findings import review_lines, review_object
from diag.render.views.findings import findings_view

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CHECKS = open_knowledge_base().checks()
HOSTILE = "https://x.example/<script>alert(1)</script>\x1b[2J*"
UNOWNED = Facts(
    application=Application(
        exists=present(True),
        display_name=present("<b>Orders</b>"),
        owners=present(()),
        web_redirect_uris=present((HOSTILE,)),
        spa_redirect_uris=present(()),
        public_client_redirect_uris=present(()),
    )
)


def test_what_holds_comes_with_its_fixes_and_what_was_not_read_is_grouped_by_how_to_learn_it() -> None:
    view = findings_view(review(CHECKS, UNOWNED), NOW)
    assert {finding.id for finding in view.held} == {"no-owner", "wildcard-redirect-uri"}
    assert [finding.badge.text for finding in view.held] == ["High", "Medium"]
    assert all(finding.fix for finding in view.held)
    ways = [item.how for item in view.unlooked]
    assert len(ways) == len(set(ways))
    assert "could not be looked at" in view.summary


def test_nothing_to_check_says_so_and_counts_nothing() -> None:
    theirs = ServicePrincipal(exists=present(True), owner_tenant_id=present(next(iter(MICROSOFT_TENANTS))))
    view = findings_view(review(CHECKS, Facts(service_principal=theirs)), NOW)
    assert (view.held, view.unlooked, view.summary) == ((), (), "not checked")
    assert "Microsoft" in view.note


def test_lines_for_a_terminal_pass_every_value_through_the_callers_filter() -> None:
    lines = list(review_lines(review(CHECKS, UNOWNED), visible=lambda text: text.replace("\x1b", "?")))
    assert not any("\x1b" in line for line in lines)
    assert any("wildcard-redirect-uri" in line for line in lines)


def test_a_hostile_address_reaches_no_command() -> None:
    told = review_object(review(CHECKS, UNOWNED), app_id="a")
    wildcard = next(finding for finding in told["findings"] if finding["id"] == "wildcard-redirect-uri")
    removal = wildcard["fix"][1]["commands"]
    assert "unavailable" in removal["az"]
    assert "unavailable" in removal["powershell"]
    assert all(finding["verdict"] != "ruled_out" for finding in told["findings"])
    assert told["app_id"] == "a"
