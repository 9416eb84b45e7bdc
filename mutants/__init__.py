"""`make mutants`: faults put into the application one at a time, to see whether the tests notice them."""
