"""Runs the cases of a suite one after the other: functions of a stage, whose names and docstrings say what is true."""

import time
import traceback


def run(title, cases, pattern, stage, started, on_failure=lambda: None):
    """Calls the cases with `pattern` in their names; prints what they took and what failed; the exit code of the suite.

    `started`: by the monotonic clock, when the suite did. `on_failure` is called once at the end if any has failed.
    """
    passed, failed = 0, 0
    for case in (case for case in cases if pattern in case.__name__):
        began = time.monotonic()
        try:
            case(stage)
            passed += 1
            print(f"{case.__name__}: {time.monotonic() - began:.1f} s", flush=True)
        except Exception:
            failed += 1
            print(f"{case.__name__}: {case.__doc__}\n{traceback.format_exc()}", flush=True)
    if failed:
        on_failure()
    print(f"{title}: {time.monotonic() - started:.1f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0
