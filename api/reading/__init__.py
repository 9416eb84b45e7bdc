"""The read path: a plan becomes statements, their rows become JSON, and a page of rows becomes the answer."""
