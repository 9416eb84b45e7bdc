"""The interactive page that shows the OpenAPI document: Swagger UI, served from files in this folder."""

from api.documents.docs.page import docs_answer

__all__ = ["docs_answer"]
