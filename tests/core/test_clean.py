"""The loop: spans are in order and do not overlap, hold for any text, and cost what the text's length costs."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.growth import is_linear
from listfold.core.clean import Context, clean
from listfold.core.rule import Rule, failing, found, plain
from listfold.model import ListName, Person, Span, body_of

CONTEXT = Context(
    ListName("gardeners.example.org", "Gardeners", "gardeners@example.org"),
    Person("Anna Lind", "anna@example.net"),
    urls=("https://example.org/x/gardeners", "mailto:gardeners-leave@example.org"),
    learned=(("<rule _>", "zubni gril", "<url zubni.example.org>"),),
    reply=True,
)

# Pieces that every finder looks for: what stands in hostile mail stands many times.
PIECES = (
    "-- \n",
    "--\n",
    "---\n",
    "____\n",
    "_" * 60 + "\n",
    "=" * 60 + "\n",
    "-=-=-=-\n",
    "> ",
    ">",
    ">" * 60 + "\n",
    "| a\n",
    "\n",
    "\n\n",
    " \n",
    "\t\n",
    "On ",
    "On Mon, 2 Jan 2012, Bo <bo@example.com> wrote:\n",
    "wrote:\n",
    "From: a@example.org\n",
    "Sent: Monday\n",
    "To: a\n",
    "Subject: x\n",
    ",\n",
    " a@example.org;\n",
    "-----Original Message-----\n",
    "---------- Forwarded message ---------\n",
    "----- End forwarded message -----\n",
    "-----BEGIN PGP SIGNED MESSAGE-----\n",
    "-----END PGP SIGNATURE-----\n",
    "@@ -1,9 +1,9 @@\n",
    "@@ -1,99999999 +1,99999999 @@\n",
    "diff --git a/x b/x\n",
    "+a\n",
    "-a\n",
    " a\n",
    "To unsubscribe, send a mail to a-request@example.org\n",
    "x mailing list\n",
    "https://example.org/mailman/listinfo/x\n",
    "https://example.org/x/gardeners\n",
    "gardeners-leave@example.org\n",
    "You received this message because you are subscribed to x\n",
    "Sent from my phone\n",
    "This e-mail is confidential, delete it.\n",
    "Do You Yahoo!?\n",
    "Tel: +46 8 123 45 67\n",
    "Anna Lind\n",
    "+46 8 123 ",
    "1 2 3 4 5 6 7 8 9 0 ",
    "a.b.c.d.e.f.",
    "a@",
    "http://",
    "www.",
    "-unsubscribe-",
    "0x12345678 ",
    "AAAA AAAA AAAA ",
    "[1] ",
    "word ",
    "é",
    "発",
    "\u200e",
    "-------------- next part --------------\n",
    "A non-text attachment was scrubbed...\n",
    " a | 2 ++\n",
    "Signed-off-by: a\n",
    "zubni gril\n",
    "mimba " * 20 + "\n",
    "AB> x\n",
    "a: ",
    ": ",
)

texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=40).map("".join)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_spans_are_in_order_and_inside_the_text(text: str) -> None:
    """Half-open, not empty, not overlapping, whatever the text is; the same text gives the same spans."""
    spans = clean(text, CONTEXT)
    size = len(text.split("\n"))
    assert all(0 <= s.start < s.end <= size for s in spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert clean(text, CONTEXT) == spans


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_time_is_linear_in_a_piece_repeated(piece: str) -> None:
    """100 kB of anything that a finder looks for, as lines and as one line."""
    assert is_linear(lambda text: clean(text, CONTEXT), lambda size: piece * (size // len(piece)), 25_000)
    flat = piece.replace("\n", " ")
    assert is_linear(lambda text: clean(text, CONTEXT), lambda size: flat * (size // len(flat)), 25_000)


def test_time_is_linear_in_a_tail_of_many_blocks() -> None:
    """Blocks are peeled PEELS at most; what is above is not looked at again."""
    block = (
        "text\n\n-- \nAnna Lind\nTel: +46 8 123 45 67\n\n_____________\nx mailing list\n"
        "https://example.org/mailman/listinfo/x\n\n"
    )
    assert is_linear(lambda text: clean(text, CONTEXT), lambda size: block * (size // len(block)), 25_000)


def test_time_is_linear_in_separators_inside_a_hunk() -> None:
    """A hunk that is as long as it says, of lines that each could end it."""
    assert is_linear(lambda text: clean(text, CONTEXT), lambda size: f"@@ -1,{size} +1,1 @@\n" + "--\n" * size, 8_000)


def test_blocks_of_every_kind_stack() -> None:
    """Signature, phone, notice, advertisement, footer: each goes, the last on the wire first."""
    text = (
        "The beans are up.\n\nAnna\n\n-- \nAnna Lind\nUpper Garden 3\n\nSent from my phone\n\n"
        "This e-mail is confidential. If you are not the intended recipient, notify the sender and delete it.\n\n"
        "_________________________________\nDo You Yahoo!?\nhttp://mail.example.com\n\n"
        "_______________________________________________\nGardeners mailing list\n"
        "https://example.org/mailman/listinfo/gardeners\n"
    )
    spans = clean(text, CONTEXT)
    assert [s.kind for s in spans] == ["signature", "disclaimer", "disclaimer", "disclaimer", "footer"]
    assert body_of(text, spans) == "The beans are up.\n\nAnna"


def test_what_a_finder_is_not_sure_of_stays() -> None:
    """A span below CUT_CONFIDENCE is marked and stays in the body."""
    text = "The beans are up.\nTo unsubscribe from this list, ask Bo."
    spans = clean(text, CONTEXT)
    assert [(s.kind, s.cut) for s in spans] == [("footer", False)]
    assert body_of(text, spans) == text


def test_an_operators_rule_works_as_the_tables_do() -> None:
    """Rules of config/lists.d come with the context."""
    rule = Rule("ours", "footer", "^grown with care by", "Grown with care by the Gardeners")
    text = "The beans are up.\n\nGrown with care by the Gardeners"
    context = Context(ListName("gardeners.example.org"), Person("Anna Lind", "anna@example.net"), rules=(rule,))
    assert body_of(text, clean(text, context)) == "The beans are up."
    assert failing((rule, Rule("wrong", "footer", "beans", "peas"))) == ("wrong",)


def test_a_phrase_is_found_by_its_parts() -> None:
    """`*` is anything, `^` and `$` the ends; case, quotes and white space do not matter."""
    assert found("^sent * phone$", plain("  *Sent\u00a0from my   PHONE*"))
    assert not found("^sent * phone$", plain("It was sent from my phone"))
    assert not found("a*b", plain("b a"))


def test_spans_that_structure_has_told_are_kept() -> None:
    """A footer part that MIME has told ends the text; peeling goes on above it."""
    given_span = Span("footer", 4, 5, "mime-part")
    text = "The beans are up.\n\n-- \nAnna Lind\nZubni."
    context = Context(CONTEXT.list, CONTEXT.author, spans=(given_span,))
    assert [s.kind for s in clean(text, context)] == ["signature", "footer"]
