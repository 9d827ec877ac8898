"""The schema of our doors, for staff: a program's map of the house is nobody else's."""

from django.contrib.admin.views.decorators import staff_member_required
from django.http import JsonResponse
from django.views.decorators.http import require_GET

from voice.contract.routes import schema as described


@require_GET
@staff_member_required(login_url="admin:login")
def schema(request):
    """OpenAPI 3.0 as JSON; `manage.py spectacular` writes the same."""
    return JsonResponse(described(), content_type="application/vnd.oai.openapi+json")
