"""Introspection: reads the catalog from `information_schema`."""

from api.catalog.introspection.load import load_catalog
from api.catalog.introspection.session import Session

__all__ = ["Session", "load_catalog"]
