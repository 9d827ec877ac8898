"""Yesterday in figures, by e-mail, once a day."""
