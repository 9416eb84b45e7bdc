"""The forms in which the API describes itself, and how a request chooses one: by its query or by `Accept`. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from urllib.parse import parse_qsl

from api import errors
from api.request.media import accepted


class Rendition(Enum):
    """A description of the API."""

    POSTGREST = "2.0"
    """OpenAPI 2.0 in the shape of PostgREST's document, which many tools read."""
    OPENAPI_3_0 = "3.0"
    OPENAPI_3_1 = "3.1"
    TYPESCRIPT = "typescript"
    """The `Database` type that supabase-js takes."""

    @property
    def content_type(self) -> str:
        return f"{_MEDIA_TYPES.get(self, 'application/json')}; charset=utf-8"


TYPESCRIPT = "text/x.typescript"
_MEDIA_TYPES = {Rendition.POSTGREST: "application/openapi+json", Rendition.TYPESCRIPT: TYPESCRIPT}
_VERSIONS: Mapping[str, Rendition] = {
    "2.0": Rendition.POSTGREST,
    "3.0": Rendition.OPENAPI_3_0,
    "3.0.3": Rendition.OPENAPI_3_0,
    "3.1": Rendition.OPENAPI_3_1,
    "3.1.1": Rendition.OPENAPI_3_1,
}
_WITH_VERSION = ("application/openapi+json", "application/vnd.oai.openapi+json")
"""Media types whose parameter `version` chooses, as the OpenAPI Initiative registers them."""
_ANY = ("application/json", "application/*", "*/*", *_WITH_VERSION)
_OFFERED = (
    "application/json",
    *(f"application/openapi+json;version={version}" for version in ("2.0", "3.0", "3.1")),
    TYPESCRIPT,
)


def chosen(query_string: str, accept: str | None, default: Rendition, ignored: Sequence[str] = ()) -> Rendition:
    """The rendition that a request asks for: `?version=3.0`, or `Accept: application/openapi+json;version=3.0`.

    `ignored` are query parameters without a meaning here.

    Raises: `ApiError` PGRST100 for another parameter or version, PGRST107 if `Accept` names nothing that is offered.

    >>> chosen("version=3.0", "*/*", Rendition.POSTGREST)
    <Rendition.OPENAPI_3_0: '3.0'>
    """
    found: Rendition | None = None
    for name, version in parse_qsl(query_string, keep_blank_values=True):
        if name == "version" and version in _VERSIONS:
            found = _VERSIONS[version]
        elif name not in ignored:
            expected = "It can be version=2.0, version=3.0 or version=3.1."
            raise errors.parse_failed("query of the OpenAPI document", f"{name}={version}", expected)
    if found is not None:
        return found
    if accept is None or not accept.strip():
        return default
    for media, quality, parameters in accepted(accept):
        if not quality:
            break
        if media == TYPESCRIPT:
            return Rendition.TYPESCRIPT
        if media in _WITH_VERSION and "version" in parameters:
            if parameters["version"] in _VERSIONS:
                return _VERSIONS[parameters["version"]]
        elif media in _ANY:
            return default
    raise errors.not_acceptable(errors.shorten(accept), _OFFERED)
