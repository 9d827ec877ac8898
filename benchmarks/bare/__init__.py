"""The least that each door and page could do, on the same server: what ours are held against."""

from pathlib import Path

from django.http import FileResponse, HttpResponse, JsonResponse
from django.template import Context, Engine
from django.templatetags.static import static
from django.urls import path, reverse
from rest_framework.response import Response
from rest_framework.views import APIView

from voice import gateway
from voice.models import Agent

HERE = Path(__file__).parent
CALL = Engine().from_string((HERE / "call.html").read_text())


class Bare(APIView):
    """JSON in, JSON out, about as large as a tool call's; nobody is asked who they are."""

    authentication_classes = []
    permission_classes = []
    answer = {"result": {"content": "x" * 450, "citations": [{"quote": "y" * 300}]}, "success": True, "error": None}

    def post(self, request):
        return Response({**self.answer, "seen": len(request.data)})


def call(request):
    """A page with the official client and a button."""
    worklets = {name: static(f"vendor/worklets/{name}Processor.js") for name in ("rawAudio", "audioConcat")}
    told = {"client": static("vendor/elevenlabs-client.js"), "script": reverse("bare_script")}
    told |= {"permission": reverse("bare_permission"), "mic": worklets["rawAudio"], "speech": worklets["audioConcat"]}
    return HttpResponse(CALL.render(Context(told)))


def script(request):
    return FileResponse((HERE / "call.js").open("rb"), content_type="text/javascript")


def permission(request):
    """A signed address and nothing kept: no page can do without, since the key stays on the server."""
    agent = Agent.objects.get(persona__slug="harbour-guide")
    return JsonResponse({"signed_url": gateway.signed_url(agent.elevenlabs_agent_id)[0]})


urlpatterns = [
    path("bare", Bare.as_view()),
    path("bare/call/", call),
    path("bare/call.js", script, name="bare_script"),
    path("bare/permission", permission, name="bare_permission"),
]
