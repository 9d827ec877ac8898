import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Vectors get a table of their own. Their columns stay until they were copied."""

    dependencies = [("knowledge", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Vectors",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("engine", models.CharField(help_text="The id of the engine that made them.", max_length=120)),
                (
                    "vector",
                    models.BinaryField(
                        help_text="Of the passage: float16, unit length, as wide as the engine makes them."
                    ),
                ),
                (
                    "sentence_vectors",
                    models.BinaryField(help_text="One such vector per sentence, one after the other."),
                ),
                (
                    "passage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="vectors", to="knowledge.passage"
                    ),
                ),
            ],
            options={"verbose_name_plural": "vectors"},
        ),
        migrations.AddConstraint(
            model_name="vectors",
            constraint=models.UniqueConstraint(fields=("passage", "engine"), name="vectors_once_per_engine"),
        ),
    ]
