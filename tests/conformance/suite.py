"""Runs cases against a server, and compares their transcripts with the expected ones. tests/journey uses it too."""

import concurrent.futures
import difflib
import importlib
import os
import time
import traceback

from case import CASES

# WHY: most cases wait for timers of the server, so they wait together.
AT_ONCE = 6


def load(folder, package):
    """Registers the cases in the Python files of `folder`, which is the package `package`; their names."""
    for file in sorted(folder.glob("[a-z]*.py")):
        importlib.import_module(f"{package}.{file.stem}")
    return sorted(CASES)


def run_case(make_case, name):
    """The transcript of a case; with its exception at the end where it broke off."""
    sentence, function, _ = CASES[name]
    t = make_case(name, sentence)
    try:
        function(t)
    except Exception:
        t.say("", "THE CASE BROKE OFF:", *traceback.format_exc().splitlines())
    return t.transcript


def run(expected, make_case, names):
    """Runs the cases and prints what differs from the files in the folder `expected`; (passed, failed)."""
    update = os.environ.get("UPDATE_GOLDEN") == "1"
    passed, failed, rewritten = 0, 0, 0
    pool = concurrent.futures.ThreadPoolExecutor(AT_ONCE)
    try:
        for name, transcript in zip(names, pool.map(lambda name: run_case(make_case, name), names)):
            file = expected / f"{name}.txt"
            wanted = file.read_text() if file.exists() else ""
            if transcript == wanted:
                passed += 1
            elif update and "THE CASE BROKE OFF" not in transcript:
                file.write_text(transcript)
                rewritten += 1
            else:
                failed += 1
                print(f"{name}: {CASES[name][0]}")
                print(*difflib.unified_diff(wanted.splitlines(), transcript.splitlines(), str(file.relative_to(expected.parents[1])),
                                            "this server",
                                            lineterm="", n=4), sep="\n")
    finally:
        # WHY no wait: when the suite is ended, its server goes at once, and with it what cases wait for.
        pool.shutdown(wait=False, cancel_futures=True)
    if rewritten:
        print(f"rewrote {rewritten} files; read the diff")
    return passed, failed + rewritten


def report(title, expected, make_case, names, real):
    """Runs the cases `names`, those of a real server alone only if this is one; the exit code.

    `make_case(name, sentence)` makes what a case is called with; `title` is for the summary.
    """
    started = time.monotonic()
    skipped = [] if real else [name for name in names if CASES[name][2]]
    passed, failed = run(expected, make_case, [name for name in names if name not in skipped])
    print(*(f"{name}: not of the sandbox: {CASES[name][2]}" for name in skipped), sep="\n", end="\n" if skipped else "")
    print(f"{title}: {time.monotonic() - started:.1f} s")
    print(f"{passed} passed, {failed} failed" + (f", {len(skipped)} skipped" if skipped else ""))
    return 1 if failed or not passed else 0
