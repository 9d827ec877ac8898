"""The schema of our doors, for operators: a program's map of the house is nobody else's."""

from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.http import JsonResponse
from django.views.decorators.http import require_GET

from voice.contract.routes import schema as described


@require_GET
@staff_member_required(login_url="admin:login")
@permission_required("voice.view_workspace", raise_exception=True)
def schema(request):
    """OpenAPI 3.0 as JSON; `manage.py spectacular` writes the same."""
    return JsonResponse(described(), content_type="application/vnd.oai.openapi+json")
