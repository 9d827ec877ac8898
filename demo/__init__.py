"""What `make run` and `make test` do before Django exists: standard library only."""
