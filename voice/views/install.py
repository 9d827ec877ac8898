"""The site as an app on a telephone or a desk: its manifest, and icons where an SVG is not enough."""

import io
from functools import lru_cache

from django.http import Http404, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET
from PIL import Image, ImageDraw

PAPER, ACCENT = "#faf8f4", "#0b6b62"  # as in base.css and icon.svg
SIZES = (180, 192, 512)  # Apple's home screen; Android's launcher and its splash
FINE = 4  # drawn larger and shrunk, for smooth edges


@require_GET
@cache_control(public=True, max_age=3600)
def manifest(request):
    """https://www.w3.org/TR/appmanifest/. There is no service worker: without a network there is nobody to ask, and a
    conversation is not kept on the device."""
    start = reverse("voice:persona_list")
    language = translation.get_language()
    described = {
        "id": start, "start_url": start, "scope": start, "display": "standalone",
        "name": "Clone Advisor", "short_name": "Advisor",
        "description": gettext("Ask by typing or by voice; every answer shows where it stands."),
        "lang": language, "dir": "rtl" if translation.get_language_bidi() else "ltr",
        "background_color": PAPER, "theme_color": PAPER,
        "icons": [
            {"src": static("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            {"src": static("icon-maskable.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "maskable"},
            *(_png(size) for size in SIZES[1:]),
        ],
    }  # fmt: skip
    return JsonResponse(described, content_type="application/manifest+json")


def _png(size):
    address = reverse("voice:icon_png", args=[size])
    return {"src": address, "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}


@require_GET
@cache_control(public=True, max_age=86400)
def icon_png(request, size):
    """icon-maskable.svg as a PNG, for telephones that take no SVG."""
    if size not in SIZES:
        raise Http404("There is no icon of this size.")
    return HttpResponse(_draw(size), content_type="image/png")


@lru_cache
def _draw(size):
    """The sheet of icon-maskable.svg, 32 units wide, line by line."""
    unit = size * FINE / 32
    image = Image.new("RGB", (size * FINE, size * FINE), ACCENT)
    pen = ImageDraw.Draw(image)
    lines = [
        (1.5, [(9.5, 10.2), (22.5, 10.2), (22.5, 18.9), (15.5, 18.9), (11.8, 21.8), (11.8, 18.9), (9.5, 18.9), (9.5, 10.2)]),
        (1.5, [(13, 13.2), (19, 13.2)]),
        (1.5, [(13, 15.8), (16.8, 15.8)]),
    ]  # fmt: skip
    for width, points in lines:
        pen.line([(x * unit, y * unit) for x, y in points], "white", round(width * unit), "curve")
        for x, y in points:  # round ends
            pen.ellipse(
                [(x - width / 2) * unit, (y - width / 2) * unit, (x + width / 2) * unit, (y + width / 2) * unit],
                "white",
            )
    kept = io.BytesIO()
    image.resize((size, size), Image.Resampling.LANCZOS).save(kept, "PNG", optimize=True)
    return kept.getvalue()
