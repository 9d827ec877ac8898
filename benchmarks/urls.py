"""The project's addresses and one more: the least a Django REST Framework view can do."""

from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView


class Bare(APIView):
    """JSON in, JSON out, about as large as a tool call's; nobody is asked who they are."""

    authentication_classes = []
    permission_classes = []
    answer = {"result": {"content": "x" * 450, "citations": [{"quote": "y" * 300}]}, "success": True, "error": None}

    def post(self, request):
        return Response({**self.answer, "seen": len(request.data)})


urlpatterns = [path("bare", Bare.as_view()), path("", include("config.urls"))]
