"""What `doctor` looks at: one file a family of checks, each a list of functions."""
