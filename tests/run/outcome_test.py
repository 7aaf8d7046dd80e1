"""What ./test makes of the output of a suite; run as a suite itself."""

import sys

sys.dont_write_bytecode = True

from outcome import judged  # noqa: E402

CATCH_BAD = """
===============================================================================
test cases:  3 |  1 passed | 2 failed
assertions: 12 | 10 passed | 2 failed
"""

# What is true; output of the suite; its exit code; passed, failed, skipped.
CASES = [
    ("Catch2's summary of a good run is counted", "All tests passed (30 assertions in 12 test cases)\n", 0, (12, 0, 0)),
    ("one test case is a case as well", "All tests passed (1 assertion in 1 test case)\n", 0, (1, 0, 0)),
    ("Catch2's summary of a bad run is counted", CATCH_BAD, 2, (1, 2, 0)),
    ("a case that fails as expected has passed",
     "test cases: 2 | 1 passed | 1 failed as expected\nassertions: - none -\n", 0, (2, 0, 0)),
    ("lines of other programs are summed", "1 passed, 0 failed\nx\n2 passed, 0 failed, 3 skipped\n", 0, (3, 0, 3)),
    ("a failure in any of the lines counts", "1 passed, 1 failed\n2 passed, 0 failed\n", 1, (3, 1, 0)),
    ("a crash after a good summary is a failure", "All tests passed (1 assertion in 1 test case)\n", -11, (1, 1, 0)),
    ("a sanitizer's exit code after a good summary is a failure", "3 passed, 0 failed\n", 66, (3, 1, 0)),
    ("a suite that says nothing has failed", "", 0, (0, 1, 0)),
    ("a suite without a case has failed", "No tests ran\n", 0, (0, 1, 0)),
    ("zero of zero is a failure", "0 passed, 0 failed\n", 0, (0, 1, 0)),
    ("words like a summary inside a line are no summary", "see `3 passed, 0 failed`\n", 0, (0, 1, 0)),
]


def main():
    failed = 0
    for name, output, code, wanted in CASES:
        outcome = judged(output, code)
        if (outcome.passed, outcome.failed, outcome.skipped) != wanted or bool(outcome.output) != bool(outcome.failed):
            failed += 1
            print(f"wrong: {name}: {outcome}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
