"""PDF and other objects made from findings."""
