"""Codes that the sign-in log writes when a sign-in paused for more, not when it failed.

The log has no property for this. A pause and a dead end carry the same code, so what tells them apart is whether a
person was there to go on: with nobody there (silent renewal, on-behalf-of, a password sent by a program) the same code
ends the attempt. Missing consent (65001, 90094), expired passwords (50055, 50144) and accounts that are not in the
tenant (16003, 50020) are left out on purpose: they stay failures until somebody does something about them.
"""

ALWAYS: dict[int, str] = {
    50019: "a certificate is chosen before the sign-in goes on",
    50125: "the user is asked to set up password reset first",
    50140: "the user is asked whether to stay signed in",
    50168: "the browser is asked for the device's own session",
    50199: "the user is asked to confirm the application that is signing in",
    50201: "the user is shown a message",
    50203: "the user is reminded to set up the authenticator app",
    50207: "the native broker is checked",
    70016: "the device polls while the person has not finished signing in",
    90095: "the user may ask an administrator for consent",
    501314: "the browser's abilities are looked at",
}
"""Pages that Entra ID shows on the way; no attempt ends with one of them."""

WITH_A_PERSON: dict[int, str] = {
    16000: "the user is asked which account to use",
    16001: "the chosen session is no longer offered and the user picks again",
    50058: "nobody was signed in yet and the sign-in page follows",
    50072: "the user is asked to set up a second factor",
    50074: "the user is asked for a second factor",
    50076: "the user is asked for a second factor",
    50079: "the user is asked to set up a second factor",
    50097: "the device is asked to identify itself",
    50127: "the user is asked to install a broker application",
    50129: "the user is asked to register the device",
    50143: "the session belongs to another tenant and is replaced",
    50158: "the user is sent to an outside challenge, such as terms of use",
    51006: "integrated Windows authentication is asked for",
    81010: "single sign-on by Kerberos did not work and the sign-in page follows",
    81012: "single sign-on found another user and the sign-in page follows",
    81014: "single sign-on by Kerberos did not work and the sign-in page follows",
}
"""Pages shown to a person at the keyboard; without one the attempt ends here."""

_WITHOUT_PAGES = frozenset({"ropc"})


def is_interrupt(code: int, *, interactive: bool, protocol: str = "") -> bool:
    """Whether a record with this code paused rather than failed.

    ``protocol`` is the record's ``authenticationProtocol``: a password sent by a program is logged as interactive
    although no page can be shown.
    """
    if code in ALWAYS:
        return True
    return interactive and code in WITH_A_PERSON and protocol not in _WITHOUT_PAGES
