"""One round: several messages settled in one transaction, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from estation_central.collector import rules
from estation_central.collector.interfaces import Answer, Changes, Lost, Mismatch
from estation_central.collector.rules import NOTHING, Batch, Key, Mark
from estation_wire.codec import record_hash
from estation_wire.messages import Ack, Hello, Reply, Stored
from estation_wire.topics import Topic
from estation_wire.values import CONTRACT_MAJOR

RecordAt = Callable[[Key, int], str | None]


class Item(NamedTuple):
    """A message that changes the database, with the topic that it came on."""

    topic: Topic
    body: Batch | Hello | Reply

    @property
    def keys(self) -> tuple[Key, ...]:
        """The journals that it speaks of."""
        if isinstance(self.body, Batch):
            return (self.body.key,)
        if isinstance(self.body, Hello):
            return tuple(Key(self.topic.station, state.journal) for state in self.body.journals)
        return ()


class Round(msgspec.Struct, kw_only=True):
    """What the messages of one round come to: ``changes`` to commit, then ``acks`` to send."""

    at: datetime
    changes: Changes = msgspec.field(default_factory=Changes)
    acks: list[tuple[Topic, Ack]] = msgspec.field(default_factory=list)
    greeted: list[Topic] = msgspec.field(default_factory=list)
    refused: int = 0
    doubled: int = 0
    crowded: int = 0

    def settle(self, items: list[Item], marks: Mapping[Key, Mark], record_at: RecordAt) -> None:
        """Decide on each message in turn; ``marks`` are the locked watermark rows."""
        now = dict(marks)
        for topic, body in items:
            if isinstance(body, Batch):
                self._batch(topic, body, now)
            elif isinstance(body, Hello):
                self._hello(topic, body, now, record_at)
            else:
                self._reply(topic, body)
        self.changes.marks = {key: mark for key, mark in now.items() if mark != marks.get(key, NOTHING)}

    def _batch(self, topic: Topic, batch: Batch, now: dict[Key, Mark]) -> None:
        if batch.key not in now:
            self.crowded += 1
            return
        mark = now[batch.key]
        taken = rules.take(mark, batch)
        if taken.refused:
            self.refused += 1
            return
        if taken.theirs:
            self.changes.mismatches.append(Mismatch(batch.key, mark.watermark, taken.theirs))
        self.doubled += len(batch.rows) - len(taken.rows)
        now[batch.key] = taken.mark
        self.changes.rows += [(batch.key, row) for row in taken.rows]
        for row in taken.rows:
            if row.kind == rules.BEGUN and (order := rules.picture_order(topic.station, row, self.at)):
                self.changes.pictures.append((topic.station, order))
        self._ack(topic, (Stored(journal=batch.key.journal, watermark=taken.mark.watermark),), None)

    def _hello(self, topic: Topic, hello: Hello, now: dict[Key, Mark], record_at: RecordAt) -> None:
        stored = {}
        for state in hello.journals:
            key = Key(topic.station, state.journal)
            mark = now.get(key, NOTHING)
            greeted = rules.greet(mark, state, self._hash_at(key, mark, state.watermark, record_at))
            if greeted.mismatch:
                self.changes.mismatches.append(Mismatch(key, state.watermark, state.hash or ""))
            if greeted.lost and key in now:
                self.changes.lost.append(Lost(key, *greeted.lost))
                now[key] = mark = greeted.mark
            stored[state.journal] = mark.watermark
        journals = tuple(Stored(journal=journal, watermark=watermark) for journal, watermark in stored.items())
        self._ack(topic, journals, hello.nonce)
        self.greeted.append(topic)

    @staticmethod
    def _hash_at(key: Key, mark: Mark, seq: int, record_at: RecordAt) -> str | None:
        if seq == mark.watermark:
            return mark.hash or None
        text = record_at(key, seq) if 0 < seq < mark.watermark else None
        return record_hash(text.encode()) if text else None

    def _reply(self, topic: Topic, reply: Reply) -> None:
        self.changes.answers.append(
            Answer(
                topic.station,
                reply.command,
                reply.outcome,
                reply.reason,
                reply.media_type or "",
                reply.attachment or b"",
            )
        )

    def _ack(self, topic: Topic, journals: tuple[Stored, ...], nonce: str | None) -> None:
        self.acks.append((topic, Ack(v=CONTRACT_MAJOR, time=self.at, journals=journals, nonce=nonce)))
