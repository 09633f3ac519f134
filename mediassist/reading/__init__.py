"""A person's decisions on findings."""
