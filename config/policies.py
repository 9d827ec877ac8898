"""What a browser lets our pages do."""

from csp.constants import NONE, SELF

PERMISSIONS = {
    "microphone": "self",
    "autoplay": "self",
    "camera": [],
    "geolocation": [],
    "payment": [],
    "usb": [],
}


def content(elevenlabs):
    """django-csp's CONTENT_SECURITY_POLICY; ``elevenlabs`` is the address of its API."""
    return {
        "DIRECTIVES": {
            "default-src": [NONE],
            "script-src": [SELF],
            "style-src": [SELF],
            "img-src": [SELF, "data:"],
            "font-src": [SELF],
            # Samples of voices in the admin: ElevenLabs keeps the public ones in this bucket.
            "media-src": [SELF, elevenlabs, "https://storage.googleapis.com/eleven-public-prod/"],
            "manifest-src": [SELF],
            "connect-src": [SELF, elevenlabs.replace("http", "ws", 1)],
            "base-uri": [NONE],
            "form-action": [SELF],
            "frame-ancestors": [NONE],
        }
    }
