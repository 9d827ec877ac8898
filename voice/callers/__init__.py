"""Pretend visitors: they open our pages, type and talk as a browser does, and know us over HTTP only."""
