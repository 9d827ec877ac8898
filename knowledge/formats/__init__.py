"""One module per file format: bytes to blocks of text. All of it runs in a child process that may be killed; nothing
here knows Django. ``python -m knowledge.formats`` is that child."""
