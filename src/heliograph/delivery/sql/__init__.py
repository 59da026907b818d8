"""The statements of delivery, in the SQL of each database."""
