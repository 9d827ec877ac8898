"""What our doors take and say, as an OpenAPI schema.

Written beside the doors, not inside them: nothing here runs while somebody waits on the line. ``tests/voice/test_contract.py``
holds it against the parsers and the addresses, ``tests/voice/test_conformance.py`` against the running doors.
"""
