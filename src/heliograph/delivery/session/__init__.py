"""Sessions with a database: which one, in what kind of transaction, and those of Heliograph's own."""
