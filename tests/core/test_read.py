"""One letter to its Reading: what is in it, whose it is, and what folding will compare."""

import time
from email.message import EmailMessage

import pytest

from listfold.core.read import MAX_DEPTH, MAX_MEMBERS, read
from listfold.model import Letter, Message, Reading, Rules

ARTICLE = """The municipal garden will close its gates for the whole of next winter, the town hall said on Monday.
Pipes under the glass houses have to be replaced before the first frost arrives, and the boilers with them.
Members who keep tender plants there are asked to collect them within the next four weeks."""
HEAD = """From: Ann Gardener <ann@example.org>
To: garden@example.org
Subject: Winter
Date: Mon, 07 Dec 2015 13:22:00 +0000
Message-ID: <winter@example.org>
List-Id: Garden <garden.example.org>
"""


def reading(raw: str | bytes, **envelope: str) -> Reading:
    data = raw.encode() if isinstance(raw, str) else raw
    return read(Letter(raw=data, source="eml", received=1_449_500_000, **envelope), Rules())  # type: ignore[arg-type]


def outer(raw: str | bytes) -> Message:
    return reading(raw).messages[0]


def forward(comment: str, subject: str = "Fwd: Winter", text: str = ARTICLE) -> str:
    return f"""From: Bob Digger <bob@example.net>
To: herbs@example.com
Subject: {subject}
Date: Tue, 08 Dec 2015 09:00:00 +0000
Message-ID: <fwd@example.net>
List-Id: <herbs.example.com>

{comment}

---------- Forwarded message ---------
From: Ann Gardener <ann@example.org>
Date: Mon, Dec 7, 2015 at 1:22 PM
Subject: Winter
To: <garden@example.org>

{text}
"""


def enclosing(*inner: str, comment: str = "", subtype: str = "mixed", **fields: str) -> bytes:
    message = EmailMessage()
    message["From"] = "Bob Digger <bob@example.net>"
    message["To"] = "herbs@example.com"
    message["Subject"] = "Fwd: Winter"
    message["Date"] = "Tue, 08 Dec 2015 09:00:00 +0000"
    message["Message-ID"] = "<fwd@example.net>"
    message["List-Id"] = "<herbs.example.com>"
    for name, value in fields.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    border = f"outer{len(inner[0])}"
    text = f'--{border}\nContent-Type: text/plain; charset="utf-8"\n\n{comment}\n'
    parts = "".join(f"--{border}\nContent-Type: message/rfc822\n\n{one}\n" for one in inner)
    head = bytes(message).rstrip(b"\n").decode()
    mime = f'MIME-Version: 1.0\nContent-Type: multipart/{subtype}; boundary="{border}"'
    return f"{head}\n{mime}\n\n{text}{parts}--{border}--\n".encode()


def test_plain_letter_is_one_message() -> None:
    """Author, date, list, text and identity of a letter that encloses nothing."""
    (message,) = reading(f"{HEAD}\n{ARTICLE}\n").messages
    assert (message.path, message.relation, message.claimed) == ("", "original", False)
    assert (message.message_id, message.list.id, message.author.address) == (
        "<winter@example.org>",
        "garden.example.org",
        "ann@example.org",
    )
    assert (message.date, message.date_source, message.offset) == (1449494520, "header", "+0000")
    assert message.identity.role == "text"


def test_thin_forward_is_its_inner_message() -> None:
    """With fewer than twelve own words the outer message has the identity of what it forwards, and its comment."""
    first, inner = reading(forward("Have you seen this?")).messages
    assert (first.path, first.relation, first.identity.role) == ("", "forward", "forward")
    assert (first.comment, first.forwards) == ("Have you seen this?", (inner.id,))
    assert first.identity.hashes == inner.identity.hashes == outer(f"{HEAD}\n{ARTICLE}\n").identity.hashes
    assert (inner.path, inner.relation, inner.claimed) == ("1", "forward", True)
    assert (inner.author.address, inner.date, inner.subject) == ("ann@example.org", 1449494520, "Winter")


