"""Dead-letter queues in SQS.

Messages are moved by receiving, sending and removing them: SQS's own move task tells nobody which ones it moved, and
does not say when it is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chalicelib.model.letters import Letter

AT_ONCE = 10
"""Messages a request; SQS lets no more through."""
ASKED = 1
"""Seconds; without waiting SQS asks only some of its servers, and says that there is nothing when there is."""
HIDDEN = 60
"""Seconds for which whoever took a message has it alone."""


class SqsLetters:
    """The `DeadQueues` port: name -> the address of its dead letters and of the queue they came from ("": none)."""

    def __init__(self, client: Any, queues: Mapping[str, tuple[str, str]]) -> None:
        self._sqs, self._queues = client, queues

    def counts(self) -> dict[str, int]:
        """Visible and hidden together: those that somebody looks at are still there."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = {
            queue: self._sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=names)["Attributes"]
            for queue, (dead, _) in self._queues.items()
        }
        return {queue: sum(int(said[name]) for name in names) for queue, said in found.items()}

    def sends(self, queue: str) -> bool:
        """Whether a queue stands before it."""
        return bool(self._queues[queue][1])

    def take(self, queue: str, most: int) -> list[Letter]:
        """Until there are enough or no more come."""
        taken: list[Letter] = []
        while len(taken) < most:
            answer = self._sqs.receive_message(
                QueueUrl=self._queues[queue][0],
                MaxNumberOfMessages=min(AT_ONCE, most - len(taken)),
                VisibilityTimeout=HIDDEN,
                WaitTimeSeconds=ASKED,
                MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            )
            if not (found := answer.get("Messages", ())):
                break
            taken += [_letter(message) for message in found]
        return taken

    def release(self, queue: str, letters: Sequence[Letter]) -> None:
        """At once."""
        for part in _parts(letters):
            entries = [{**_handle(n, one), "VisibilityTimeout": 0} for n, one in enumerate(part)]
            self._sqs.change_message_visibility_batch(QueueUrl=self._queues[queue][0], Entries=entries)

    def again(self, queue: str, letters: Sequence[Letter]) -> list[Letter]:
        """Sent first and removed after it."""
        sent: list[Letter] = []
        for part in _parts(letters):
            entries = [{"Id": str(n), "MessageBody": one.body} for n, one in enumerate(part)]
            answer = self._sqs.send_message_batch(QueueUrl=self._queues[queue][1], Entries=entries)
            went = [part[int(one["Id"])] for one in answer.get("Successful", ())]
            self.discard(queue, went)
            sent += went
        return sent

    def discard(self, queue: str, letters: Sequence[Letter]) -> list[Letter]:
        """For good."""
        gone: list[Letter] = []
        for part in _parts(letters):
            entries = [_handle(n, one) for n, one in enumerate(part)]
            answer = self._sqs.delete_message_batch(QueueUrl=self._queues[queue][0], Entries=entries)
            gone += [part[int(one["Id"])] for one in answer.get("Successful", ())]
        return gone


def _letter(message: Mapping[str, Any]) -> Letter:
    said = message["Attributes"]
    sent = datetime.fromtimestamp(int(said["SentTimestamp"]) / 1_000, UTC)
    tries = int(said["ApproximateReceiveCount"])
    return Letter(message["MessageId"], sent, tries, message["Body"], message["ReceiptHandle"])


def _handle(n: int, letter: Letter) -> dict[str, Any]:
    return {"Id": str(n), "ReceiptHandle": letter.handle}


def _parts(letters: Sequence[Letter]) -> Iterator[Sequence[Letter]]:
    yield from (letters[start : start + AT_ONCE] for start in range(0, len(letters), AT_ONCE))
