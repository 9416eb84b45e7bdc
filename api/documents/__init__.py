"""Documentation for people and tools: the list of tables, the OpenAPI document, and the page that shows it."""
