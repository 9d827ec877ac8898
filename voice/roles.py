"""Three groups to begin with: who looks after what personas know, who reads what was said, who keeps it all running.

They are made once, where there is none of that name. What staff change in them afterwards stays.
"""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

ALL = "add change delete view"
ROLES = {
    "Persona editors": {
        "personas.persona": ALL,
        "personas.starterquestion": ALL,
        "knowledge.document": ALL,
        "knowledge.address": ALL,
        "knowledge.passage": "view",
        "knowledge.flag": "change view",
        "knowledge.gap": "change delete view",
        "knowledge.goldenquestion": ALL,
        "knowledge.goldenrun": "add change view",
    },
    "Analysts": {
        "voice.conversation": "view",
        "voice.toolcall": "view",
    },
    "Operators": {
        "personas.persona": "view",
        "voice.agent": "change delete view",
        "voice.alert": "change view",
        "voice.allowance": ALL,
        "voice.delivery": "change view",
        "voice.flag": ALL,
        "voice.phonenumber": "change delete view",
        "voice.silence": ALL,
        "voice.workspace": "change view",
        "auth.group": "view",  # a rollout and an allowance are for somebody
        "auth.user": "view",
    },
}


def make_groups():
    """Make those that are not there. Repeating it changes nothing."""
    missing = ROLES.keys() - set(Group.objects.filter(name__in=ROLES).values_list("name", flat=True))
    if not missing:
        return
    for room in ("auth", "personas", "knowledge", "voice"):
        create_permissions(apps.get_app_config(room), verbosity=0)
    for name in sorted(missing):
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            group.permissions.set(_permissions(ROLES[name]))


def _permissions(granted):
    wanted = Q()
    for model, verbs in granted.items():
        room, _, name = model.partition(".")
        wanted |= Q(content_type__app_label=room, codename__in=[f"{verb}_{name}" for verb in verbs.split()])
    return Permission.objects.filter(wanted)
