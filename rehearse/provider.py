"""A resource provider that answers from the rehearsed account; the engine starts it as it would start the real one.

`pulumi-resource-aws` and `pulumi-resource-random` are this program. It compares what the program asks for with what
exists, as Terraform's providers do, and says for each difference whether it replaces the resource.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from rehearse import calls
from rehearse.account import Account
from rehearse.answers import alike
from rehearse.kinds import KINDS, Kind
from rehearse.rules import Refused
from rehearse.serving import serve
from rehearse.values import UNKNOWN, Secret, from_struct, known, same, to_struct

VARIABLE = "AUROREST_REHEARSAL"
"""The environment variable that names the account's file."""
Values = dict[str, Any]
T = TypeVar("T")


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """The provider of one package. Secrets arrive in plain text, as they do at providers that are bridged."""

    def __init__(self, package: str, account: Account) -> None:
        self.package = package
        self.account = account

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802 (the protocol's names)
        return provider_pb2.ProviderHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version=version(f"pulumi-{self.package}"))

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        changed = from_struct(request.olds) != from_struct(request.news)
        return provider_pb2.DiffResponse(changes=_changes(changed))

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        return Empty()

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        arguments = from_struct(request.args)
        found = _answered(context, lambda: calls.answer(self.account.see(), request.tok, arguments))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(found))
        return response

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        type_ = _type(request)
        kind = KINDS.get(type_)
        if kind is None:
            reason = f"the rehearsal does not know {type_}: describe it in rehearse/kinds.py"
            return provider_pb2.CheckResponse(failures=[provider_pb2.CheckFailure(reason=reason)])
        inputs, olds = from_struct(request.news), from_struct(request.olds)
        if kind.named and kind.named not in inputs:
            digits = sha256(request.randomSeed or request.urn.encode()).hexdigest()[:7]
            inputs[kind.named] = olds.get(kind.named) or f"{_name(request)}-{digits}"
        return provider_pb2.CheckResponse(inputs=to_struct(inputs))

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        kind = KINDS[_type(request)]
        state, asked = from_struct(request.olds), _heeded(request, request.old_inputs)
        found = difference(kind, asked, state, alike(_type(request), _heeded(request, request.news)))
        return provider_pb2.DiffResponse(
            changes=_changes(bool(found)),
            replaces=sorted(found & kind.replaces),
            diffs=sorted(found),
            detailedDiff={name: _detail(name in kind.replaces) for name in found},
            hasDetailedDiff=True,
            deleteBeforeReplace=False,
        )

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        type_, inputs = _type(request), from_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=self._told(type_, self.account.planned(type_, inputs)))
        thing = _answered(context, lambda: self.account.create(type_, _name(request), inputs))
        return provider_pb2.CreateResponse(id=thing.id, properties=self._told(type_, thing.state))

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        type_, news = _type(request), _heeded(request, request.news)
        state = from_struct(request.olds)
        asked = _heeded(request, request.old_inputs)
        changed = difference(KINDS[type_], asked, state, alike(type_, news))
        if request.preview:
            planned = {**state, **news, **dict.fromkeys(self.account.moving(type_, news, changed), UNKNOWN)}
            return provider_pb2.UpdateResponse(properties=self._told(type_, planned))
        gone = asked.keys() - news.keys()
        thing = _answered(context, lambda: self.account.update(type_, request.id, news, changed, gone))
        return provider_pb2.UpdateResponse(properties=self._told(type_, thing.state))

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        type_ = _type(request)
        thing = self.account.see().get(type_, request.id)
        if thing is None:
            return provider_pb2.ReadResponse()
        asked = from_struct(request.inputs)
        inputs = {name: thing.state.get(name) for name in asked if name in thing.state}
        return provider_pb2.ReadResponse(
            id=thing.id, properties=self._told(type_, thing.state), inputs=self._told(type_, inputs)
        )

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        _answered(context, lambda: self.account.delete(_type(request), request.id))
        return Empty()

    @staticmethod
    def _told(type_: str, values: Mapping[str, Any]) -> Any:
        secret = KINDS[type_].secret
        return to_struct({name: Secret(value) if name in secret else value for name, value in values.items()})


def difference(kind: Kind, asked: Values, state: Values, wanted: Values) -> set[str]:
    """The inputs that differ. `asked`: the inputs of last time; `state`: what exists; `wanted`: the inputs now.

    A removed input counts as different unless AWS fills it in; so does a value that is not known yet.
    """
    found = {name for name, value in wanted.items() if not known(value) or not same(value, state.get(name))}
    given_up = {name for name in asked.keys() - wanted.keys() if asked[name] not in (None, "", [], {}, False)}
    return found | (given_up - kind.kept)


def _answered(context: Any, call: Callable[[], T]) -> T:
    """What the account answers; a refusal becomes the error of the call."""
    try:
        return call()
    except Refused as refusal:
        context.abort(grpc.StatusCode.UNKNOWN, str(refusal))
        raise


def _heeded(request: Any, inputs: Any) -> Values:
    """Inputs without those whose changes are ignored: the engine repeats their last values, and AWS may have others."""
    ignored = {path.partition(".")[0].partition("[")[0] for path in request.ignoreChanges}
    return {name: value for name, value in from_struct(inputs).items() if name not in ignored}


def _changes(changed: bool) -> Any:
    return provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE


def _detail(replaces: bool) -> Any:
    kind = provider_pb2.PropertyDiff.UPDATE_REPLACE if replaces else provider_pb2.PropertyDiff.UPDATE
    return provider_pb2.PropertyDiff(kind=kind, inputDiff=True)


def _type(request: Any) -> str:
    return str(request.urn.split("::")[2].rpartition("$")[2])


def _name(request: Any) -> str:
    return str(request.urn.split("::", 3)[3])


def main() -> None:
    """Serve the package that the first argument names."""
    account = Account(Path(os.environ[VARIABLE]), time.sleep)
    provider = Provider(sys.argv[1], account)
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server))


if __name__ == "__main__":
    main()
