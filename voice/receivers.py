"""News from other rooms: a persona was saved or deleted, so its agent must follow."""
