"""An app whose receivers fail for the orders of users named `unlucky-...` and `doomed-...`."""
