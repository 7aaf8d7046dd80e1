"""The announcer in a real ZooKeeper, and with real Overlords that look for workers there."""

import json
import signal

from announcer import Announcer
from druid import Installation, ZooKeeper, two_overlords, wait_until
from zookeeper_client import NO_AUTH, OPEN, ZooKeeperClient, ZooKeeperError

BASE = "/druid"
SESSION_MS = 3_000
TICK_MS = 500  # sessions last from 1 to 10 s
CLOSE_ENOUGH_SECONDS = 3
USER = "druid:word"


class Stage:
    """One ZooKeeper, which all cases share; each has a host of its own."""

    def __init__(self, program, site):
        self.program, self.site = program, site
        self.zookeeper = ZooKeeper(site, tick_ms=TICK_MS).start()

    def announcer(self, base=BASE, servers=None, session_ms=SESSION_MS, user=None):
        return Announcer(self.program, "zookeeper", servers or self.zookeeper.address, base, session_ms,
                         *(user.split(":") if user else ()))

    def client(self, user=None):
        return ZooKeeperClient(self.zookeeper.address, user)

    def znode(self, host):
        with self.client() as client:
            return client.get(path(host))

    def wait_until_gone(self, host, seconds=60):
        wait_until(lambda: self.znode(host) is None, seconds, f"the end of the znode of {host}")


def path(host, base=BASE):
    return f"{base}/internal-discovery/MIDDLE_MANAGER/{host}:8091"


def it_is_announced_and_withdrawn(stage):
    """The znode is ephemeral and holds the document; when the withdrawal is told it is gone."""
    with stage.announcer() as announcer:
        announcer.announce("plain").hear("announced")
        found = stage.znode("plain")
        assert found.owner != 0, found
        document = json.loads(found.data)
        assert document["druidNode"]["host"] == "plain" and document["nodeType"] == "middleManager", document
        announcer.withdraw()
        announcer.hear("withdrawn")
        assert stage.znode("plain") is None
        announcer.announce("plain", capacity=7).hear("announced")
        assert json.loads(stage.znode("plain").data)["services"]["workerNodeService"]["capacity"] == 7


def its_end_ends_the_announcement(stage):
    """An announcer that is destroyed takes its session along, and waits for nothing else."""
    with stage.announcer() as announcer:
        announcer.announce("brief").hear("announced")
        assert announcer.end() < CLOSE_ENOUGH_SECONDS
        assert stage.znode("brief") is None


def another_capacity_replaces_the_znode(stage):
    """Druid's readers do not look at changed data: the znode is another one."""
    with stage.announcer() as announcer:
        announcer.announce("grows").hear("announced")
        before = stage.znode("grows")
        announcer.announce("grows", capacity=6).hear("announced")
        after = stage.znode("grows")
        assert after.created > before.created and b'"capacity":6' in after.data, after


def a_killed_copse_comes_back_before_its_session_ends(stage):
    """The stale znode is replaced at once, and the old session's end does not take the new one along."""
    with stage.announcer(session_ms=5_000) as first:
        first.announce("killed").hear("announced")
        first.kill()
    stale = stage.znode("killed")
    assert stale, "the session has ended too early for this case"
    with stage.announcer() as second:
        second.announce("killed").hear("announced", CLOSE_ENOUGH_SECONDS)
        fresh = stage.znode("killed")
        assert fresh.owner != stale.owner and fresh.created > stale.created, (stale, fresh)
        wait_until(lambda: f"0x{stale.owner:x}" in ended_sessions(stage), 30, "the end of the old session")
        assert stage.znode("killed") == fresh
        assert not second.has_told("lost")


def ended_sessions(stage):
    return "\n".join(line for line in stage.zookeeper.log_text().splitlines() if "Expiring session" in line)


def a_session_that_expires_is_followed_by_another(stage):
    """A copse that was away for longer than its session says that it was lost, and is announced again."""
    with stage.announcer(session_ms=1_000) as announcer:
        announcer.announce("asleep").hear("announced")
        before = stage.znode("asleep")
        announcer.send_signal(signal.SIGSTOP)
        stage.wait_until_gone("asleep")
        announcer.send_signal(signal.SIGCONT)
        announcer.hear("lost")
        announcer.hear("announced")
        assert stage.znode("asleep").owner not in (0, before.owner)


def a_deleted_znode_comes_back(stage):
    """Somebody deletes it by hand: lost, and announced again in the same session."""
    with stage.announcer() as announcer:
        announcer.announce("deleted").hear("announced")
        before = stage.znode("deleted")
        with stage.client() as client:
            client.delete(path("deleted"))
        announcer.hear("lost")
        announcer.hear("announced")
        after = stage.znode("deleted")
        assert after.owner == before.owner and after.created > before.created, (before, after)


