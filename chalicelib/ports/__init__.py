"""What the loop needs from the outside. Few and small; adapters fill them, `wiring` chooses."""

from __future__ import annotations

from chalicelib.ports.outside import Bucket, Clock, DeadQueues, Drop, Messenger, Sent, Uploads, Vault
from chalicelib.ports.reading import Analyser, Candidate, Document, Finder, Found, Label, ModelFiles, Trainer
from chalicelib.ports.store import Cells, Change, DeadLetter, Page, Store, Work

__all__ = [
    "Analyser",
    "Bucket",
    "Candidate",
    "Cells",
    "Change",
    "Clock",
    "DeadLetter",
    "DeadQueues",
    "Document",
    "Drop",
    "Finder",
    "Found",
    "Label",
    "Messenger",
    "ModelFiles",
    "Page",
    "Sent",
    "Store",
    "Trainer",
    "Uploads",
    "Vault",
    "Work",
]
