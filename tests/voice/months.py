"""A month of traffic, made by lot, the same for the same seed: raw rows as a busy installation leaves them."""

import random
import uuid
from datetime import UTC, datetime, timedelta

from knowledge.models import Asked, Cited
from voice.models import Attempt, Conversation, Session, ToolCall, Turn, Visit

START = datetime(2026, 9, 1, tzinfo=UTC)
QUESTIONS = [f"Question number {number}?" for number in range(40)]
GERMAN = [f"Wann geht die Fähre, und was kostet sie für {number} Personen?" for number in range(10)]
ENDS = ["user"] * 12 + ["end-agent", "end-dropped", "end-silent", ""]
OUTCOMES = ["answered"] * 15 + ["nothing", "nothing", "fallback", "limited", "refused"]
KINDS = ["visitor"] * 14 + ["staff", "rehearsal"]
STARTS = ["live"] * 16 + ["microphone-denied", "cancelled", "start-slow", "refused"]


class Month:
    """``threads`` conversations over ``days`` days with these personas."""

    def __init__(self, personas, documents=(), threads=160, days=30, seed=7, start=START):
        self.lot, self.personas, self.documents = random.Random(seed), personas, documents
        self.kinds = random.Random(seed + 1)
        self.visitors = [uuid.UUID(int=self.lot.getrandbits(128)) for _ in range(max(1, threads // 3))]
        self.rows = {kind: [] for kind in (Conversation, Session, Turn, ToolCall, Attempt, Asked, Cited)}
        self.visits = {}
        self.spoken = {}  # by thread: the language in which it was held
        for number in range(threads):
            self._thread(number, start + timedelta(seconds=self.lot.random() * days * 86_400))

    def save(self):
        for kind, rows in self.rows.items():
            kind.objects.bulk_create(rows, batch_size=2000)
        Visit.objects.bulk_create(self.visits.values(), batch_size=2000)
        return self

    def _thread(self, number, at):
        lot, persona = self.lot, self.lot.choice(self.personas)
        kind = lot.choices(["typed", "browser", "phone"], [5, 4, 1])[0]
        thread = Conversation(
            persona=persona, visitor=lot.choice(self.visitors), started_at=at, last_turn_at=at,
            rating=lot.choice([None, None, 1, 3, 4, 5, 5]), elsewhere=lot.random() < 0.03,
            kind=self.kinds.choice(KINDS),
        )  # fmt: skip
        self.rows[Conversation].append(thread)
        self.spoken[thread.pk] = self.kinds.choice(persona.languages)
        self._visit(thread, at)
        session = self._session(thread, number, at, kind) if kind != "typed" else None
        if kind == "browser":
            self._attempt(thread, session, at)
        for place in range(lot.randint(1, 6)):
            self._question(thread, session, at + timedelta(seconds=20 * place), place)

    def _visit(self, thread, at):
        key = at.date(), thread.persona_id, thread.visitor
        if thread.kind == Conversation.Kind.VISITOR:
            self.visits.setdefault(key, Visit(day=key[0], persona_id=key[1], visitor=key[2]))

    def _session(self, thread, number, at, kind):
        lot = self.lot
        seconds = lot.randint(5, 500)
        reported = lot.random() < 0.9
        session = Session(
            conversation=thread, elevenlabs_conversation_id=f"conv_{number}_{lot.getrandbits(40)}", channel=kind,
            started_at=at, seen_at=at, ended_at=at + timedelta(seconds=seconds) if lot.random() < 0.95 else None,
            end_reason=lot.choice(ENDS), failure="The line could not be set up." if lot.random() < 0.02 else "",
            reported_at=at if reported else None, status="done" if reported else "",
            duration_secs=seconds + lot.randint(-1, 1) if reported else None, cost_credits=lot.randint(10, 900) if reported else None,
            call_successful=lot.choice(["success", "failure", "unknown"]) if reported else "",
        )  # fmt: skip
        session.language = self.spoken[thread.pk] if reported and self.kinds.random() < 0.5 else ""
        if session.end_reason == "end-dropped":
            session.termination_reason = self.kinds.choice(
                ["", "Client disconnected: 1006", "Client disconnected: 1011"]
            )
        self.rows[Session].append(session)
        return session

    def _attempt(self, thread, session, at):
        lot, outcome = self.lot, self.lot.choice(STARTS)
        moments = {"allowed": lot.randint(0, 4000)} if outcome != "microphone-denied" else {}
        if outcome == "live":
            moments["connected"] = moments["allowed"] + lot.randint(60, 900)
            moments["sound"] = moments["connected"] + lot.randint(20, 700)
        words = [lot.randint(300, 2000) for _ in range(lot.randint(0, 4))] if outcome == "live" else []
        self.rows[Attempt].append(
            Attempt(
                conversation=thread, persona=thread.persona, kind=thread.kind, session=session, outcome=outcome, milliseconds=moments, at=at,
                detail="busy" if outcome == "refused" else "", resumed=lot.random() < 0.05,
                answers=[[one, one + lot.choice([0, 0, 900])] for one in words],
            )
        )  # fmt: skip

    def _question(self, thread, session, at, place):
        lot = self.lot
        channel, asked_by = ("spoken", "spoken") if session else ("typed", "typed")
        words, found = lot.choice(GERMAN if self.spoken[thread.pk] == "de" else QUESTIONS), lot.random() < 0.85
        citations = [{"document_id": str(one.pk)} for one in self.documents[:1]] if found else []
        said = {"conversation": thread, "session": session, "channel": channel, "at": at}
        self.rows[Turn].append(Turn(**said, key=f"v{place}", speaker="visitor", text=words))
        self.rows[Turn].append(
            Turn(
                **said, key=f"p{place}", speaker="persona", text="An answer.", citations=citations,
                interrupted=bool(session) and lot.random() < 0.1, liked=lot.choice([None, None, None, True, False]),
            )
        )  # fmt: skip
        asked = Asked(
            persona=thread.persona, question=words, channel=asked_by, found=found, at=at, thread=str(thread.pk)
        )
        self.rows[Asked].append(asked)
        if found and self.documents:
            self.rows[Cited].append(Cited(asked=asked, document=lot.choice(self.documents), start=0, end=5))
        if session:
            outcome = lot.choice(OUTCOMES)
            self.rows[ToolCall].append(
                ToolCall(
                    session=session, persona=thread.persona, function="query_persona_knowledge", question=words,
                    outcome=outcome, reason="database away" if outcome == "fallback" else "", cached=lot.random() < 0.3,
                    milliseconds={"total": round(lot.lognormvariate(2.5, 1), 2)}, at=at,
                )
            )  # fmt: skip
