"""Messages from mail servers of every kind to the row of a contact."""

from __future__ import annotations

import base64
import time
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intake.html_text import plain_text
from chalicelib.intake.load import Request, load
from chalicelib.intake.mail import DEEPEST, MOST_LINES, MOST_PARTS, is_mail
from chalicelib.intake.mail_charset import MOST_BYTES
from chalicelib.intake.mail_refused import automatic
from chalicelib.intake.rows import Row
from chalicelib.intake.tables import headers, read_rows
from chalicelib.loop.context import Loop
from chalicelib.loop.listen.arriving import LONGEST_TEXT
from chalicelib.model.contact import Contact
from chalicelib.model.errors import Invalid
from chalicelib.model.people import SYSTEM

WROTE = "洗衣机装了三天还没人来接水管，打电话也没人接。"
RECEIVED = "from mx.example by in.example; Wed, 18 Nov 2026 09:30:00 +0800"


def message(text: str = WROTE, **fields: str) -> EmailMessage:
    made = EmailMessage()
    given = {"Received": RECEIVED, "From": "李娜 <li.na@example.com>", "Subject": "安装没人来"}
    for name, value in {**given, "Message-ID": "<a1@example.com>", **fields}.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def read(folder: Path, content: EmailMessage | bytes) -> Row:
    path = folder / "来信.eml"
    path.write_bytes(content if isinstance(content, bytes) else content.as_bytes())
    (row,) = read_rows(path)
    return row


def cells(folder: Path, content: EmailMessage | bytes) -> dict[str, Any]:
    row = read(folder, content)
    assert row.cells is not None, row.problem
    return row.cells


def test_a_message_is_a_contact_by_mail(tmp_path: Path) -> None:
    assert cells(tmp_path, message()) == {
        "channel": "email",
        "external_id": "a1@example.com",
        "customer": "li.na@example.com",
        "time": "2026-11-18T09:30:00+08:00",
        "text": f"安装没人来\n{WROTE}",
    }
    assert set(headers(tmp_path / "来信.eml")) == {"channel", "external_id", "customer", "time", "text"}


@pytest.mark.parametrize(
    ("charset", "written"), [("gb2312", "喆先生：電話打不通"), ("big5", "電話打不通"), ("utf-8", WROTE)]
)
def test_senders_name_the_smallest_charset_of_the_family(tmp_path: Path, charset: str, written: str) -> None:
    body = written.encode({"gb2312": "gb18030"}.get(charset, charset))
    head = f"Message-ID: <1@b>\r\nFrom: a@b.cn\r\nSubject: =?{charset}?b?xPq6ww==?=\r\n"
    raw = f"{head}Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    assert str(cells(tmp_path, raw.encode() + body)["text"]).endswith(written)


@pytest.mark.parametrize("charset", ["klingon", "us-ascii", "utf-8"])
def test_a_charset_that_is_wrong_is_guessed(tmp_path: Path, charset: str) -> None:
    raw = f"Message-ID: <1@b>\nFrom: a@b.cn\nContent-Type: text/plain; charset={charset}\n\n".encode()
    assert cells(tmp_path, raw + WROTE.encode("gb18030"))["text"] == WROTE


def test_attachments_are_named_and_their_content_is_not_read(tmp_path: Path) -> None:
    mail = message()
    mail.add_attachment(b"\xff\xd8 4111111111111111", maintype="image", subtype="jpeg", filename="破损.jpg")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf")
    text = str(cells(tmp_path, mail)["text"])
    assert text.endswith("[附件 attachments: 破损.jpg, application/pdf]")
    assert "4111" not in text


def test_html_alone_is_read_without_its_code(tmp_path: Path) -> None:
    mail = message()
    mail.set_content(
        "<html><head><style>p{color:red}</style></head><body><p>退款十天了</p><script>alert(1)</script>"
        "<div>还没&nbsp;到账&lt;</div></body></html>",
        subtype="html",
    )
    text = str(cells(tmp_path, mail)["text"])
    assert [line for line in text.splitlines() if line] == ["安装没人来", "退款十天了", "还没 到账<"]


