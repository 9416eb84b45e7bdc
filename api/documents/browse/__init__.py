"""The page for people: tables, rows, forms and a diagram, served from this folder's own files."""

from api.documents.browse.page import browse_answer

__all__ = ["browse_answer"]
