"""A Job of the task's name is there already."""

from case import case
from journey import READY
from objects import job



@case("a stranger's Job of that name is left alone")
def name_of_a_stranger(t):
    t.task("a", READY, t.leaves("a"))
    t.world.create(t.jobs(), job(t.job_name("a"), "run for-ever"))
    t.wait_running()
    t.run()
    t.left(gone=False)


@case("a finished Job of an earlier run is judged and taken away; its task is not run again")
def name_of_a_finished_job(t):
    pods = t.ledger()
    t.task("a", "run 1s", t.leaves("a"))
    first = t.start()
    t.wait_running()
    first.interrupt()
    first.finish()
    t.wait_ended()
    t.run()
    t.left()
    pods.close()


@case("a Job of that name that is being deleted is waited for, then the task runs")
def name_of_a_dying_job(t):
    t.task("a", "run 3s", "term 2s", t.leaves("a"))
    first = t.start()
    t.wait_running()
    first.interrupt()
    first.finish()
    t.quietly("DELETE", t.jobs(t.job_name("a"), propagationPolicy="Foreground"))
    t.run()
    t.left()


@case("a pod that is left of the Job before does not stand for a new one: the task runs again")
def name_of_a_job_whose_pod_is_left(t):
    pods = t.ledger()
    t.task("a", "run 1s", t.leaves("a"))
    first = t.start()
    pod = t.pods(t.wait_running()[0]["metadata"]["name"])
    t.merge(pod, {"metadata": {"finalizers": ["batch.kubernetes.io/job-tracking", "copse.test/stays"]}})
    first.finish()
    t.run()
    t.merge(pod, {"metadata": {"finalizers": None}})
    t.left()
    pods.close()


@case("the same run once more, at once: everything runs again")
def name_again_at_once(t):
    pods = t.ledger()
    t.task("a", READY, t.leaves("a"))
    t.run()
    t.run()
    t.left()
    pods.close()


@case("two runs at once: one creates the Job, both tell its outcome")
def name_twice_at_once(t):
    pods = t.ledger()
    t.task("a", "run 2s", t.leaves("a"))
    runs = [t.start(), t.start()]
    for run in runs:
        run.finish()
    t.left()
    pods.close()


@case("a task that is given twice runs once")
def name_given_twice(t):
    pods = t.ledger()
    t.task("a", READY, t.leaves("a"))
    t.tasks.append(t.tasks[0])
    t.run()
    t.left()
    pods.close()
