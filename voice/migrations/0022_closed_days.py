from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voice", "0021_books")]

    operations = [
        migrations.AddField(
            model_name="dayfigures",
            name="closed",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Some of the day's rows were let go: it is not made anew.",
            ),
        ),
    ]
