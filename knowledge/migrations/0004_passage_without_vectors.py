from django.db import migrations


class Migration(migrations.Migration):
    """The vectors' columns go, now that the rows of the new table have them."""

    dependencies = [("knowledge", "0003_copy_vectors")]

    operations = [
        migrations.RemoveField(model_name="passage", name="vector"),
        migrations.RemoveField(model_name="passage", name="sentence_vectors"),
        migrations.RemoveField(model_name="passage", name="engine"),
    ]
