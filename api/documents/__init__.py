"""What people and tools read about the API: the list of tables, the OpenAPI document, and the page over it."""
