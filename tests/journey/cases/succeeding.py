"""Tasks that end by themselves, and whose word counts."""

from case import case
from journey import status

LONG = "schedule 200ms\npull 200ms\nrun 600ms"


@case("a user with a token and the least rights runs a task; its status.json says SUCCESS")
def succeeding_with_token(t):
    t.task("a", LONG, t.leaves("a"))
    pods = t.ledger()
    t.run()
    t.left()
    pods.close()


@case("so does a user with a client certificate")
def succeeding_with_certificate(t):
    t.task("a", LONG, t.leaves("a"))
    t.run(user="certificate")
    t.left()


@case("the tasks of the demo, one of each kind")
def succeeding_demo(t):
    t.policy = {"type": "default", "podTemplateSelectStrategy": {"type": "taskType"}}
    for task, kind in t.demo_tasks():
        t.template(kind, LONG, t.leaves(task))
    t.run()
    t.left()


@case("the same for people")
def succeeding_in_words(t):
    t.task("a", LONG, t.leaves("a"))
    t.task("b", LONG, t.leaves("b", "FAILED", "no such datasource"))
    t.run("--format", "text")
    t.left()


@case("a container that exits with 0 says nothing: status.json says FAILED and why")
def failing_by_status(t):
    t.task("a", LONG, t.leaves("a", "FAILED", "java.lang.OutOfMemoryError: Java heap space"), "exit 0")
    t.task("b", LONG, t.leaves("b"), "exit 1")
    t.run()
    t.left()


@case("where the log store has nothing the termination message counts")
def ending_by_message(t):
    t.task("a", LONG, f"message {status('a')}", "exit 0")
    t.task("b", LONG, f"message {status('b', 'FAILED', 'no such datasource')}", "exit 0")
    t.task("c", LONG, "message out of coffee", "exit 0")
    t.run()
    t.left()


@case("without a status the outcome is unknown, whatever the exit code")
def ending_without_status(t):
    t.task("a", LONG, "exit 0")
    t.task("b", LONG, "exit 3")
    t.run()
    t.left()


@case("--trust-exit-code lets the exit code speak where nothing better does")
def ending_by_exit_code(t):
    t.task("a", LONG, "exit 0")
    t.task("b", LONG, "exit 3")
    t.task("c", LONG, t.leaves("c", "FAILED", "bad rows"), "exit 0")
    t.run("--trust-exit-code")
    t.left()


@case("a status of an earlier run under the same id is not believed")
def ending_by_old_status(t):
    t.task("a", LONG, "exit 0")
    t.old_status("a")
    t.run()
    t.left()
