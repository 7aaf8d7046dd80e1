"""What a cluster or somebody in it does to a task."""

from case import case

LAUNCH = "druid.indexer.runner.k8sjobLaunchTimeout"
STAYS = ("run for-ever", "term 300ms")


@case("an image that cannot be pulled ends the task within the launch timeout, with the registry's words; its Job is deleted")
def misfortune_image(t):
    t.task("a", "pull fails manifest for druid:33 not found")
    t.run(properties={LAUNCH: "PT8S"})
    t.left()


@case("a container that cannot be configured")
def misfortune_config(t):
    t.task("a", "waiting CreateContainerConfigError secret \"metadata-store\" not found")
    t.run(properties={LAUNCH: "PT6S"})
    t.left()


@case("a pod that no node takes")
def misfortune_place(t):
    t.task("a", "unschedulable 0/3 nodes are available: 3 Insufficient memory.")
    t.run(properties={LAUNCH: "PT6S"})
    t.left()


@case("a pod that the node refuses")
def misfortune_refused(t):
    t.task("a", "schedule 200ms", "reject OutOfcpu Node didn't have enough resource: cpu")
    t.run()
    t.left()


@case("a container that is killed for its memory")
def misfortune_memory(t):
    t.task("a", "run 1s", "exit 137 OOMKilled")
    t.run()
    t.left()


@case("a pod that is evicted")
def misfortune_eviction(t):
    t.task("a", "run 1s", "evict The node was low on resource: memory.")
    t.run()
    t.left()


@case("a Job past its deadline, which is Druid's maxTaskDuration")
def misfortune_deadline(t):
    # WHY slow to end: when the controller meets a conflict it looks again a second later, and a pod that has failed by then
    # counts before the deadline does.
    t.task("a", "run for-ever", "term 2s")
    t.run(properties={"druid.indexer.runner.maxTaskDuration": "PT2S"})
    t.left()


@case("a Job that somebody deletes while it runs, with its pod after it")
def misfortune_job_deleted(t):
    t.task("a", *STAYS)
    run = t.start()
    t.wait_running()
    t.quietly("DELETE", t.jobs(t.listed(t.jobs)[0]["metadata"]["name"], propagationPolicy="Background"))
    run.finish()
    t.left()


@case("a Job that somebody deletes together with its pod")
def misfortune_job_deleted_in_foreground(t):
    t.task("a", *STAYS)
    run = t.start()
    t.wait_running()
    t.quietly("DELETE", t.jobs(t.listed(t.jobs)[0]["metadata"]["name"], propagationPolicy="Foreground"))
    run.finish()
    t.left()


@case("a pod that somebody deletes while it runs: no second one takes its place")
def misfortune_pod_deleted(t):
    t.task("a", *STAYS)
    pods = t.ledger()
    run = t.start()
    pod = t.wait_running()[0]
    t.quietly("DELETE", t.pods(pod["metadata"]["name"]))
    run.finish()
    t.left()
    pods.close()
