"""Text that is part of the picture: find it and blank it."""
