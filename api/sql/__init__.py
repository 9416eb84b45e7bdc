"""SQL: a plan becomes statements. Nothing here fails: every plan has SQL."""
