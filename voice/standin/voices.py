"""The voices of the pretend account: names and ids as in every ElevenLabs account, each spoken by a local voice."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice.standin import sound
from voice.standin.errors import not_found
from voice.standin.paging import cut_page


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice, and what says it here: a flite voice for English, an espeak-ng variant for the rest."""

    voice_id: str
    name: str
    gender: str
    accent: str
    age: str
    description: str
    flite: str
    espeak: str


DEFAULT = "cjVigY5qzO86Huf0OWal"
VOICES = {
    voice.voice_id: voice
    for voice in (
        Voice(DEFAULT, "Eric", "male", "american", "middle_aged", "A smooth tenor, friendly and calm.", "rms", "m3"),
        Voice("EXAVITQu4vr4xnSDxMaL", "Sarah", "female", "american", "young", "Confident, warm, clear.", "slt", "f3"),
        Voice(
            "JBFqnCBsd6RMkjVDRZzb", "George", "male", "british", "middle_aged", "A resonant storyteller.", "awb", "m1"
        ),
        Voice("21m00Tcm4TlvDq8ikWAM", "Rachel", "female", "american", "young", "Even and matter of fact.", "slt", "f2"),
        Voice("onwK4e9ZLuTAKqWW03F9", "Daniel", "male", "british", "middle_aged", "A steady newsreader.", "awb", "m2"),
        Voice(
            "pFZP5JQG7iQjIQuC4Bku", "Lily", "female", "british", "middle_aged", "Velvety and attentive.", "slt", "f4"
        ),
        Voice(
            "SAz9YHcvj6GT2YYXdXww", "River", "neutral", "american", "middle_aged", "Relaxed, neutral.", "kal16", "m7"
        ),
    )
}
SAMPLE = "Hello, my name is {name}. This is how I sound when I read something to you."
MODELS = ["eleven_flash_v2", "eleven_turbo_v2", "eleven_flash_v2_5", "eleven_turbo_v2_5", "eleven_multilingual_v2"]


def known(voice_id: str) -> bool:
    """Whether the account has this voice."""
    return voice_id in VOICES


def get(voice_id: str) -> Voice:
    """The voice, or the default one."""
    return VOICES.get(voice_id, VOICES[DEFAULT])


async def search(request: Request) -> JSONResponse:
    """GET /v2/voices."""
    params = request.query_params
    rows = [_describe(voice, request) for voice in VOICES.values() if _fits(voice, params)]
    if params.get("sort") == "name":
        rows.sort(key=lambda row: row["name"], reverse=params.get("sort_direction") == "desc")
    page, following = cut_page(rows, params, default=10)
    return JSONResponse(
        {"voices": page, "has_more": following is not None, "total_count": len(rows), "next_page_token": following}
    )


async def get_all(request: Request) -> JSONResponse:
    """GET /v1/voices."""
    return JSONResponse({"voices": [_describe(voice, request) for voice in VOICES.values()]})


async def get_one(request: Request) -> JSONResponse:
    """GET /v1/voices/{voice_id}."""
    voice_id = request.path_params["voice_id"]
    if not known(voice_id):
        raise not_found("Voice", voice_id)
    return JSONResponse(_describe(VOICES[voice_id], request))


async def play_sample(request: Request) -> Response:
    """A WAV of the voice introducing itself: what `preview_url` points at. Open to everybody, like the real ones."""
    voice_id = request.path_params["voice_id"]
    if not known(voice_id):
        raise not_found("Voice", voice_id)
    voice = VOICES[voice_id]
    pcm = await request.app.state.standin.mouth.say(SAMPLE.format(name=voice.name), voice, "en")
    return Response(sound.wav(pcm), media_type="audio/wav", headers={"Cache-Control": "max-age=86400"})


def _fits(voice: Voice, params) -> bool:
    wanted = params.get("search", "").lower()
    text = f"{voice.name} {voice.description} {voice.gender} {voice.accent} {voice.age}".lower()
    kind, category = params.get("voice_type"), params.get("category")
    ids = params.getlist("voice_ids")
    return (
        wanted in text
        and kind in (None, "default", "non-personal", "non-community")
        and category in (None, "premade")
        and (not ids or voice.voice_id in ids)
    )


def _describe(voice: Voice, request: Request) -> dict:
    labels = {"gender": voice.gender, "accent": voice.accent, "age": voice.age, "use_case": "conversational"}
    return {
        "voice_id": voice.voice_id,
        "name": voice.name,
        "samples": None,
        "category": "premade",
        "fine_tuning": {"is_allowed_to_fine_tune": False, "state": {}, "language": "en"},
        "labels": {**labels, "language": "en"},
        "description": voice.description,
        "preview_url": f"{request.app.state.standin.address(request)}/standin/voices/{voice.voice_id}/sample.wav",
        "available_for_tiers": [],
        "settings": {"stability": 0.5, "similarity_boost": 0.8, "style": 0.0, "use_speaker_boost": True, "speed": 1.0},
        "sharing": None,
        "high_quality_base_model_ids": MODELS,
        "verified_languages": [
            {"language": "en", "model_id": "eleven_flash_v2_5", "accent": voice.accent, "locale": "en-US"}
        ],
        "is_owner": False,
        "is_legacy": False,
        "is_mixed": False,
        "created_at_unix": None,
        "permission_on_resource": None,
    }
