"""Runs cases against a server, and compares their transcripts with the expected ones."""

import concurrent.futures
import difflib
import importlib
import os
import pathlib
import time
import traceback

from case import CASES, Case

HERE = pathlib.Path(__file__).resolve().parent

# WHY: most cases wait for timers of the server, so they wait together.
AT_ONCE = 6


def load(kind):
    """Registers the cases in cases/KIND; their names."""
    for file in sorted((HERE / "cases" / kind).glob("[a-z]*.py")):
        importlib.import_module(f"cases.{kind}.{file.stem}")
    return sorted(CASES)


def run_case(client, name):
    """The transcript of a case; with its exception at the end where it broke off."""
    sentence, function, _ = CASES[name]
    t = Case(client, name, sentence)
    try:
        function(t)
    except Exception:
        t.say("", "THE CASE BROKE OFF:", *traceback.format_exc().splitlines())
    return t.transcript


def run(kind, client, names):
    """Runs the cases and prints what differs from expected/KIND; (passed, failed)."""
    update = os.environ.get("UPDATE_GOLDEN") == "1"
    passed, failed, rewritten = 0, 0, 0
    pool = concurrent.futures.ThreadPoolExecutor(AT_ONCE)
    try:
        for name, transcript in zip(names, pool.map(lambda name: run_case(client, name), names)):
            file = HERE / "expected" / kind / f"{name}.txt"
            wanted = file.read_text() if file.exists() else ""
            if transcript == wanted:
                passed += 1
            elif update and "THE CASE BROKE OFF" not in transcript:
                file.write_text(transcript)
                rewritten += 1
            else:
                failed += 1
                print(f"{name}: {CASES[name][0]}")
                print(*difflib.unified_diff(wanted.splitlines(), transcript.splitlines(), f"expected/{kind}/{file.name}", "this server",
                                            lineterm="", n=4), sep="\n")
    finally:
        # WHY no wait: when the suite is ended, its server goes at once, and with it what cases wait for.
        pool.shutdown(wait=False, cancel_futures=True)
    if rewritten:
        print(f"rewrote {rewritten} files; read the diff")
    return passed, failed + rewritten


def report(kind, client, names, real):
    """Runs the cases `names`, those of a real server alone only if this is one; the exit code."""
    started = time.monotonic()
    skipped = [] if real else [name for name in names if CASES[name][2]]
    passed, failed = run(kind, client, [name for name in names if name not in skipped])
    print(*(f"{name}: not of the sandbox: {CASES[name][2]}" for name in skipped), sep="\n", end="\n" if skipped else "")
    print(f"{kind}: {time.monotonic() - started:.1f} s")
    print(f"{passed} passed, {failed} failed" + (f", {len(skipped)} skipped" if skipped else ""))
    return 1 if failed or not passed else 0
