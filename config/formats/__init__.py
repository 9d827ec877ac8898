"""How dates, times and numbers are written, by language: one form everywhere. Django's own for whatever is not here."""
