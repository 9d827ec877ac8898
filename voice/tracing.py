"""Spans for OpenTelemetry, over OTLP and HTTP. Loaded when OTEL_EXPORTER_OTLP_ENDPOINT is set and at no other time.

A trace begins at one of our doors or at beat, goes on in the worker through the task's headers, and ends here: no visitor's
header is believed and nothing is sent along to ElevenLabs. A span holds no words of an exception, which may be a question.
"""

import atexit
import logging

from celery.signals import before_task_publish, task_postrun, task_prerun, worker_process_shutdown
from django.conf import settings
from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from knowledge import telemetry, tracks

logger = logging.getLogger(__name__)
SECONDS = 3  # of one delivery to the collector, what is tried again included
EVERY_SECONDS = 1  # a granian worker that is stopped ends without Python's farewell and takes so much along
RECURRING = {"voice.tasks.heartbeat"}  # every 15 seconds, and nothing in it
_propagator = TraceContextTextMapPropagator()


def begin():
    """Trace this process from now on. Gives what has to be shut down at its end."""
    collector = Collector(f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT.rstrip('/')}/v1/traces")
    named = Resource.create({"service.name": settings.OTEL_SERVICE_NAME})
    provider = TracerProvider(resource=named, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(collector, schedule_delay_millis=EVERY_SECONDS * 1000))
    telemetry.watching.tracer = Tracer(provider, collector)
    return telemetry.watching.tracer


class Tracer:
    """What ``knowledge.telemetry`` hands steps to."""

    def __init__(self, provider, collector):
        self._provider, self._collector = provider, collector
        self._tracer = provider.get_tracer("clone-advisor")

    def begin(self, name, parent, about):
        there = _propagator.extract(parent) if parent else None
        span = self._tracer.start_span(name, context=there, attributes=about, record_exception=False)
        return Step(span)

    def current(self):
        return Step(trace.get_current_span())

    def trail(self):
        carrier = {}
        _propagator.inject(carrier)
        return carrier

    def flush(self):
        self._provider.force_flush()

    def end(self):
        """Hand over what is left, in bounded time."""
        self._collector.is_leaving = True
        self._provider.shutdown()


class Step:
    """A span as a ``with``."""

    def __init__(self, span):
        self._span = span

    def __enter__(self):
        self._token = context.attach(trace.set_span_in_context(self._span))
        return self

    def __exit__(self, _, fault, __):
        if conversation := tracks.followed():
            self._span.set_attribute("conversation", conversation)
        if fault is not None:
            self._span.set_attribute("error.type", type(fault).__name__)
            if getattr(fault, "status_code", 500) >= 500:  # a refusal is no fault
                self.fail()
        context.detach(self._token)
        self._span.end()

    def rename(self, name):
        self._span.update_name(name)

    def tell(self, **about):
        self._span.set_attributes(about)

    def fail(self):
        self._span.set_status(trace.StatusCode.ERROR)


class Collector(SpanExporter):
    """The official exporter, whose own words would fill the log while the collector is away: it is said once, and when it
    is over."""

    def __init__(self, address):
        self._exporter = OTLPSpanExporter(address, timeout=SECONDS)
        self.is_away = self.is_leaving = False

    def export(self, spans):
        if self.is_away and self.is_leaving:
            return SpanExportResult.FAILURE
        result = self._exporter.export(spans)
        is_away = result is not SpanExportResult.SUCCESS
        if is_away != self.is_away:
            logger.warning("traces %s", "are lost: the collector does not take them" if is_away else "are taken again")
        self.is_away = is_away
        return result

    def shutdown(self):
        self._exporter.shutdown()


_running = {}  # Step by the task's id


@before_task_publish.connect
def send_along(headers=None, **_):
    headers.update(telemetry.trail())


@task_prerun.connect
def begin_task(task_id=None, task=None, **_):
    if task.name not in RECURRING and telemetry.watching.tracer is not None:
        came_with = getattr(task.request, "traceparent", None)
        parent = {"traceparent": came_with} if came_with else None
        _running[task_id] = telemetry.span(f"task {task.name}", parent, retries=task.request.retries).__enter__()


@task_postrun.connect
def end_task(task_id=None, state=None, **_):
    step = _running.pop(task_id, None)
    if step is not None:
        step.tell(outcome=(state or "unknown").lower())
        if state == "FAILURE":
            step.fail()
        step.__exit__(None, None, None)


@worker_process_shutdown.connect
def hand_over(**_):
    """Such a process ends without Python's own farewell."""
    if telemetry.watching.tracer is not None:
        telemetry.watching.tracer.flush()


@atexit.register
def _farewell():
    if telemetry.watching.tracer is not None:
        telemetry.watching.tracer.end()
