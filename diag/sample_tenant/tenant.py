"""Puts the company together: directory, stories, sign-in log, and what goes on while it runs."""

import time
from dataclasses import dataclass

from diag.sample_tenant.bulk import Population, shares
from diag.sample_tenant.catalog import READER, STORY_SIZE
from diag.sample_tenant.clock import StoryClock
from diag.sample_tenant.directory import Directory
from diag.sample_tenant.live import LiveStory
from diag.sample_tenant.minting import Mint
from diag.sample_tenant.people import Crowd
from diag.sample_tenant.signin_log import SignInLog
from diag.sample_tenant.stage import Stage
from diag.sample_tenant.stories import credentials, everyday, people
from diag.sample_tenant.throttle import Throttle

STORY_BULK = 7000
"""Rows of ordinary sign-ins around the stories unless another size is asked for."""
STORY_FAILURES = 0.06


@dataclass(frozen=True)
class Options:
    """What can be chosen at the start."""

    starts: int
    ahead: int = 0
    """Seconds of the story that have passed already: it was begun by an earlier process."""
    applications: int = 60
    sign_ins: int | None = None
    """Rows over the 30 days before the start; None leaves the story its own size."""
    failures_share: float | None = None
    seed: int = 1
    throttle: bool = True
    key_ids: bool = True
    ne_filter: bool = True
    story_speed: float = 1.0


class Tenant:
    """Everything that the server answers from."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.mint = Mint(options.seed)
        self.tenant_id = self.mint.guid("tenant")
        self.clock = StoryClock(options.starts, stands=options.story_speed == 0, ahead=options.ahead)
        size = max(options.applications, STORY_SIZE)
        crowd = Crowd(self.mint, self.tenant_id, 80 if size <= 60 else min(5000, size))
        self.directory = Directory(self.mint, self.tenant_id, crowd, size, options.starts)
        population = Population(self.directory)
        whole_company = options.sign_ins is not None or options.failures_share is not None
        failures = STORY_FAILURES if options.failures_share is None else options.failures_share
        self.log = SignInLog(self.mint, population, self.clock)
        self.stage = Stage(self.mint, self.directory, population, self.log, options.starts)
        _tell(self.stage)
        # The bulk fills up to the number of rows that was asked for.
        bulk = STORY_BULK if options.sign_ins is None else max(0, options.sign_ins - self.log.kept_rows)
        self.log.fill(shares(bulk, failures, whole_company), self.stage.live, options.story_speed)
        self.live = LiveStory(self.stage, self.clock, options.story_speed)
        self.log_throttle = Throttle(5, 10, time.monotonic)
        self.policy_throttle = Throttle(1, 1, time.monotonic, says_when=False)
        reader = self.stage.application(READER)
        self.reader_id: str = reader["appId"]
        self.reader_secret = self.mint.secret(reader["passwordCredentials"][0]["keyId"])


def _tell(stage: Stage) -> None:
    everyday.policies(stage)
    everyday.assignments(stage)
    for story in (
        credentials.expired_secret, credentials.stale_secret, credentials.disabled_principal,
        credentials.changed_subject, credentials.wrong_certificate, credentials.deleted_application,
        credentials.missing_resource, credentials.endings, people.broken_redirect, people.missing_consent,
        people.unknown_guest, people.blocked_by_policy, people.not_assigned, people.inactive_token,
        people.saml_certificate, people.interrupted, everyday.ordinary_work,
    ):  # fmt: skip
        story(stage)
