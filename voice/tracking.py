"""Each request begins without a conversation, whatever the thread was at before; and whoever traces is told of it."""

from celery.signals import task_prerun
from django.http import FileResponse

from knowledge import telemetry, tracks

UNTRACED = ("/healthz", "/readyz", "/metrics")  # asked every few seconds by machines that watch


def track(get_response):
    """The middleware. Doors that know the conversation say so themselves."""

    def begin(request):
        tracks.follow("")
        if request.path in UNTRACED:
            return get_response(request)
        with telemetry.span(request.method) as step:
            response = get_response(request)
            name = f"{request.method} {_route(request)}"
            step.rename(name)
            step.tell(**{"http.request.method": request.method, "http.response.status_code": response.status_code})
            if response.status_code >= 500:
                step.fail()
            if response.streaming and not isinstance(response, FileResponse):
                response.streaming_content = _streamed(name, telemetry.trail(), response.streaming_content)
        return response

    return begin


def _route(request):
    """The address as it is drawn: never as it was asked for, which may name anything."""
    return f"/{request.resolver_match.route}" if request.resolver_match else "nowhere"


def _streamed(name, trail, pieces):
    with telemetry.span(f"{name} (streamed)", trail):
        yield from pieces


@task_prerun.connect
def begin_task(**_):
    """The same for a worker's tasks."""
    tracks.follow("")
