"""The OpenAPI documents of a catalog: every table, view and routine, with its types. Pure.

`document` is OpenAPI 3.1, `as_3_0` makes it 3.0.3, and `postgrest_document` is 2.0 in PostgREST's shape.
"""

from api.documents.openapi.document import Options, document
from api.documents.openapi.postgrest import postgrest_document
from api.documents.openapi.version_3_0 import as_3_0

__all__ = ["Options", "as_3_0", "document", "postgrest_document"]
