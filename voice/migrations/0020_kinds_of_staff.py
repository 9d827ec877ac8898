from django.db import migrations


def set_apart(apps, schema_editor):
    """What staff did before is told by who had the thread; that something was a rehearsal, by nothing. One person at a
    time, so that nobody waits for long."""
    users = apps.get_model("auth", "User").objects.filter(is_staff=True)
    for pk in list(users.values_list("pk", flat=True)):
        apps.get_model("voice", "Conversation").objects.filter(user_id=pk).update(kind="staff")
        apps.get_model("voice", "Attempt").objects.filter(conversation__user_id=pk).update(kind="staff")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("voice", "0019_kinds"),
    ]

    operations = [migrations.RunPython(set_apart, migrations.RunPython.noop, elidable=True)]
