"""The read path: a plan becomes statements, their rows become JSON, a page of them becomes the answer."""
