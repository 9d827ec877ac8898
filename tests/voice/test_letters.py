"""A page's letters while a report of the same call is being read."""

import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from voice import letters
from voice.models import Conversation, Session, Turn

SAID = {"kind": "persona", "key": "p1", "text": "The ferry leaves at nine.", "channel": "spoken", "after": None}


@pytest.mark.django_db(transaction=True)
def test_a_letter_and_a_report_of_one_call_wait_for_each_other_in_one_order(session):
    faults = []

    def write():
        try:
            letters.read(session, [SAID])
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    letter = threading.Thread(target=write)
    with transaction.atomic():  # as a report is read: the session's row first, the thread's in the end
        Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
        letter.start()
        letter.join(0.7)
        Conversation.objects.filter(pk=session.conversation_id).update(last_turn_at=timezone.now())
    letter.join(20)
    assert faults == []
    assert Turn.objects.get().text == SAID["text"]
