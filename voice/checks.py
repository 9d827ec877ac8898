"""What must be set before the doors open: said at start, not found out by a caller."""
