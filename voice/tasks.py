"""The back stairs: what is done after the answer. Ids in, one verb, retry rules stated once."""

import logging
import random
from contextlib import suppress

from celery import shared_task
from celery.signals import worker_ready
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.utils import timezone

from knowledge import broker, tracks
from voice import agents, endings, gateway, ledger, minutes, objectives, phones, ratings, reconciliation, retention
from voice import watch as watching
from voice.agents import account, drift, orphans, rotation, workspace
from voice.books import comparing, looking
from voice.claims import Busy
from voice.daily import sending
from voice.figures import days
from voice.gateway import GatewayError, Refused, Unreachable
from voice.models import Agent, Conversation, Delivery, PhoneNumber, Session

logger = logging.getLogger(__name__)
HEARTBEAT = "worker-heartbeat"
CHECKED_IN_A_ROW = 50  # agents, two requests each, before other tasks have their turn
LOOKS = 4  # after the first


def start(task, *args):
    """Hand a task to the workers, in bounded time. While the broker is down nothing is lost: the row waits for the
    minute's sweep."""
    broker.hand_over(task, args)


def _pause(attempt, fault):
    """Seconds to wait: what they asked for, else doubling from 2 to 120, with jitter so that a storm spreads out."""
    asked = getattr(fault, "retry_after", None)
    return (asked or min(2 * 2**attempt, 120)) * random.uniform(1.0, 1.5)


@shared_task(bind=True, max_retries=8)
def sync_agent(self, agent_pk):
    """Bring one agent in step. Ends early, harmlessly, when the row is gone."""
    agent = Agent.objects.filter(pk=agent_pk).first()
    if agent is None:
        return
    if wait := gateway.seconds_to_wait():
        _come_back(agent, wait)
        return
    try:
        agents.sync(agent)
    except Busy:
        _come_back(agent, 2)
    except Unreachable as fault:
        pause = _pause(self.request.retries, fault)
        agents.postpone(agent, pause)
        if not fault.held:
            raise self.retry(exc=fault, countdown=pause) from fault
        _come_back(agent, fault.retry_after)


def _come_back(agent, seconds):
    """Later, and no attempt of this task: somebody else is at it, or they told us to wait and nothing was asked."""
    pause = seconds * random.uniform(1.0, 1.5) + random.uniform(0.0, 0.5)
    agents.postpone(agent, pause)
    broker.hand_over(sync_agent, (agent.pk,), countdown=pause)


@shared_task
def look_after_account():
    """Put a new first token into ElevenLabs' secret, delete webhooks whose time is over, look at a key that is new."""
    try:
        if Agent.objects.exists():
            workspace.prepare()
        rotation.retire()
        account.look_if_new()
    except (Busy, GatewayError) as fault:
        logger.warning("the account at ElevenLabs waits for the next look: %s", fault)


@worker_ready.connect
def a_worker_begins(**_):
    """The environment may have a new key or token: it is read at the start of a process and at no other time."""
    start(look_after_account)


@shared_task
def sync_waiting_agents():
    """The sweep: every agent whose sync was started and lost, or whose persona is gone, or that is to be looked at again."""
    for pk in agents.due().values_list("pk", flat=True)[:200]:
        start(sync_agent, pk)


@shared_task(bind=True, max_retries=8)
def sync_phone_number(self, number_pk):
    """Let one number be answered by its persona's agent. Waits for an agent that is not in step yet."""
    number = PhoneNumber.objects.filter(pk=number_pk).first()
    if number is None:
        return
    try:
        phones.sync(number)
    except (Busy, Unreachable) as fault:
        raise self.retry(exc=fault, countdown=_pause(self.request.retries, fault)) from fault


@shared_task
def sync_waiting_phone_numbers():
    """The sweep: every number whose sync was started and lost, or whose agent was made anew."""
    for pk in phones.waiting().values_list("pk", flat=True)[:200]:
        start(sync_phone_number, pk)


@shared_task
def refresh_phone_numbers():
    """See which numbers the account has, and which agents answer them. A failure waits for the next time."""
    try:
        phones.refresh()
    except GatewayError as fault:
        logger.warning("phone numbers not read: %s", fault)


@shared_task(bind=True, max_retries=5)
def read_delivery(self, delivery_pk):
    """Read one webhook body that was kept."""
    delivery = Delivery.objects.filter(pk=delivery_pk, read_at=None).first()
    if delivery is not None:
        tracks.follow(delivery.subject)
        reconciliation.read(delivery)


