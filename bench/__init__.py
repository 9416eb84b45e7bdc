"""What speed costs: the API beside the bare driver, measured in turns within one run."""
