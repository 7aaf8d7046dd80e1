"""Builds and runs every suite of copse; `./test` calls it. README.md in this folder says what counts as what."""

import argparse
import queue
import signal
import sys
import threading

sys.dont_write_bytecode = True

from builds import Builds  # noqa: E402
from outcome import Outcome, end_all, ending, run_suite  # noqa: E402
from screen import Screen  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(prog="./test", description="Builds and runs every suite of copse.")
    parser.add_argument("--real", action="store_true",
                        help="also the suites against real servers, which are fetched and built once")
    parser.add_argument("pattern", nargs="?", default="", metavar="PATTERN",
                        help="only suites whose name contains this (* and ? as in file names)")
    return parser.parse_args()


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    screen, ready, beside = Screen(), queue.Queue(), queue.Queue()
    builds = Builds(options, screen, ready, beside)
    builds.start()
    try:
        total, ran = run_both(ready, beside, screen)
    finally:
        builds.stop()
        end_all()
        screen.close()
    if ran == 0:
        print(f"test: no suite is called like `{options.pattern}`")
    elif total.passed + total.failed == 0:
        print("test: no case ran")
    skipped = f", {total.skipped} skipped" if total.skipped else ""
    print(f"{total.passed} passed, {total.failed} failed{skipped}", flush=True)
    return 0 if total.passed > 0 and total.failed == 0 else 1


def run_both(ready, beside, screen):
    """Runs what comes out of both queues, side by side; as run_all."""
    others = []
    # WHY a daemon: an interrupted run does not wait for it.
    thread = threading.Thread(target=lambda: others.append(run_all(beside, screen, "beside")), daemon=True)
    thread.start()
    total, ran = run_all(ready, screen, "running")
    thread.join()
    more, ran_more = others[0] if others else (Outcome(failed=1), 1)
    return total + more, ran + ran_more


def run_all(ready, screen, what):
    """Runs the suites that come out of `ready`; the sum of their cases, and how many suites (and builds) there were."""
    total, ran = Outcome(), 0
    while (item := ready.get()) is not None:
        tree, name, suite = item
        screen.under_way(what, f"{tree} {name}")
        # What could not be built counts as one failed case; the screen has said why.
        outcome = run_suite(suite) if suite else Outcome(failed=1)
        if ending.is_set():
            break
        screen.under_way(what, "")
        screen.row(tree, name, outcome)
        total += outcome
        ran += 1
    return total, ran


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