def test_long_comment_is_a_text_of_its_own() -> None:
    """From twelve own words on, the outer message is a record that names what it forwards."""
    comment = "I think that we should all go there on Saturday and help to carry the lemon trees."
    first, inner = reading(forward(comment)).messages
    assert (first.relation, first.identity.role, first.forwards) == ("original", "text", (inner.id,))
    assert first.identity.words == len(comment.split())
    assert inner.comment == comment


def test_forward_without_a_word_has_no_comment() -> None:
    """None, and not an empty text."""
    assert outer(forward("")).comment is None


def test_enclosed_message_keeps_its_own_header() -> None:
    """message/rfc822: the inner Message-ID, list and author are those of its own header, claimed."""
    first, inner = reading(enclosing(f"{HEAD}\n{ARTICLE}\n", comment="fyi")).messages
    original = outer(f"{HEAD}\n{ARTICLE}\n")
    assert (inner.message_id, inner.list.id, inner.claimed) == ("<winter@example.org>", "garden.example.org", True)
    assert inner.id == original.id
    assert (first.comment, first.identity.exact) == ("fyi", original.identity.exact)


def test_inner_message_without_a_list_is_on_the_outer_one() -> None:
    """A forwarded private mail came over the list that shows it."""
    inner = reading(enclosing(f"{HEAD}\n{ARTICLE}\n".replace("List-Id: Garden <garden.example.org>\n", ""))).messages[1]
    assert inner.list.id == "herbs.example.com"


def test_forward_of_a_forward_is_three_messages() -> None:
    """Paths tell the nesting, and a thin chain has one identity."""
    messages = reading(enclosing(forward("look"), comment="fyi")).messages
    assert [m.path for m in messages] == ["", "1", "1.1"]
    assert len({m.identity.exact for m in messages}) == 1


def test_wrapped_by_the_list_is_the_original() -> None:
    """A list that wraps a message because of DMARC forwards nothing: author and text are the inner message's."""
    raw = enclosing(
        f"{HEAD}\n{ARTICLE}\n",
        Subject="[garden] Winter",
        From="Ann Gardener via Garden <garden@example.org>",
        Date="Mon, 07 Dec 2015 13:22:00 +0000",
        Message_ID="<winter@example.org>",
        List_Id="Garden <garden.example.org>",
    )
    (message,) = reading(raw).messages
    assert (message.path, message.relation, message.claimed) == ("", "original", False)
    assert (message.author.address, message.list.id) == ("ann@example.org", "garden.example.org")
    assert "wrapped_by_list" in message.notes


def test_a_forward_of_the_same_second_keeps_the_forwarder_s_words() -> None:
    """What has words of its own is no wrapper, though subject and Date are those of what it encloses."""
    raw = enclosing(
        f"{HEAD}\n{ARTICLE}\n",
        comment="The town hall sent this round; please read it before Saturday.",
        Subject="Winter",
        From="Bob Digger <bob@example.net>",
        Date="Mon, 07 Dec 2015 13:22:00 +0000",
    )
    outer, inner = reading(raw).messages
    assert (outer.author.address, inner.author.address) == ("bob@example.net", "ann@example.org")
    assert "please read it" in outer.text


def test_mime_digest_becomes_its_letters() -> None:
    """multipart/digest: the wrapper is a digest, its members are enclosed, not forwarded."""
    inner = [f"{HEAD}\n{ARTICLE}\n", f"{HEAD}\nYes.\n".replace("winter@", "yes@")]
    parts = "".join(f"--d\n\n{one}\n" for one in inner)
    raw = (
        "From: garden-request@example.org\nTo: garden@example.org\nSubject: Garden Digest, Vol 1, Issue 2\n"
        "Date: Tue, 08 Dec 2015 09:00:00 +0000\nMessage-ID: <d@example.org>\nList-Id: <garden.example.org>\n"
        'MIME-Version: 1.0\nContent-Type: multipart/digest; boundary="d"\n\n' + parts + "--d--\n"
    )
    messages = reading(raw).messages
    assert [(m.path, m.relation, m.message_id) for m in messages] == [
        ("", "original", "<d@example.org>"),
        ("1", "enclosed", "<winter@example.org>"),
        ("2", "enclosed", "<yes@example.org>"),
    ]
    assert messages[0].identity.role == "digest"


