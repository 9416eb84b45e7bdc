"""Introspection: the catalog as read from `information_schema`."""

from api.introspection.load import load_catalog
from api.introspection.session import Session

__all__ = ["Session", "load_catalog"]
