"""Ctrl-C, and the run after it."""

import signal

from case import case
from journey import READY, phase

STAYS = ("run for-ever", "term 300ms")


@case("Ctrl-C leaves the Jobs running and says which; the same command takes them over, and nothing runs twice")
def interrupt_and_resume(t):
    pods = t.ledger()
    t.task("a", "run 3s", t.leaves("a"))
    t.task("b", "run 3s", t.leaves("b", "FAILED", "bad rows"))
    t.task("c", READY, t.leaves("c"))
    first = t.start()
    t.wait_ended()
    t.wait_running(2)
    first.interrupt()
    first.finish()
    t.left(gone=False)
    t.run()
    t.left()
    pods.close()


@case("SIGTERM does what Ctrl-C does")
def interrupt_by_sigterm(t):
    t.task("a", *STAYS)
    run = t.start()
    t.wait_running()
    run.interrupt(signal.SIGTERM)
    run.finish()
    t.left(gone=False)


@case("with --cancel Ctrl-C deletes the Jobs, and the program ends when their pods are gone")
def interrupt_and_cancel(t):
    t.task("a", *STAYS)
    t.task("b", "schedule 1h")
    run = t.start("--cancel")
    t.wait(t.pods, lambda pods: sorted(map(phase, pods)) == ["Pending", "Running"], "one runs, one waits")
    run.interrupt()
    run.finish()
    t.left(gone=False)


@case("a second Ctrl-C does not wait for pods that end slowly")
def interrupt_twice(t):
    t.task("a", "run for-ever", "term 8s")
    run = t.start("--cancel")
    t.wait_running()
    run.interrupt()
    t.wait(t.jobs, lambda jobs: all("deletionTimestamp" in one["metadata"] for one in jobs), "the Job is being deleted")
    run.interrupt()
    run.finish()
    t.left(gone=False)
