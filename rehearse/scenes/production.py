"""The prod preset: protected, with readers, a final snapshot and its own key, from creation to after its end."""

from __future__ import annotations

from rehearse.checks import Verdict, changes, nothing, refused, told, works
from rehearse.cli import Outcome
from rehearse.scenes.stage import Stage
from rehearse.world import World


def rehearse(stage: Stage) -> None:
    """All of it, up to clusters that are made from the final snapshot and from another cluster."""
    project = stage.project
    project.init("prod")
    outcome, events = stage.events_of(stage.up)
    stage.check("first up", "works", works(outcome))
    stage.in_order("order of creation", events)
    stage.check("up again", "nothing", nothing(stage.up()))
    outcome = stage.changed(customerManagedKeys="false")
    stage.check("customerManagedKeys on -> off", "refused, with the reason", refused(outcome, "customerManagedKeys"))
    project.set("customerManagedKeys", "true")
    outcome = stage.run("destroy", "--yes")
    alive = bool(project.account().of("rds/cluster:Cluster"))
    stage.check(
        "destroy of a protected stack",
        "refused; the cluster lives",
        Verdict("refused" if outcome.code and alive else told(outcome), outcome.code != 0 and alive),
    )
    _documented_end(stage)
    _restored(stage)
    _copied(stage)


def _documented_end(stage: Stage) -> None:
    """The steps of docs/deploy.md, "Destroying it"."""
    outcome = stage.changed(protect="false", deletionProtection="false")
    replaced = [what for what in changes(outcome) if what.startswith(("replace", "delete"))]
    stage.check(
        "protect and deletionProtection off",
        "nothing is replaced or deleted",
        Verdict(told(outcome), outcome.code == 0 and not replaced),
    )
    outcome, events = stage.events_of(lambda: stage.run("destroy", "--yes"))
    account = stage.project.account()
    left = sorted({thing.type.rpartition(":")[2] for thing in account.things.values()})
    stage.check(
        "destroy",
        "all but the key, which stays",
        Verdict(told(outcome) if outcome.code else f"left: {left}", outcome.code == 0 and left == ["Key"]),
    )
    stage.in_order("order of destruction", events)
    stage.check("the final snapshot", "one, and its key is alive", _snapshot(account))
    stage.check(
        "waits of the destruction",
        "none for network interfaces",
        Verdict("; ".join(account.waits) or "none", not account.waits),
    )
    names = [thing for thing in events if thing.type.endswith(":Secret") and thing.call == "delete"]
    held = len(account.held)
    stage.check(
        "the users' secrets", "can be restored", Verdict(f"{held} of {len(names)} held", held == len(names) > 0)
    )


def _snapshot(account: World) -> Verdict:
    keys = {thing.state["arn"] for thing in account.of("kms/key:Key")}
    readable = [name for name, state in account.snapshots.items() if state["kmsKeyId"] in keys]
    found = "; ".join(account.lost) or f"{len(account.snapshots)} snapshot, {len(readable)} readable"
    return Verdict(found, len(account.snapshots) == len(readable) == 1 and not account.lost)


_LEFT_OUT = ("iamDatabaseAuthenticationEnabled", "performanceInsightsEnabled")
"""Settings that the provider does not send when it restores a snapshot."""


def _restored(stage: Stage) -> None:
    """A stack made from the final snapshot, with the steps of docs/deploy.md, "Backups and restore"."""
    snapshot = next(iter(stage.project.account().snapshots), None)
    if snapshot is None:
        return
    stage.project.late_lines()
    stage.check("up from the final snapshot", "works", works(stage.changed(restoreSnapshot=snapshot)))
    stage.check("up again", "nothing", nothing(stage.up()))
    outcome = stage.changed(restoreSnapshot=None)
    stage.check("restoreSnapshot removed", "the cluster and its instances, in place", _in_place(outcome))
    cluster = next(iter(stage.project.account().of("rds/cluster:Cluster")), None)
    on = [name for name in _LEFT_OUT if cluster is not None and cluster.state.get(name)]
    stage.check(
        "what restoring leaves out", "is on now", Verdict(", ".join(on) or "nothing", len(on) == len(_LEFT_OUT))
    )
    stage.check("up again", "nothing", nothing(stage.up()))


def _copied(stage: Stage) -> None:
    """A second stack, made from the first one's cluster as it is now."""
    source = next(iter(stage.project.account().of("rds/cluster:Cluster")), None)
    if source is None:
        return
    stage.project.init("copy", "prod", {"restoreCluster": source.id})
    stage.check("a copy of the cluster (restoreCluster)", "works", works(stage.up()))
    stage.check("up again", "nothing", nothing(stage.up()))


def _in_place(outcome: Outcome) -> Verdict:
    found = set(changes(outcome))
    good = (
        outcome.code == 0
        and "update rds Cluster" in found
        and found <= {"update rds Cluster", "update rds ClusterInstance"}
    )
    return Verdict(told(outcome), good)
