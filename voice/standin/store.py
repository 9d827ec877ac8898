"""What the stand-in remembers: plain dictionaries by id, kept in a file when there is one."""

import asyncio
import json
import logging
import os
import secrets
from pathlib import Path

logger = logging.getLogger("standin")

COLLECTIONS = ("agents", "tools", "secrets", "conversations", "webhooks", "tickets", "settings", "phone_numbers")
CONVERSATIONS_KEPT = 1000
BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """An id as ElevenLabs makes them: a prefix and 28 characters, `agent_3701k3ttaq12ewp8b7qv5rfyszkz`."""
    return f"{prefix}_" + "".join(secrets.choice(BASE32) for _ in range(28))


class Store:
    """Collections of JSON objects by id. Call `touch()` after a change; `save()` writes all of it in one rename."""

    def __init__(self, path: Path | None = None):
        self.path = path
        self.dirty = False
        self.clear()
        if path and path.exists():
            self._load()

    def clear(self) -> None:
        """Forget everything."""
        for name in COLLECTIONS:
            setattr(self, name, {})
        self.touch()

    def touch(self) -> None:
        """Note that there is something to save, and let go of the oldest conversations."""
        self.dirty = True
        while len(self.conversations) > CONVERSATIONS_KEPT:
            del self.conversations[next(iter(self.conversations))]

    def save(self) -> None:
        """Write the file if anything changed. Readers see the old file or the new one, never half of one."""
        if not (self.dirty and self.path):
            return
        self.dirty = False
        beside = self.path.with_name(self.path.name + ".new")
        beside.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({name: getattr(self, name) for name in COLLECTIONS}, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

    async def keep_saving(self, seconds: float = 0.3) -> None:
        """Save whenever something changed, until cancelled."""
        while True:
            await asyncio.sleep(seconds)
            try:
                self.save()
            except OSError as problem:
                logger.warning("The state could not be saved to %s: %s", self.path, problem)

    def _load(self) -> None:
        try:
            kept = json.loads(self.path.read_text())
            for name in COLLECTIONS:
                getattr(self, name).update(kept.get(name, {}))
        except (ValueError, AttributeError) as problem:
            raise SystemExit(
                f"{self.path} is not a state file of the stand-in ({problem}). Move it away and start again."
            ) from None
        for record in self.conversations.values():
            record["has_audio"] = record["has_user_audio"] = record["has_response_audio"] = False
        self.dirty = False
