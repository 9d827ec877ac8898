"""A persona without a picture has a face of its own."""

import random
import re
import uuid

from django.template.loader import render_to_string

from personas.models import Persona


def face(number):
    return render_to_string("voice/_face.html", {"persona": Persona(id=number, slug="x"), "size": 72})


def test_of_a_thousand_personas_hardly_any_two_look_alike():
    dice = random.Random(5)
    ids = [uuid.UUID(int=dice.getrandbits(128), version=4) for _ in range(1000)]
    looks = [re.search(r'<svg class="([^"]+)"', face(number))[1] for number in ids]
    assert len(set(looks[:20])) == 20
    assert len(set(looks)) > 990


def test_a_face_stays_the_same():
    number = uuid.uuid4()
    assert face(number) == face(number)
