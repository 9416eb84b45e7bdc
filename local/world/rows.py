"""A row of the sample database, as the driver takes it: one value for each column of its table's insert."""

Row = tuple[object, ...]
