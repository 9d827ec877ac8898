"""News of what people do that no single door sees: signing in, changes in the admin, deletions, rights.

A person's changes and deletions alone: what the clock, a sweep or a visitor does with our rows is no deed of staff.
"""

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver

from knowledge.models import Document
from personas import causes
from personas.models import Persona, Remit
from voice import audit
from voice.models import Allowance, Deed, Flag, Silence

What = Deed.What
# By the model's label: what it is when one is added, changed, deleted in the admin.
KEPT = {
    "personas.persona": (None, None, What.PERSONA_DELETED),  # these two have many ways in, see below
    "knowledge.document": (None, None, What.DOCUMENT_DELETED),
    "voice.flag": (What.ROLLOUT_CHANGED,) * 3,
    "voice.allowance": (What.SETTING_CHANGED,) * 3,
    "voice.silence": (What.SETTING_CHANGED,) * 3,
    "auth.user": (What.RIGHTS_CHANGED,) * 3,
    "personas.remit": (What.RIGHTS_CHANGED,) * 3,
    "auth.group": (What.RIGHTS_CHANGED,) * 3,
}
NAMELESS = {"knowledge.document"}  # may be called by a visitor's question that it answers
RECORDS = {"voice.conversation", "voice.toolcall", "voice.delivery", "voice.alert"}  # what was said, or went wrong


@receiver(user_logged_in)
def signed_in(request, user, **_):
    audit.write(What.SIGNED_IN, by=causes.of_user(user), request=request)


@receiver(user_logged_out)
def signed_out(request, user, **_):
    if user is not None:
        audit.write(What.SIGNED_OUT, by=causes.of_user(user), request=request)


@receiver(user_login_failed)
def sign_in_failed(credentials, request=None, **_):
    """The name alone, and only one that somebody has: a password in the wrong field is nothing to keep."""
    name = str(credentials.get("username") or "")
    known = get_user_model().objects.filter(username=name).exists() if "\x00" not in name else False
    outcome, by = Deed.Outcome.REFUSED, causes.Cause(causes.VISITOR)
    audit.write(What.SIGN_IN_FAILED, about=name if known else "", outcome=outcome, by=by, request=request)


@receiver(post_save, sender=LogEntry)
def entered(instance, created, **_):
    """Django's own list of what was done in the admin. Entries in words of ours are of deeds that tell themselves."""
    in_django_words = not instance.change_message or instance.change_message.startswith("[")
    if not (created and in_django_words and instance.content_type_id):
        return
    label = ".".join(instance.content_type.natural_key())
    if instance.action_flag in (ADDITION, CHANGE):
        verb = 0 if instance.action_flag == ADDITION else 1
        _keep(label, verb, instance.object_id, instance.object_repr)
    elif instance.action_flag == DELETION and label in RECORDS:  # what goes along with a persona is not counted out
        audit.write(What.RECORD_DELETED, about=f"{label} {instance.object_id}")


@receiver(post_save, sender=Persona)
def persona_saved(instance, created, raw, **_):
    """On its page, in a list, from a file, by going back to an earlier state."""
    if not raw and causes.cause().kind == causes.PERSON:
        audit.write(What.PERSONA_ADDED if created else What.PERSONA_CHANGED, persona=instance)


@receiver(post_save, sender=Document)
def document_added(instance, created, raw, **_):
    """By whichever way it came in."""
    if created and not raw and causes.cause().kind == causes.PERSON:
        audit.write(What.DOCUMENT_ADDED, persona=instance.persona_id, about=instance.pk)


def deleted(sender, instance, **_):
    """However it goes: alone, in a list, or with the persona it belongs to. Before it does, while what it is named by is
    still there."""
    if causes.cause().kind == causes.PERSON:
        _keep(sender._meta.label_lower, 2, instance.pk, str(instance))


for _model in (Persona, Remit, Document, Flag, Allowance, Silence, Group, get_user_model()):
    pre_delete.connect(deleted, sender=_model)


def _keep(label, verb, key, name):
    what = KEPT.get(label, (None,) * 3)[verb]
    if what is not None:
        audit.write(what, about=key if label in NAMELESS else name)
