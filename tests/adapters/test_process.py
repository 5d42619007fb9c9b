"""Who is gone and who may be alive: only the first may be robbed of a lease."""

import os
import subprocess
import sys

from diag.adapters.process import is_gone, signature

SIGN = "from diag.adapters.process import signature; print(signature())"


def test_a_process_that_ended_is_gone_and_one_that_runs_is_not() -> None:
    own = signature()
    ended = subprocess.run([sys.executable, "-c", SIGN], capture_output=True, text=True, check=True).stdout.strip()
    assert is_gone(ended, own)
    running = subprocess.Popen(
        [sys.executable, "-c", f"{SIGN[:-1]}, flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    signed = running.stdout.readline().strip()
    assert not is_gone(signed, own)
    running.communicate("\n")
    assert is_gone(signed, own)


def test_who_had_our_number_before_us_is_gone_and_we_are_not() -> None:
    own = signature()
    assert not is_gone(own, own)
    assert is_gone(signature(), own)


def test_nobody_can_tell_of_another_machine_or_of_a_name_that_is_none() -> None:
    own = signature()
    place, number, mark = own.rsplit(":", 2)
    for other in (f"elsewhere/{place}:{number}:{mark}x", f"{place}x:1:aa", f"{place}:x:aa", "", "host:1:aa", ":::"):
        assert not is_gone(other, own)


def test_a_process_of_another_user_is_alive() -> None:
    place = signature().rsplit(":", 2)[0]
    assert not is_gone(f"{place}:1:aa", signature()) or os.getpid() == 1
