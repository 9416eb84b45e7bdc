"""A row of the sample database: one value for each column of its table's INSERT statement."""

Row = tuple[object, ...]
