from django.db import migrations, models

from personas.operations import AddIndexAside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("voice", "0022_closed_days")]

    operations = [
        AddIndexAside(model_name="delivery", index=models.Index(fields=["received_at"], name="delivery_by_age")),
    ]
