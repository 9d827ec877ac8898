"""What must be there before questions are answered well: said at start."""
