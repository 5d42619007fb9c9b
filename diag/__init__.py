"""aadsts-diag: from an AADSTS error and the registration's state to root cause, confirmation and fix."""

__version__ = "0.1.0"