def test_full_quote_reply_is_only_its_own_words() -> None:
    """Outlook's unmarked quote is not the reply's."""
    text = f"{HEAD}\nI can take two pots.\n\n-----Original Message-----\n".replace("Winter", "RE: Winter")
    quote = (
        "From: Bob <bob@example.net>\nSent: Monday, December 07, 2015 1:22 PM\nTo: a@example.org\nSubject: Winter\n\n"
    )
    (message,) = reading(text + quote + ARTICLE).messages
    assert (message.identity.role, message.identity.words) == ("reply", 5)


def test_two_enclosed_messages_are_not_one_text() -> None:
    """A bundle has an identity of its own, and names both."""
    first, one, two = reading(enclosing(f"{HEAD}\n{ARTICLE}\n", f"{HEAD}\nYes.\n", comment="both")).messages
    assert (first.identity.role, first.forwards) == ("text", (one.id, two.id))


def test_held_letter_has_no_messages() -> None:
    """A confirmation request waits for a person and is never unwrapped."""
    raw = (
        "From: garden-request@example.org\nTo: archive@example.org\n"
        "Subject: confirm 0123456789abcdef0123456789abcdef01234567\nReply-To: garden-request@example.org\n"
        "Date: Tue, 08 Dec 2015 09:00:00 +0000\nMessage-ID: <c@example.org>\nPrecedence: bulk\n"
        "\nMailing list subscription confirmation notice for mailing list garden\n"
    )
    found = reading(raw)
    assert found.held
    assert found.messages == ()


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ("Subject: Winter", "Subject: [herbs] Winter"),
        ("Ann Gardener <ann@example.org>", "Ann Gardener via Herbs <herbs@example.com>"),
        ("13:22:00 +0000", "14:22:00 +0100"),
        ("glass houses", "glass=20houses"),
        ("four weeks.", "four weeks.\n____\nHerbs list: https://example.com/leave?token=77"),
        ("garden.example.org", "herbs.example.com"),
    ],
)
def test_id_is_the_same_for_every_crosspost(change: str, to: str) -> None:
    """Tag, From munging, a Date written anew, transfer encoding, footer and list change no id."""
    raw = f"{HEAD}Content-Type: text/plain; charset=utf-8\n\n{ARTICLE}\n"
    other = raw.replace(change, to)
    if "=20" in to:
        other = other.replace("Content-Type", "Content-Transfer-Encoding: quoted-printable\nContent-Type")
    assert outer(raw).id == outer(other).id


def test_id_of_a_short_letter_does_not_see_its_footer() -> None:
    """One line of two words, with and without a footer below."""
    assert outer(f"{HEAD}\nThank you!\n").id == outer(f"{HEAD}\nThank you!\n\n____\nHerbs mailing list\n").id


def test_reused_message_id_gives_another_id() -> None:
    """Other opening words under the same Message-ID and Date are another message."""
    assert outer(f"{HEAD}\nYes, please.\n").id != outer(f"{HEAD}\nNo, thanks.\n").id


def test_nesting_ends() -> None:
    """Messages in messages are opened from a list, to a depth that no real mail has."""
    raw = f"{HEAD}\n{ARTICLE}\n".encode()
    for n in range(MAX_DEPTH * 3):
        raw = enclosing(raw.decode(), comment=f"level {n}", Message_ID=f"<{n}@example.net>", Subject=f"Fwd: {n}")
    assert len(reading(raw).messages) <= MAX_DEPTH + 1


def test_huge_digest_is_read_in_linear_time() -> None:
    """A thousand members, rules without end and quotes between them."""
    member = f"From: ann@example.org\nSubject: x\n\n> a\nb\n> c\n{'-' * 30}\n\n"
    text = f"Subject: Garden Digest\n\n{'-' * 70}\n\n" + member * 3000 + f"{'-' * 30}\n" * 20_000
    start = time.perf_counter()
    assert len(reading(text).messages) <= MAX_MEMBERS
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("raw", [b"", b"\n", b"\x00\xff" * 40, b"Subject: x", b"From: \n\n" + b"> " * 20_000])
def test_bad_mail_is_data(raw: bytes) -> None:
    """Whatever comes in, something comes out."""
    assert reading(raw) is not None