def of_two_with_one_name_the_newcomer_wins(stage):
    """The other says so, leaves the newcomer alone, and comes back when that ends."""
    with stage.announcer() as older, stage.announcer() as newer:
        older.announce("twin").hear("announced")
        newer.announce("twin", capacity=9).hear("announced")
        older.hear("lost")
        older.hear("trouble another process announces")
        assert b'"capacity":9' in stage.znode("twin").data and not newer.has_told("lost")
        newer.withdraw()
        newer.hear("withdrawn")
        older.hear("announced")
        assert b'"capacity":5' in stage.znode("twin").data


def a_server_that_restarts_is_waited_for(stage):
    """Its sessions are on its disk: nothing is lost by a restart that is quicker than they are."""
    with stage.announcer(session_ms=10_000) as announcer:
        announcer.announce("patient").hear("announced")
        before = stage.znode("patient")
        stage.zookeeper.kill()
        stage.zookeeper.start()
        with stage.client() as client:
            client.delete(path("patient"))
        announcer.hear("announced")
        assert stage.znode("patient").owner == before.owner


def a_withdrawal_from_a_server_that_hangs_ends(stage):
    """`done` comes after its bound with trouble told, so does the end; when the server comes to, nothing is left there."""
    with stage.announcer() as announcer:
        announcer.announce("stuck").hear("announced")
        stage.zookeeper.process.send_signal(signal.SIGSTOP)
        try:
            announcer.withdraw()
            announcer.hear("trouble the announcement could not be taken out")
            announcer.hear("withdrawn", 1)
            assert announcer.end() < CLOSE_ENOUGH_SECONDS
        finally:
            stage.zookeeper.process.send_signal(signal.SIGCONT)
        stage.wait_until_gone("stuck")


def an_acl_shuts_all_others_out(stage):
    """With a user everything that was made, parents too, is for that user alone, as Druid's own nodes are."""
    base = "/secret"
    with stage.announcer(base, user=USER) as announcer, stage.client() as stranger, stage.client(USER) as druid:
        announcer.announce("locked").hear("announced")
        for node in (base, f"{base}/internal-discovery", f"{base}/internal-discovery/MIDDLE_MANAGER", path("locked", base)):
            acl = druid.acl(node)
            assert acl != OPEN and [(entry.permissions, entry.scheme) for entry in acl] == [(31, "digest")], acl
            assert acl[0].id.startswith("druid:"), acl
        try:
            stranger.get(path("locked", base))
        except ZooKeeperError as refused:
            assert refused.code == NO_AUTH, refused
        else:
            raise AssertionError("a stranger may read it")
        assert druid.get(path("locked", base)).owner != 0
        with stage.announcer(base) as nobody:
            nobody.announce("outsider").hear("trouble ZooKeeper refuses to create")


def addresses_that_lead_nowhere_are_told(stage):
    """A name that is not known and a root that does not exist are told as trouble, and the end waits for nothing."""
    with stage.announcer(servers="nowhere.invalid:2181") as announcer:
        announcer.announce("lost")
        assert "check druid.zk.service.host" in announcer.hear("trouble ZooKeeper at `nowhere.invalid:2181`")
        assert announcer.end() < CLOSE_ENOUGH_SECONDS
    with stage.announcer(servers=f"{stage.zookeeper.address}/no/root") as announcer:
        announcer.announce("rootless").hear("trouble the root of ZooKeeper")


def overlords_see_the_worker_and_the_leader_is_followed(stage):
    """Of two real Overlords the leading one discovers the worker; who leads is told, and told again when that one stops."""
    with Installation() as site:
        zookeeper = ZooKeeper(site).start()
        with stage.announcer(servers=zookeeper.address) as announcer:
            _, first, second = two_overlords(site)
            assert announcer.hear("leader") == f"leader {first.url}"
            # WHY announced after the lead and withdrawn before the next: none takes it while an announced worker is mute.
            announcer.announce("127.0.0.1").hear("announced")
            wait_until(lambda: logged(first, "Worker[127.0.0.1:8091] reportin' for duty"), 60, "the discovery of the worker")
            announcer.withdraw()
            announcer.hear("withdrawn")
            wait_until(lambda: logged(first, "Worker[127.0.0.1:8091] removed"), 60, "the removal of the worker")
            first.stop()
            assert announcer.hear("leader") == f"leader {second.url}"
            wait_until(second.api.leads, 60, "the lead of the second Overlord")


def logged(overlord, text):
    return text in overlord.log_text()


CASES = [it_is_announced_and_withdrawn, its_end_ends_the_announcement, another_capacity_replaces_the_znode,
         a_killed_copse_comes_back_before_its_session_ends, a_session_that_expires_is_followed_by_another,
         a_deleted_znode_comes_back, of_two_with_one_name_the_newcomer_wins, a_server_that_restarts_is_waited_for,
         a_withdrawal_from_a_server_that_hangs_ends, an_acl_shuts_all_others_out, addresses_that_lead_nowhere_are_told,
         overlords_see_the_worker_and_the_leader_is_followed]


def stage(program):
    """The Installation and what makes its Stage."""
    site = Installation()
    return site, lambda: Stage(program, site)
