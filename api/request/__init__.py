"""Parse: an HTTP request becomes an `ApiRequest`. Syntax only: names are not looked up yet."""
