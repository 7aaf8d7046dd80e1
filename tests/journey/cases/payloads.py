"""Tasks that are too large for their Jobs: a ConfigMap brings them."""

import random

from case import case
from journey import READY

NOISE = random.Random(1).randbytes(300_000).hex()  # of which gzip leaves half


@case("a large task's pod waits for its ConfigMap, which goes with its Job; a second run at once gets one of its own")
def payload_again_at_once(t):
    pods = t.ledger()
    t.task("a", READY, t.leaves("a"), noise=NOISE)
    t.run()
    t.run()
    t.wait(t.maps, lambda maps: not maps, "all ConfigMaps go away")
    t.left()
    pods.close()


@case("two runs of a large task at once: whoever creates Job or ConfigMap, both tell its outcome")
def payload_twice_at_once(t):
    pods = t.ledger()
    t.task("a", "run 2s", t.leaves("a"), noise=NOISE)
    runs = [t.start(), t.start()]
    for run in runs:
        run.finish()
    t.wait(t.maps, lambda maps: not maps, "all ConfigMaps go away")
    t.left()
    pods.close()


@case("a large task that is cancelled takes its ConfigMap with it")
def payload_cancelled(t):
    t.task("a", "run for-ever", noise=NOISE)
    run = t.start("--cancel")
    t.wait_running()
    run.interrupt()
    run.finish()
    t.wait(t.maps, lambda maps: not maps, "all ConfigMaps go away")
    t.left()
