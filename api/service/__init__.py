"""The API without HTTP machinery: a method, an address, headers and a body become an `Answer`."""

from __future__ import annotations

from api.service.service import REST, Identify, Service, anonymous

__all__ = ["REST", "Identify", "Service", "anonymous"]
