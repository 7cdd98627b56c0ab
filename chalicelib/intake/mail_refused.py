"""Messages that are no customer's contact: written by a machine, or marked by the server that received them.

SES puts its verdicts (`X-SES-Spam-Verdict`, `X-SES-Virus-Verdict`) above everything that the sender wrote, so the
first field of the name is the server's own.
"""

from __future__ import annotations

from email.message import EmailMessage

from chalicelib.model.errors import Invalid

BROKEN = (ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What the standard library raises for what no program should have sent."""
VIRUS = "mail.virus"
"""The refusal whose words are not kept either."""


def field(message: EmailMessage, name: str) -> str:
    """A header field as text, the first of its name; "" where it is missing or beyond reading."""
    try:
        return str(message.get(name, "")).strip()
    except BROKEN:
        return ""


def why_refused(message: EmailMessage, where: str) -> Invalid | None:
    """Why a message is no contact; None for one that is."""
    if _failed(message, "X-SES-Virus-Verdict"):
        return Invalid(
            VIRUS,
            "收信的服务器在这封邮件里查出病毒，内容不留；请联系发件人另发",
            "The receiving server found a virus in this message, nothing of it is kept: ask the sender to write again",
            where,
        )
    if _failed(message, "X-SES-Spam-Verdict"):
        return Invalid(
            "mail.spam",
            "收信的服务器判为垃圾邮件；请看拒收清单，是客户写的就把那个清单再导入",
            "The receiving server marked this message as spam: look at the list of refused rows; if a customer wrote it"
            " import that list",
            where,
        )
    return _automatic(where) if automatic(message) else None


def _failed(message: EmailMessage, name: str) -> bool:
    """FAIL and nothing else: GRAY and PROCESSING_FAILED mean that the server does not know."""
    return field(message, name).upper() == "FAIL"


def automatic(message: EmailMessage) -> bool:
    """Whether a machine wrote it (RFC 3834): an out-of-office answer, a bounce, a mailing list."""
    return (
        field(message, "Auto-Submitted").casefold() not in ("", "no")
        or message.get_content_type() == "multipart/report"
        or field(message, "Precedence").casefold() in ("bulk", "junk", "list", "auto_reply")
        or field(message, "Return-Path") == "<>"
    )


def _automatic(where: str) -> Invalid:
    return Invalid(
        "mail.automatic",
        "程序自动发出的邮件（自动回复、退信、群发），不算客户联络；不是的话请转发给自己再导入",
        "A machine wrote this message (automatic answer, bounce, mailing list): not a customer's contact; "
        "if it is one, forward it and import that",
        where,
    )
