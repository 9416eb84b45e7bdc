"""What is checked after a command: which resources changed and how, in which order, and what the state shows. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rehearse.cli import Outcome
from rehearse.world import Event, World

_REPLACING = {"replace", "create-replacement", "delete-replaced", "discard-replaced"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, in words, and whether that is what was expected."""

    found: str
    good: bool


def short(type_: str) -> str:
    """A type without what repeats in it.

    >>> short("aws:rds/clusterInstance:ClusterInstance"), short("random:index/randomId:RandomId")
    ('rds ClusterInstance', 'random RandomId')
    """
    package, module, kind = type_.split(":")
    service = module.partition("/")[0]
    return f"{package if service == 'index' else service} {kind}"


def changes(outcome: Outcome) -> Counter[str]:
    """How often each kind of resource was changed in each way: `update rds Cluster`, `replace lambda Invocation`."""
    found: Counter[str] = Counter()
    replaced = set()
    for step in outcome.steps:
        if not step.type.startswith(("aws:", "random:")):
            continue
        if step.op in _REPLACING:
            if (step.type, step.name) not in replaced:
                replaced.add((step.type, step.name))
                found[f"replace {short(step.type)}"] += 1
        else:
            found[f"{step.op} {short(step.type)}"] += 1
    return found


def told(outcome: Outcome) -> str:
    """The changes in words, or why the command failed."""
    if outcome.code:
        return f"failed: {outcome.problem}"
    found = changes(outcome)
    return (
        ", ".join(f"{number} x {what}" if number > 1 else what for what, number in sorted(found.items())) or "nothing"
    )


def works(outcome: Outcome) -> Verdict:
    """The command succeeds."""
    return Verdict(told(outcome) if outcome.code else "works", outcome.code == 0)


def nothing(outcome: Outcome) -> Verdict:
    """No resource changes."""
    return Verdict(told(outcome), outcome.code == 0 and not changes(outcome))


def exactly(outcome: Outcome, wanted: Mapping[str, int]) -> Verdict:
    """Exactly these changes."""
    return Verdict(told(outcome), outcome.code == 0 and changes(outcome) == Counter(wanted))


def within(outcome: Outcome, allowed: Iterable[str], *needed: str) -> Verdict:
    """At least the needed changes, and at most these and the allowed ones."""
    found = set(changes(outcome))
    return Verdict(told(outcome), outcome.code == 0 and set(needed) <= found <= {*allowed, *needed})


def without(outcome: Outcome, ways: Sequence[str], kinds: Sequence[str]) -> Verdict:
    """Something changes, but no resource of these kinds in these ways."""
    found = set(changes(outcome))
    refused = {f"{way} {kind}" for way in ways for kind in kinds} & found
    return Verdict(told(outcome), outcome.code == 0 and bool(found) and not refused)


def refused(outcome: Outcome, *words: str) -> Verdict:
    """The command fails before it changes anything, and its message has these words."""
    text = outcome.text.lower()
    missing = [word for word in words if word.lower() not in text]
    good = outcome.code != 0 and not missing and not changes(outcome)
    return Verdict(f"{told(outcome)}{f'; without the words {missing}' if missing else ''}", good)


ORDER = (
    ("cloudwatch/logGroup:LogGroup", "lambda/function:Function"),
    ("cloudwatch/logGroup:LogGroup", "rds/cluster:Cluster"),
    ("rds/clusterInstance:ClusterInstance", "rds/proxyTarget:ProxyTarget"),
    ("rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup", "rds/proxyTarget:ProxyTarget"),
    ("vpc/securityGroupIngressRule:SecurityGroupIngressRule", "rds/proxyTarget:ProxyTarget"),
    ("vpc/securityGroupEgressRule:SecurityGroupEgressRule", "rds/proxyTarget:ProxyTarget"),
    ("secretsmanager/secretVersion:SecretVersion", "rds/proxyTarget:ProxyTarget"),
    ("rds/proxyTarget:ProxyTarget", "lambda/invocation:Invocation"),
    ("apigatewayv2/route:Route", "apigatewayv2/stage:Stage"),
)
"""The first must be complete before the second begins; when both are deleted, the second is deleted first. Log groups:
those that are named after the function or the cluster."""


def out_of_order(events: Sequence[Event]) -> list[str]:
    """What began too early, as sentences. `events`: of one command."""
    pairs = [
        *(
            (early, late, "starts")
            for first, second in ORDER
            for early, late in _pairs(events, "create", first, second)
        ),
        *((early, late, "ends") for first, second in ORDER for early, late in _pairs(events, "delete", second, first)),
    ]
    return [
        f"{short(late.type)} {late.name} {verb} before {short(early.type)} {early.name}"
        for early, late, verb in pairs
        if early.end > late.begin
    ]


def _pairs(events: Sequence[Event], call: str, first: str, second: str) -> Iterator[tuple[Event, Event]]:
    for early in _of(events, call, first):
        yield from ((early, late) for late in _of(events, call, second) if _related(early, late))


def _of(events: Sequence[Event], call: str, type_: str) -> Iterator[Event]:
    return (event for event in events if event.call == call and event.type == f"aws:{type_}")


def _related(one: Event, other: Event) -> bool:
    group, user = (one, other) if "logGroup" in one.type else (other, one)
    return "logGroup" not in group.type or f"/{user.id}/" in f"{group.id}/"


def before(events: Sequence[Event], first: str, second: str) -> bool:
    """Whether each change of the first type is complete before any of the second begins; both must occur."""
    early = [event.end for event in events if event.type == f"aws:{first}" and event.call != "delete"]
    late = [event.begin for event in events if event.type == f"aws:{second}" and event.call != "delete"]
    return bool(early and late) and max(early) < min(late)


def passwords(world: World) -> set[str]:
    """Every password that the stack made."""
    return {thing.state["result"] for thing in world.of("random:index/randomPassword:RandomPassword")}


def exposed(state: str, secrets: Iterable[str]) -> int:
    """How many of the secrets the text shows."""
    return sum(secret in state for secret in secrets)
