"""What staff want to know of all conversations: gathered day by day, read over any period in milliseconds."""
