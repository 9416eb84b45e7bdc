"""Plan: every name of a request is looked up in the catalog, every value typed. What is planned can be written."""
