"""What all agents share: the secret in the tool's header, and webhooks."""

import logging

from django.utils.translation import gettext as _

from voice.gateway.asking import PAGE, Gone, ask, elevenlabs, pages
from voice.gateway.telling import tells

logger = logging.getLogger(__name__)


def secret_named(name):
    """The id of the workspace secret of that name, or ''. Its value can never be read again."""
    rows = pages(elevenlabs().conversational_ai.secrets.list, "secrets", page_size=PAGE, search=name)
    return next((row["secret_id"] for row in rows if row.get("name") == name), "")


@tells("secret_created")
def create_secret(name, value):
    return ask(elevenlabs().conversational_ai.secrets.create, name=name, value=value)["secret_id"]


@tells("secret_changed")
def update_secret(secret_id, name, value):
    ask(elevenlabs().conversational_ai.secrets.update, secret_id, name=name, value=value)


def webhooks_named(name):
    """Ids of the workspace webhooks of that name."""
    return [row["webhook_id"] for row in webhook_rows(name)]


def webhook_rows(name):
    """The workspace webhooks of that name: address, switched off or not. Secret and retries are never told."""
    rows = ask(elevenlabs().webhooks.list)["webhooks"] or []
    return [row for row in rows if row.get("name") == name]


def webhook(webhook_id):
    """{"is_disabled", "is_auto_disabled", "most_recent_failure_error_code", …} of a workspace webhook. Raises Gone."""
    rows = ask(elevenlabs().webhooks.list)["webhooks"] or []
    found = next((row for row in rows if row["webhook_id"] == webhook_id), None)
    if found is None:
        raise Gone(_("ElevenLabs has no webhook of this id."))
    return found


@tells("webhook_created")
def create_webhook(name, url):
    """(webhook id, secret). The secret is shown this once."""
    made = ask(elevenlabs().webhooks.create, settings={"auth_type": "hmac", "name": name, "webhook_url": url})
    return made["webhook_id"], made["webhook_secret"]


@tells("webhook_switched_on")
def enable_webhook_retries(webhook_id, name):
    """Ask for redelivery after our own 5xx: off by default on their side."""
    ask(elevenlabs().webhooks.update, webhook_id, is_disabled=False, name=name, retry_enabled=True)


@tells("webhook_deleted")
def delete_webhook(webhook_id):
    try:
        ask(elevenlabs().webhooks.delete, webhook_id)
    except Gone:
        logger.info("webhook %s was gone already", webhook_id)
