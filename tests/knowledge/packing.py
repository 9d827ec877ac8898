"""A persona with everything that can belong to one, packed and looked into."""

import io
import json
import zipfile

from django.core.files.base import ContentFile
from PIL import Image

from knowledge import archives
from knowledge.models import GoldenQuestion
from personas.models import StarterQuestion
from tests.knowledge import samples

QUESTION = "What does a night cost for a boat of ten metres?"


def picture():
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(file, "PNG")
    return file.getvalue()


def furnish(harbour, teach, upload):
    """Give the harbour everything that can belong to a persona."""
    teach(harbour, "Handbook", file=upload("handbook.pdf", samples.pdf(["Boats lie at the long quay."])))
    harbour.avatar.save("maren.png", ContentFile(picture()), save=False)
    harbour.voice_id, harbour.strictness, harbour.extra_languages = "voice-1", "documents_first", ["de"]
    harbour.save()
    for position, text in enumerate(["When?", "Where?"]):
        StarterQuestion.objects.create(persona=harbour, text=text, position=position)
    GoldenQuestion.objects.create(persona=harbour, question=QUESTION, document="Berths", answers=["25 euros"])
    return harbour


def packed(persona):
    file = io.BytesIO()
    archives.pack(persona, file)
    file.seek(0)
    return file


def sheet(file):
    return json.loads(zipfile.ZipFile(file).read("persona.json"))


def files(settings):
    return sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())
