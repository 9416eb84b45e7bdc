"""The OpenAPI 3.1 document of a catalog: every table, view and routine, with its types. Pure."""

from api.documents.openapi.document import Options, document

__all__ = ["Options", "document"]