@pytest.mark.parametrize(
    "quoted",
    [
        "------------------ 原始邮件 ------------------\n发件人: 客服\n您好，您的订单……",
        "-----Original Message-----\nFrom: service\nhello",
        "在 2026年11月17日，客服 <s@example.com> 写道：\n> 您好",
        "On Tue, Nov 17, 2026 at 9:00 AM Service <s@example.com> wrote:\n> hello",
        "发件人：客服\n发送时间：2026年11月17日\n收件人：我\n您好",
        "> 您好，您的订单",
    ],
)
def test_what_was_answered_is_not_said_again(tmp_path: Path, quoted: str) -> None:
    assert cells(tmp_path, message(f"{WROTE}\n\n{quoted}\n"))["text"] == f"安装没人来\n{WROTE}"


def test_a_message_that_is_only_forwarded_keeps_what_was_forwarded(tmp_path: Path) -> None:
    forwarded = "---------- Forwarded message ---------\n客户说退款没到"
    assert "退款没到" in str(cells(tmp_path, message(forwarded))["text"])


@pytest.mark.parametrize(
    "fields",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return_Path": "<>"}],
)
def test_what_a_machine_wrote_is_refused_and_said_to_be(tmp_path: Path, fields: dict[str, str]) -> None:
    row = read(tmp_path, message(**fields))
    assert row.problem
    assert row.problem.code == "mail.automatic"
    assert row.original["text"], "kept with the refused rows"


def test_a_person_says_no_machine_wrote_it() -> None:
    assert not automatic(message(Auto_Submitted="no"))
    raw = b"From: a@b\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
    assert automatic(BytesParser(_class=EmailMessage, policy=default).parsebytes(raw))


@pytest.mark.parametrize(
    ("fields", "time"),
    [
        ({"Received": "by x", "Date": "Tue, 17 Nov 2026 08:00:00 +0000"}, None),
        ({"Received": "", "Date": "Tue, 17 Nov 2026 08:00:00 +0000"}, "2026-11-17T08:00:00+00:00"),
        ({"Received": "", "Date": "yesterday"}, None),
        ({"Date": "Tue, 17 Nov 2099 08:00:00 +0000"}, "2026-11-18T09:30:00+08:00"),
    ],
)
def test_the_time_is_the_one_at_which_our_server_had_it(
    tmp_path: Path, fields: dict[str, str], time: str | None
) -> None:
    assert cells(tmp_path, message(**fields)).get("time") == time


def test_fields_beyond_reading_are_left_out(tmp_path: Path) -> None:
    raw = b"Message-ID: <\nFrom: =?x?q?\xff?= <<>\nReceived: ;\nSubject: =?utf-8?b?%%%?=\n\n" + WROTE.encode()
    found = cells(tmp_path, raw)
    assert (found["external_id"], found["customer"]) == ("", "")
    assert WROTE in str(found["text"])


SLOW = 500_000
"""Characters; what takes their square would take hours."""
HTML = ["<!--", "<![CDATA[", "<", "<a ", "<script>", "&#", "<b>"]
FIELDS = {
    "From": "a@b.cn, ",
    "Subject": "=?utf-8?b?5oiR?= ",
    "Received": "x; 1 1 ",
    "Content-Type": "text/plain; a*0=b; ",
}


