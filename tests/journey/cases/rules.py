"""What a policy's rule changes in the Job."""

import json

from case import case

POLICY = """
policy "overrides"
allow override cpu, memory, storage, label, annotation, node, tolerate, env, javaOpts, deadline, grace

profile nvme { node "disk" = "nvme"; env "FAST_TMP" = "/nvme"; tolerate "spot" = "true": NoSchedule }

rule "all" when type == "noop" and priority >= 0 and id like glob"?" {
  template "a"; use nvme; cpu 250m..500m; memory 512Mi..1Gi; storage 1Gi
  label "team" = tags.plays else "nobody"; annotation "example.com/why" = "a rule, a task"
  env "LEVEL" = "debug"; javaOpts "-Xmx256m"; deadline 2h; grace 7s
}
default { template "a" }
"""


@case("what a rule and its profile set stands in the Job once, as the API server keeps it; the same is said before")
def rule_changes_job(t):
    t.policy = POLICY
    t.task("a", "run 3s", t.leaves("a"))
    run = t.start()
    t.wait_running()
    (job,) = t.listed(t.jobs)
    spec = job["spec"]["template"]["spec"]
    (main,) = spec["containers"]
    ours = {"LEVEL", "FAST_TMP", "JAVA_OPTS"}
    t.say("", "the Job:", *(f"  {name}: {json.dumps(value, sort_keys=True)}" for name, value in {
        "deadline": job["spec"]["activeDeadlineSeconds"],
        "labels": {kind: meta["labels"]["team"] for kind, meta in (("job", job["metadata"]), ("pod", job["spec"]["template"]["metadata"]))},
        "annotations": {kind: meta["annotations"]["example.com/why"]
                        for kind, meta in (("job", job["metadata"]), ("pod", job["spec"]["template"]["metadata"]))},
        "decision": {key: value for key, value in json.loads(job["metadata"]["annotations"]["copse/decision"]).items()
                     if key != "policy"},
        "grace": spec["terminationGracePeriodSeconds"],
        "node": spec["nodeSelector"],
        "tolerations": spec["tolerations"],
        "resources": main["resources"],
        "env": sorted([one["name"], one["value"]] for one in main["env"] if one["name"] in ours),
    }.items()))
    run.finish()
    t.left()


def two_namespaces(t):
    """A policy that sends task `a` to a namespace of its own; that namespace."""
    other = f"{t.ns}-vip"
    t.policy = f"""
allow override namespace
rule "vip" when id == "a" {{ template "a"; namespace "{other}" }}
default {{ template "b" }}
"""
    for task in ("a", "b"):
        t.task(task, "run 2s", t.leaves(task))
    return other


@case("a rule sends a Job to another namespace, where it is watched and deleted like those in the usual one")
def rule_picks_namespace(t):
    other = two_namespaces(t)
    t.world.prepare(other)
    run = t.start(properties={"copse.namespaces": other})
    t.wait_running()
    found = {"usual": t.listed(t.jobs)}
    with t.elsewhere(other):
        t.wait_running()
        found["other"] = t.listed(t.jobs)
    t.say("", *(f"Jobs in the {which} namespace: {', '.join(t.symbols.text(job['metadata']['name']) for job in jobs)}"
                for which, jobs in found.items()))
    run.finish()
    for namespace in (t.ns, other):
        with t.elsewhere(namespace):
            t.left()


@case("a namespace that copse does not watch is refused before a Job is created there")
def namespace_not_watched(t):
    two_namespaces(t)
    t.run()
    t.left()
