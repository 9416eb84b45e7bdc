"""Parse: an HTTP request becomes an `ApiRequest`. Syntax only; a table named there may not exist."""
