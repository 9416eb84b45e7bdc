"""SQL: a plan becomes statements. Nothing here fails: a plan that exists can be written."""