@shared_task
def read_waiting_deliveries():
    """The sweep: bodies that were kept and not yet read, or that spoke of a conversation not known then."""
    for pk in Delivery.objects.waiting().values_list("pk", flat=True)[:200]:
        start(read_delivery, pk)


@shared_task(bind=True, max_retries=5)
def tell_rating(self, conversation_pk):
    """Tell ElevenLabs what a visitor thinks of a talk."""
    conversation = Conversation.objects.with_rating_due().filter(pk=conversation_pk).first()
    if conversation is None:
        return
    try:
        ratings.tell(conversation)
    except Unreachable as fault:
        raise self.retry(exc=fault, countdown=_pause(self.request.retries, fault)) from fault


@shared_task
def tell_due_ratings():
    """The sweep: ratings whose task was lost."""
    for pk in Conversation.objects.with_rating_due().values_list("pk", flat=True)[:200]:
        start(tell_rating, pk)


@shared_task
def forget_expired_visits():
    """Browsers that were not back for two weeks. Whoever keeps no cookie leaves one more with every page."""
    SessionStore.clear_expired()
    minutes.forget_old()
    endings.forget_origins()


@shared_task
def let_old_rows_go():
    """What is older than its days."""
    retention.run()


@shared_task
def write_minutes_down():
    """Add what newly reported calls used to the sums of their days and months."""
    ledger.write_down()


@shared_task(bind=True, max_retries=8)
def check_agent(self, agent_pk):
    """Read one agent back. Ends early, harmlessly, when the row is gone."""
    try:
        _check(agent_pk)
    except (Busy, Unreachable) as fault:
        raise self.retry(exc=fault, countdown=_pause(self.request.retries, fault)) from fault


@shared_task(bind=True, max_retries=8)
def check_agents(self, after=0):
    """Read every agent back, one after another, some rows a task; at the end look for what belongs to nobody. When they ask
    us to wait it goes on where it was; whoever is busy has the next time."""
    rows = Agent.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    try:
        for pk in list(rows[:CHECKED_IN_A_ROW]):
            with suppress(Busy):
                _check(pk)
            after = pk
        if rows.filter(pk__gt=after).exists():
            start(check_agents, after)
        else:
            orphans.find()
    except Unreachable as fault:
        raise self.retry(args=[after], exc=fault, countdown=_pause(self.request.retries, fault)) from fault
    except Refused as refusal:
        logger.warning("agents not checked: %s", refusal)


def _check(agent_pk):
    """One look; what was deleted by hand is made again at once."""
    agent = Agent.objects.filter(pk=agent_pk).first()
    if agent is not None:
        drift.check(agent)
        if agent.state == Agent.State.GONE:
            start(sync_agent, agent.pk)


@shared_task
def reconcile():
    """Fetch what was never reported; the next run goes on where this one ends."""
    reconciliation.run()


@shared_task
def look_at_call(session_pk, looks=0):
    """See at ElevenLabs that a call is over of which its page says so, so that its line and its minutes come free within
    seconds. Then again after 2, 4, 8 and 16 seconds; what is in doubt still is the sweep's."""
    session = Session.objects.unsettled().filter(pk=session_pk).first()
    if session is None:
        return
    tracks.follow(session.elevenlabs_conversation_id)
    there = ""
    with suppress(Unreachable):
        there = endings.look(session)
    if there != Session.There.OVER and looks < LOOKS:
        broker.hand_over(look_at_call, (session_pk, looks + 1), countdown=2 * 2**looks)


@shared_task
def look_at_calls():
    """The sweep: calls whose end nobody has confirmed."""
    endings.sweep()


@shared_task
def send_daily_report():
    """Yesterday's figures to those who are to have them, once, from the hour on at which they are due."""
    sending.send_due()


@shared_task
def look_at_books():
    """Ask ElevenLabs what was used, and lay it beside our own records."""
    looking.look()


@shared_task
def compare_books():
    """Lay the days that may still change beside our records anew: reports come late."""
    comparing.keep_open(timezone.now().date())


@shared_task
def watch():
    """Look whether all is well, and tell staff when it is not."""
    watching.look()


@shared_task
def judge_rollouts():
    """Hold back what a percentage of people should not have."""
    objectives.judge()


@shared_task
def keep_recent_figures():
    """Make the figures of today and yesterday anew."""
    days.keep_recent()


@shared_task
def keep_open_figures():
    """Make the figures of every day that may still change anew."""
    days.keep_open()


@shared_task
def heartbeat():
    """Show /readyz that a worker takes tasks and that beat hands them out."""
    cache.set(HEARTBEAT, timezone.now().timestamp(), 300)
