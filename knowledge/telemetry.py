"""What is told to those who watch from outside: how long each step of a journey took, and faults that somebody was spared.

Here nobody is told anything: ``span`` and ``fault`` cost a look at an empty hand. What is loaded only when its setting is
set (``voice.tracing``, ``voice.sentry``) puts itself in. Names and attributes are words of ours, ids and numbers; never
what somebody asked or was told, and no secret.
"""

import functools
from types import SimpleNamespace

watching = SimpleNamespace(tracer=None, faults=None)  # begin(name, parent, about) → a span; tell(an exception)


class Silence:
    """The span of nobody."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def rename(self, name):
        pass

    def tell(self, **about):
        pass

    def fail(self):
        pass


_silence = Silence()


def span(name, parent=None, **about):
    """A ``with`` that lasts as long as a step. ``parent``: what ``trail`` gave, when the step before was elsewhere."""
    return _silence if watching.tracer is None else watching.tracer.begin(name, parent, about)


def spanned(name):
    """The same for all of a function."""

    def wrap(step):
        @functools.wraps(step)
        def timed(*args, **kwargs):
            with span(name):
                return step(*args, **kwargs)

        return timed

    return wrap


def tell(**about):
    """Say more of the step that is under way here."""
    if watching.tracer is not None:
        watching.tracer.current().tell(**about)


def trail():
    """{name: text} by which a step elsewhere finds the one under way here."""
    return {} if watching.tracer is None else watching.tracer.trail()


def fault(exception):
    """Something failed and somebody was given another answer for it."""
    if watching.faults is not None:
        watching.faults(exception)
