"""What it costs, by the API server's own ledger."""

import json

from case import case
from client import field
from journey import READY


@case("two requests a task, a create and a delete, and six in all, three lists and three watches; beside them one look at the version",
      only_real="only a real API server keeps a ledger that is not our own")
def ledger_of_requests(t):
    tasks = [f"task{number}" for number in range(20)]
    for task in tasks:
        t.task(task, READY, t.leaves(task))
    t.run()
    t.left()
    counts = {}
    for asked in requests_of_copse(t):
        what = field(asked, "objectRef.resource") or asked["requestURI"]
        counts[f"{asked['verb']} {what}"] = counts.get(f"{asked['verb']} {what}", 0) + 1
    t.say("", f"requests for {len(tasks)} tasks:", *(f"  {count} {what}" for what, count in sorted(counts.items())))


def requests_of_copse(t):
    """What copse asked of this case's namespace: a request each, however many stages it had."""
    entries = {}
    for line in t.world.audit().splitlines():
        entry = json.loads(line)
        if entry.get("userAgent", "").startswith("copse/") and field(entry, "objectRef.namespace") == t.ns:
            entries[entry["auditID"]] = entry
    return entries.values()
