"""One line per kind of fault every few seconds."""

import logging

from knowledge import notices

logger = logging.getLogger("test")


def test_a_kind_is_told_once_and_then_with_how_many_were_left_out(caplog, monkeypatch):
    for _ in range(5):
        notices.warn(logger, "one", "It failed: %s", "so")
    monkeypatch.setattr(notices, "EVERY_SECONDS", 0)
    notices.warn(logger, "one", "It failed: %s", "so")
    assert [record.message for record in caplog.records] == [
        "It failed: so",
        "It failed: so (4 more like it since the last line)",
    ]


def test_another_kind_is_another_line(caplog):
    notices.warn(logger, "one", "It failed.")
    notices.warn(logger, "two", "It failed otherwise.")
    assert len(caplog.records) == 2