@pytest.mark.parametrize("made", HTML)
def test_html_made_to_be_slow_is_read_at_once(made: str) -> None:
    plain_text(made * (SLOW // len(made)))


@pytest.mark.parametrize("field", FIELDS)
def test_fields_made_to_be_slow_are_read_at_once(tmp_path: Path, field: str) -> None:
    long = FIELDS[field] * (1_000_000 // len(FIELDS[field]))
    others = "".join(f"{name}: a@b.cn\r\n" for name in ("From", "Message-ID") if name != field)
    raw = f"{others}{field}: {long}\r\n\r\n{WROTE}"
    assert WROTE in str(cells(tmp_path, raw.encode())["text"])


@pytest.mark.parametrize("filler", [" " * 15_000, "    \n" * 3_000, "-" * 15_000, "\t" * 15_000])
def test_blanks_are_read_at_once(tmp_path: Path, filler: str) -> None:
    assert "x" in str(cells(tmp_path, message(f"hello\n{filler}x"))["text"])


@pytest.mark.parametrize("kind", ["mixed", "nested", "attached"])
def test_a_message_of_very_many_parts_is_refused(tmp_path: Path, kind: str) -> None:
    head = b"From: a@b.cn\nMessage-ID: <1>\nContent-Type: multipart/mixed; boundary=x\n\n"
    part = {
        "mixed": b"--x\n\nhi\n",
        "nested": b"--x\nContent-Type: multipart/mixed; boundary=x\n\n",
        "attached": b"--x\nContent-Disposition: attachment; filename=a\n\nhi\n",
    }[kind]
    with pytest.raises(Invalid, match=r"mail\.parts"):
        read(tmp_path, head + part * 10_000 + b"--x--\n")


def test_parts_beyond_the_most_are_not_even_read(tmp_path: Path) -> None:
    head = b"From: a@b.cn\nMessage-ID: <1>\nContent-Type: multipart/mixed; boundary=x\n\n"
    assert WROTE in str(cells(tmp_path, head + f"--x\n\n{WROTE}\n".encode() * (MOST_PARTS - 1))["text"])
    path = tmp_path / "a.eml"
    path.write_bytes(head + b"--x\n\na\n" * 200_000)
    begun = time.process_time()
    with pytest.raises(Invalid, match=r"mail\.parts"):
        list(read_rows(path))
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(("depth", "lines"), [(DEEPEST + 1, 0), (0, 2 * MOST_LINES)])
def test_lines_that_many_parts_could_end_are_not_looked_at_for_each(
    tmp_path: Path, depth: int, lines: int
) -> None:
    def made(depth: int) -> bytes:
        nested = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth))
        return f"From: a@b.cn\nMessage-ID: <1>\n{nested}\n{WROTE}\n".encode()

    assert WROTE in str(cells(tmp_path, made(DEEPEST))["text"])
    with pytest.raises(Invalid, match=r"mail\.parts"):
        read(tmp_path, made(depth) + b"\n" * lines)


@pytest.mark.parametrize(
    "html",
    [
        "<html><head><meta charset=utf-8><body><p>退款太慢了</p>",
        "<template>退款太慢了",
        "<script>退款太慢了",
        "<p>退款太慢了<!-- never closed",
    ],
)
def test_no_word_is_lost_behind_what_is_never_closed(html: str) -> None:
    assert "退款太慢了" in plain_text(html)


def test_a_blank_plain_text_gives_way_to_the_html(tmp_path: Path) -> None:
    mail = message(" ")
    mail.add_alternative("<p>退款太慢了</p>", subtype="html")
    assert cells(tmp_path, mail)["text"] == "安装没人来\n退款太慢了"


@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined", "a\x00b", "utf-7"])
def test_charsets_that_are_none_are_guessed(tmp_path: Path, charset: str) -> None:
    raw = f'From: a@b.cn\nMessage-ID: <1>\nContent-Type: text/plain; charset="{charset}"\n\n{WROTE}'
    assert "接水管" in str(cells(tmp_path, raw.encode())["text"])


@pytest.mark.parametrize("charset", ["punycode", "rot13", "raw_unicode_escape", "uu", "palmos"])
def test_codecs_that_no_text_is_sent_in_are_not_used(tmp_path: Path, charset: str) -> None:
    raw = f"From: a@b.cn\nMessage-ID: <1>\nContent-Type: text/plain; charset={charset}\n\n"
    words = r"Nobody came - \u0041 nobody called–b"
    assert cells(tmp_path, (raw + words).encode())["text"] == words


def test_plain_english_is_not_taken_for_a_domain_name(tmp_path: Path) -> None:
    raw = b"From: a@b.cn\nMessage-ID: <1>\nContent-Type: text/plain; charset=punycode\n\nMnchen-3ya"
    assert cells(tmp_path, raw)["text"] == "Mnchen-3ya"


@pytest.mark.parametrize(
    ("charset", "written"),
    [
        ("windows-1251", "не работает"),
        ("ks_c_5601-1987", "고장"),
        ("cp932", "故障です"),
        ("iso-2022-jp", "故障です"),
        ("hz", "电话"),
        ("utf-16", "电话"),
        ("latin1", "défaut"),
        ("koi8-r", "не работает"),
        ("utf8", "电话"),
    ],
)
def test_charsets_people_write_in_are_known_by_their_other_names(
    tmp_path: Path, charset: str, written: str
) -> None:
    body = base64.b64encode(written.encode(charset)).decode()
    head = f"From: a@b.cn\nMessage-ID: <1>\nContent-Type: text/plain; charset={charset}\n"
    raw = f"{head}Content-Transfer-Encoding: base64\n\n{body}\n"
    assert cells(tmp_path, raw.encode())["text"] == written


@pytest.mark.parametrize("charset", ["big5", "utf-8"])
def test_what_lies_behind_the_longest_text_is_not_decoded(tmp_path: Path, charset: str) -> None:
    head = f"From: a@b.cn\nMessage-ID: <1>\nContent-Type: text/plain; charset={charset}\n\n".encode()
    row = cells(tmp_path, head + b"a" + "電".encode(charset) * (MOST_BYTES // 2) + b"\xff\xff")
    assert str(row["text"]).startswith("a電")


@pytest.mark.parametrize("name", ["a%0Ab.pdf", "a%00b.pdf", "(" * 3_000])
def test_names_of_attachments_are_made_harmless(tmp_path: Path, name: str) -> None:
    raw = (
        "From: a@b.cn\nMessage-ID: <1>\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n"
        + WROTE
        + f"\n--x\nContent-Disposition: attachment; filename*=utf-8''{name}\n\nhi\n--x--\n"
    )
    assert WROTE in str(cells(tmp_path, raw.encode())["text"])


@pytest.mark.parametrize("line", [">\n", "> ", "- ", "发件人:\n", "On 2026 ", "1234", "From: a\n"])
def test_a_message_made_to_be_slow_is_read_at_once(tmp_path: Path, line: str) -> None:
    assert len(str(cells(tmp_path, message(line * (SLOW // len(line))))["text"])) <= LONGEST_TEXT


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_bytes_are_more_than_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, body: bytes
) -> None:
    raw = b"From: a@b.cn\nMessage-ID: <1>\n" + head + b"\n\n" + body
    assert is_mail(raw)
    read(tmp_path_factory.mktemp("mail"), raw)


def test_it_is_counted_once_however_often_it_comes(tmp_path: Path, loop: Loop) -> None:
    path = tmp_path / "来信.eml"
    path.write_bytes(message().as_bytes())
    reports = [load(loop, SYSTEM, Request(path)) for _ in range(2)]
    assert [(r.taken, r.known, r.refused) for r in reports] == [(1, 0, 0), (0, 1, 0)]
    (contact,) = loop.store.scan(Contact)
    assert (contact.channel, f"{contact.time:%H:%M}") == ("email", "01:30")


@pytest.mark.parametrize(
    "html", ["<p", "<![CDATA[", "a<b>c", "</div></div>x", "<script>never closed", "&#xD800;"]
)
def test_broken_html_is_read_as_far_as_it_goes(html: str) -> None:
    plain_text(html).encode()
