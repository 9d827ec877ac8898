"""Each request begins without a conversation, whatever the thread was at before."""

from celery.signals import task_prerun

from knowledge import tracks


def track(get_response):
    """The middleware. Doors that know the conversation say so themselves."""

    def begin(request):
        tracks.follow("")
        return get_response(request)

    return begin


@task_prerun.connect
def begin_task(**_):
    """The same for a worker's tasks."""
    tracks.follow("")
