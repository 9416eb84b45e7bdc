"""The interactive page over the OpenAPI document: Swagger UI, served from this folder's own files."""

from api.documents.docs.page import docs_answer

__all__ = ["docs_answer"]
