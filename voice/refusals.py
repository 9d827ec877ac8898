"""What a machine hears when it is turned away: always JSON, always the shape of an answer, never anything internal."""

from django.http import JsonResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.views import exception_handler


class BadCall(APIException):
    """The request does not have the shape we ask for; the message names the field."""

    status_code = 400
    default_code = "bad_request"


class NotYours(APIException):
    """Persona and conversation do not belong together, or the conversation is none of ours."""

    status_code = 403
    default_code = "not_yours"


class Unknown(APIException):
    """What was named is not known here."""

    status_code = 404
    default_code = "unknown"


class NotNow(APIException):
    """Understood, and not to be done as things are."""

    status_code = 409
    default_code = "not_now"


class Away(APIException):
    """A fault of ours that passes."""

    status_code = 503
    default_code = "unavailable"


class NotTaken(APIException):
    """Ours to mend, so it must be repeated: ElevenLabs never repeats after a 4xx."""

    status_code = 503
    default_code = "not_taken"


class Altered(APIException):
    """Rightly signed, and not what came before under the same name."""

    status_code = 409
    default_code = "altered"


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"


class TooMany(APIException):
    """Over the limit; ``wait`` becomes Retry-After."""

    status_code = 429
    default_code = "too_many_calls"

    def __init__(self, detail, wait):
        super().__init__(detail)
        self.wait = max(1, wait)


def answer(exception, context):
    """Django REST Framework's exception handler: the framework's own status and headers, our shape."""
    response = exception_handler(exception, context)
    if response is not None:
        response.data = {"result": None, "success": False, "error": error(exception)}
    return response


def error(exception):
    """``{"code", "message"}`` of an API exception."""
    detail = getattr(exception, "detail", "")
    code = getattr(detail, "code", None) or getattr(exception, "default_code", "error")
    return {"code": code, "message": str(detail) or _("This cannot be done.")}


def page_refusal(code, message, status, retry_after=None):
    """A refusal for the script on a page: ``{"error": {"code", "message", "retry_after"}}``."""
    response = JsonResponse({"error": {"code": code, "message": message, "retry_after": retry_after}}, status=status)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response
