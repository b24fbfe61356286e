"""core.read: any bytes give a Reading."""

from hypothesis import given, settings
from hypothesis import strategies as st

from listfold.core.read import read
from listfold.model import Letter, Rules

FIELDS = st.sampled_from(
    [
        *(
            b"From: a@b",
            b"From: =?utf-8?q?a=0D=0ABcc:_x=40y?= <a@[b>",
            b"Subject: Fwd: =?x?b?!?=",
            b"Date: Mon, 99 Foo",
        ),
        *(b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: message/rfc822", b"Content-Type: text/html"),
        *(b"Content-Type: text/plain; charset=utf-7", b"Content-Transfer-Encoding: base64", b"Message-ID: <a@[b>"),
        *(
            b"Content-Type: text/plain; format=flowed; charset=punycode",
            b"List-Id: <<>",
            b"To: " + b"(" * 50,
            b"\xff: \x00",
        ),
    ]
)
PIECES = st.sampled_from([b"--b\n", b"--b--\n", b"\n\n", b"-- \n", b"> ", b"On x, y wrote:\n", b"____\n", b"<p>" * 9])
BODY = st.lists(st.one_of(PIECES, st.binary(max_size=30), FIELDS.map(lambda f: f + b"\n")), max_size=30).map(b"".join)
MAILS = st.tuples(st.lists(FIELDS, max_size=6).map(b"\n".join), BODY).map(lambda p: p[0] + b"\n\n" + p[1])


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=400), MAILS), st.sampled_from(["smtp", "eml", "pipermail"]))
def test_any_bytes_give_a_reading(raw: bytes, source: str) -> None:
    """It never raises, texts are clean of NUL and surrogates, and spans lie within their text, in order."""
    reading = read(Letter(raw, source, 1_449_000_000, recipients=("g@example.org",)), Rules())  # type: ignore[arg-type]
    assert bool(reading.held) != bool(reading.messages)
    for message in reading.messages:
        assert "\0" not in message.text
        message.text.encode()
        lines = message.text.count("\n") + 1
        last = 0
        for span in message.spans:
            assert last <= span.start < span.end <= lines
            last = span.end
