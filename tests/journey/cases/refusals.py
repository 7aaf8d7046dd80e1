"""Runs that cannot begin: what is said, and what is to be checked."""


from case import case
from journey import READY


@case("a token that the server does not know, or no longer")
def refusal_token(t):
    t.task("a", READY)
    t.run(user=t.changed("runner", "token", "expired"), shown="with a wrong token")
    t.left()


@case("a client certificate of an authority that the server does not know",
      only_real="the sandbox refuses it in the handshake, as servers do that demand certificates")
def refusal_certificate(t):
    t.task("a", READY)
    t.run(user=t.strange_certificate(), shown="with a strange certificate")
    t.left()


@case("no credential at all")
def refusal_anonymous(t):
    t.task("a", READY)
    t.blur(r"/apis?/\S+/(jobs|pods)", "</jobs or /pods>")
    t.blur(r'\b(jobs\.batch|pods) is|"(jobs|pods)" in API group "(batch|)"', "<jobs or pods>")
    t.run(user=t.changed("runner", "token", None), shown="without a user")
    t.left()


@case("a user who may not create Jobs: the verb, the resource and the namespace are named")
def refusal_rights(t):
    t.task("a", READY)
    t.run(user="reader")
    t.left()


@case("a user who may create Jobs but not delete them: outcomes are told, and that the Jobs are left",
      only_real="the sandbox's users may write everything or nothing")
def refusal_deleting(t):
    t.unordered = True
    t.task("a", READY, t.leaves("a"))
    t.task("b", READY, t.leaves("b"))
    t.world.grant(t.ns, "delete")
    t.run()
    t.left(gone=False)


@case("a namespace that does not exist")
def refusal_namespace(t):
    t.task("a", READY)
    t.run(user="admin", properties={"druid.indexer.runner.namespace": "no-such"})


@case("a server that is not there")
def refusal_unreachable(t):
    t.task("a", READY)
    t.run(user=t.changed("runner", "server", "https://127.0.0.1:9"), shown="of a port where nobody listens")


@case("a server that another authority vouches for")
def refusal_authority(t):
    t.task("a", READY)
    t.run(user=t.changed("runner", "certificate-authority-data", t.other_authority()), shown="with another authority")
    t.left()


@case("an address where something else than an API server answers")
def refusal_not_an_api_server(t):
    t.task("a", READY)
    t.run(user=t.changed("admin", "server", t.world.url + "/nowhere"), shown="with a wrong path")
