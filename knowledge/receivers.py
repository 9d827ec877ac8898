"""News of deletions: what goes takes its vectors, indexes and cached answers with it."""
