"""Plan: every name of a request is looked up in the catalog, every value typed. A plan always has SQL."""
