"""Which messages show one text, and which only look like it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from listfold.core.fingerprint import identity
from listfold.core.fold import VERSION, carried, decide, match, standing
from listfold.core.overlap import added_lines
from listfold.model import Folded, Known, New, Person, Span

ANN = Person("Ann Gardener", "ann@example.org")
BOB = Person("Bob Digger", "bob@example.net")
DAY = 86_400

ARTICLE = """The municipal garden will close its gates for the whole of next winter, the town hall said on Monday.
Pipes under the glass houses have to be replaced before the first frost arrives, and the boilers with them.
Members who keep tender plants there are asked to collect them within the next four weeks from the east door.
Anybody without a warm place at home may leave pots with the school, where a corridor has been cleared for them.
The garden opens again in spring with a market, a concert, and guided walks through the new palm house."""
OTHER = """Last night somebody left the valve of the big tank open and the lower beds have been under water since.
We lost most of the onions but the leeks on the ridge look fine, and the frogs seem to enjoy themselves.
Please check the valve twice when you are the last one to go, and write your name in the book by the shed."""


def known(
    text: str = ARTICLE,
    *,
    row: int = 1,
    message_id: str = "",
    author: Person = ANN,
    subject: str = "Winter",
    date: int | None = 0,
    role: str = "text",
    parent: str = "",
    list_id: str = "garden.example.org",
    claimed: bool = False,
    relation: str = "original",
    comment: str | None = None,
    spans: tuple[Span, ...] = (),
    canonical: bool = True,
    forwards: tuple[str, ...] = (),
) -> Known:
    return Known(
        row=row,
        letter=row,
        path="",
        order=(standing(role, claimed), row, str(row), ""),
        canonical=canonical,
        message_id=message_id or f"<{row}@example.org>",
        list=list_id,
        author=author,
        date=date if date is None else date + row * DAY,
        in_reply_to=parent,
        relation=relation,  # type: ignore[arg-type]
        claimed=claimed,
        comment=comment,
        identity=identity(text, spans, role, subject),  # type: ignore[arg-type]
        written=lambda: (text, spans),
        forwards=forwards,
    )


def method(a: Known, b: Known) -> str | None:
    """The tier that matches, the same both ways."""
    one, two = match(a, b), match(b, a)
    assert one == two
    return one.method if one else None


def test_same_message_over_another_list_is_a_crosspost() -> None:
    """One Message-ID, one text, another list."""
    first = known(row=1, message_id="<a@example.org>")
    second = known(row=2, message_id="<a@example.org>", list_id="herbs.example.org")
    assert decide(second, [first]) == Folded(1, "crosspost", f"message-id/{VERSION}", 1.0)


def test_same_message_over_the_same_list_is_a_redelivery() -> None:
    """One Message-ID, one text, one list."""
    first, second = known(row=1, message_id="<a@example.org>"), known(row=2, message_id="<a@example.org>")
    assert decide(second, [first]) == Folded(1, "redelivery", f"message-id/{VERSION}", 1.0)


def test_reused_message_id_with_another_text_is_kept_apart() -> None:
    """A Message-ID is a claim: words that contradict it are a message of their own."""
    first, second = known(row=1, message_id="<a@example.org>"), known(OTHER, row=2, message_id="<a@example.org>")
    assert decide(second, [first]) == New()


def test_reused_message_id_keeps_short_texts_apart_too() -> None:
    """Twelve words are not needed to contradict."""
    first = known("Yes, I can come.", row=1, message_id="<a@example.org>")
    second = known("The meeting is off", row=2, message_id="<a@example.org>")
    assert decide(second, [first]) == New()


def test_same_author_second_and_subject_is_one_sending() -> None:
    """A list that gives out Message-IDs of its own does not hide that it is one message, however short."""
    first = known("Thanks, all.", row=1, role="reply", date=100)
    second = replace(known("Thanks, all.", row=2, role="reply"), date=first.date, list="herbs.example.org")
    assert decide(second, [first]) == Folded(1, "crosspost", f"headers/{VERSION}", 1.0)


def test_same_answer_to_the_same_message_within_minutes_is_one() -> None:
    """A relay that writes its own Date does not hide that; an hour later it is said again."""
    first = known("Thanks, all.", row=1, role="reply", parent="<p@example.org>", date=100)
    second = replace(known("Thanks, all.", row=2, role="reply", parent="<p@example.org>"), date=(first.date or 0) + 70)
    assert decide(second, [first]) == Folded(1, "redelivery", f"headers/{VERSION}", 1.0)
    assert decide(replace(second, date=(first.date or 0) + 3600), [first]) == New()
    assert decide(replace(second, in_reply_to="<q@example.org>"), [first]) == New()
    assert decide(replace(second, author=BOB), [first]) == New()


def test_short_text_folds_by_headers_only() -> None:
    """The same few words of the same author under the same subject on another day are another message."""
    first, second = known("The list is attached.", row=1), known("The list is attached.", row=2)
    assert decide(second, [first]) == New()


def test_same_words_of_another_author_are_a_repost() -> None:
    """The same article, pasted by somebody else under another subject."""
    first, second = known(row=1), known(row=2, author=BOB, subject="seen today")
    assert decide(second, [first]) == Folded(1, "repost", f"exact/{VERSION}", 1.0)


def test_paste_with_introduction_and_missing_paragraphs_is_a_repost() -> None:
    """Whole runs may come and go; what the copy adds is kept as its comment."""
    lines = ARTICLE.split("\n")
    pasted = "\n".join(["From today's paper, worth a look for all of us:", "", *lines[:3], lines[4]])
    first, second = known(row=1), known(pasted, row=2, author=BOB, subject="news")
    fold = decide(second, [first])
    assert isinstance(fold, Folded)
    assert (fold.relation, fold.method) == ("repost", f"containment/{VERSION}")
    assert fold.comment == "From today's paper, worth a look for all of us:"


def test_partial_copy_that_came_first_takes_the_full_text_in() -> None:
    """Containment is told both ways."""
    partial = known("\n".join(ARTICLE.split("\n")[:3]), row=1, author=BOB, subject="fyi")
    assert isinstance(decide(known(row=2), [partial]), Folded)


def test_new_version_is_not_its_old_one() -> None:
    """Words replaced inside are a new text, not a copy, whoever sends it."""
    changed = ARTICLE.replace("winter", "summer").replace("Monday", "Friday").replace("east", "west")
    assert method(known(row=1), known(changed, row=2, author=BOB)) is None


def test_a_number_replaced_is_a_new_edition() -> None:
    """This year's figure in last year's sentences."""
    one = ARTICLE + "\nThe fund holds 4500 crowns and all members paid in time."
    assert method(known(one, row=1), known(one.replace("4500", "6200"), row=2, author=BOB)) is None


@pytest.mark.parametrize(
    "form",
    [
        "The pump on bed {} did not answer within one minute. The valve was closed and the gardener was called.",
        "{} beds are weeded, and the paths between them are swept as far as the old pear tree by the gate.",
        "The paths are swept as far as the old pear tree by the gate. Beds that were weeded since Monday: {}",
        "Bed {}, row 5:" + " leaf" * 20,
    ],
)
def test_short_reports_of_two_hosts_are_two(form: str) -> None:
    """One word tells them apart, and the whole text is about that word: a number, or any word that is not at an end."""
    pairs = [("7", "9")] if form.startswith("{") or form.endswith("{}") else [("7", "9"), ("boskoop", "pippin")]
    for word, other in pairs:
        one, two = known(form.format(word), row=1), known(form.format(other), row=2, author=BOB)
        assert method(one, two) is None


def test_introductions_that_share_a_word_are_no_edition() -> None:
    """What two members wrote above one article."""
    short = ARTICLE[:400].rsplit(" ", 1)[0]
    one = known("By the Valley Almanac\n\n" + short, row=1)
    two = known("My neighbour at the mill sent me this, and I thought of our beans:\n\n" + short, row=2, author=BOB)
    assert method(one, two) == "containment"


def test_a_word_that_was_damaged_on_the_way_makes_no_new_text() -> None:
    """One in a long text, whoever pastes it; one in a short text when author, second and subject are the same."""
    long, short = f"{ARTICLE}\n{OTHER}", OTHER.replace("\n", " ")[:160]
    assert method(known(long, row=1), known(long.replace("frogs", "fr?gs"), row=2, author=BOB)) == "containment"
    one, two = known(short, row=1), known(short.replace("valve", "v?lve"), row=2)
    assert method(one, replace(two, date=one.date)) == "headers"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.encode("ascii", "replace").decode(),
        lambda text: text.encode().decode("latin-1"),
        lambda text: text.encode("ascii", "ignore").decode(),
    ],
)
def test_a_charset_that_got_lost_makes_no_new_text(damage: Callable[[str], str]) -> None:
    """Headers that are the same tie a text to what is left of it; other words are still other words."""
    text = "Die Bäume müssen bis März zurückgeschnitten werden, bevor die Vögel brüten.\nBitte Äste nicht verbrennen."
    first = known(text, row=1, date=100)
    second = replace(known(damage(text), row=2), date=first.date)
    assert method(first, second) == "headers"
    other = text.replace("März", "Mai").replace("Bitte", "Dann")
    assert method(first, replace(known(damage(other), row=2), date=first.date)) is None
    assert method(first, known(damage(text), row=2, author=BOB)) is None


def test_a_list_may_put_its_name_before_a_subject_without_brackets() -> None:
    """The same author and second, and the rest of the subject."""
    first = known(row=1, date=100, subject="Winter")
    second = replace(known(ARTICLE + "\n-- the herbs list", row=2, subject="(herbs 12) Winter"), date=first.date)
    assert method(first, second) == "headers"


def test_same_sender_and_subject_but_for_digits_is_a_new_edition() -> None:
    """This week's report is not last week's, even word for word."""
    first, second = known(row=1, subject="Report for 2015-11-23"), known(row=2, subject="Report for 2015-11-30")
    assert decide(second, [first]) == New()


def test_same_second_does_not_make_two_reports_one() -> None:
    """A machine sends many reports of one form in a second."""
    one = known(ARTICLE + "\nThe fund holds 4500 crowns and 38 members paid in time.", row=1)
    two = known(one.text.replace("4500", "6200").replace("38", "41"), row=2)
    assert method(one, replace(two, date=one.date)) is None


def test_months_in_a_subject_count_as_digits() -> None:
    """The May issue and the June issue."""
    first, second = known(row=1, subject="May issue"), known(row=2, subject="June issue")
    assert decide(second, [first]) == New()


@pytest.mark.parametrize("tag", ["[PATCH v2 1/3]", "[PATCH 2/3]", "[PATCH v3]"])
def test_patch_folds_only_into_the_same_version_and_number(tag: str) -> None:
    """The tuple of version and number must match, whatever the words say."""
    assert method(known(row=1, subject="[PATCH 1/3] Winter"), known(row=2, subject=f"{tag} Winter")) is None


def test_patch_sent_again_is_the_same_patch() -> None:
    """RESEND does not change version and number."""
    one, two = known(row=1, subject="[PATCH v2 1/3] Winter"), known(row=2, subject="[RESEND PATCH v2 1/3] Winter")
    assert method(one, two) == "exact"


def test_full_quote_reply_is_not_its_parent() -> None:
    """Only the reply's own words are its identity."""
    text = "I agree.\n" + "\n".join("> " + line for line in ARTICLE.split("\n"))
    reply = known(text, row=2, role="reply", author=BOB, spans=(Span("quote", 1, 6, "mark"),))
    assert method(known(row=1), reply) is None


def test_replies_to_different_parents_never_fold_by_content() -> None:
    """The same answer to two people is two messages."""
    one = known(row=1, role="reply", parent="<x@example.org>", subject="x")
    assert method(one, known(row=2, role="reply", parent="<y@example.org>", subject="x", author=BOB)) is None


def test_short_replies_need_one_subject() -> None:
    """Below sixty words two replies with other subjects are two messages."""
    text = "Applied to the tree, thanks a lot for the quick fix and for the explanation"
    one = known(text, row=1, role="reply", subject="a")
    assert method(one, known(text, row=2, role="reply", subject="b")) is None


def test_two_people_who_answer_in_the_same_words_have_both_answered() -> None:
    """Votes are counted by who gives them."""
    text = "+1 from me: I have counted the pots on all the shelves, and the list on the door is right."
    first = known(text, row=1, role="reply", subject="Vote", parent="<p@example.org>")
    second = known(text, row=2, role="reply", subject="Vote", parent="<p@example.org>", author=BOB)
    assert method(first, second) is None
    assert method(first, replace(second, author=ANN)) == "exact"


def test_same_words_above_two_forwards_are_about_two_messages() -> None:
    """Who forwards often has one introduction for all of it."""
    text = "The following came to the committee, and we would like to hear from all of you before the end of the month."
    first, second = known(text, row=1, forwards=("aaaa",)), known(text, row=2, forwards=("bbbb",))
    assert method(first, second) is None
    assert method(first, replace(second, forwards=("aaaa",))) == "exact"


def test_same_author_who_changes_his_text_has_written_something_new() -> None:
    """A shortened text of the same author under a new Message-ID is his own new message."""
    shorter = "\n".join(ARTICLE.split("\n")[:3])
    assert method(known(row=1), known(shorter, row=2)) is None


def test_forward_says_what_it_is() -> None:
    """An enclosed message that the archive has is a forward of it, with the forwarder's words."""
    inner = known(row=2, claimed=True, relation="forward", message_id="<1@example.org>", comment="look")
    assert decide(inner, [known(row=1)]) == Folded(1, "forward", f"message-id/{VERSION}", 1.0, "look")


def test_words_below_a_forward_are_kept() -> None:
    """A comment that stands under the forwarded text is told by the original."""
    inner = known(
        ARTICLE + "\n\nSo take your pots home.", row=2, author=ANN, claimed=True, relation="forward", comment="look"
    )
    fold = decide(inner, [known(row=1)])
    assert isinstance(fold, Folded)
    assert fold.comment == "look\n\nSo take your pots home."


def test_claimed_header_finds_a_short_original() -> None:
    """Author, subject and day, as a forward shows them, tie a text that is too short for content."""
    first = known("Door shut, use the gate.", row=1, date=0)
    inner = known("Door shut, use the gate.", row=2, date=-DAY + 7200, claimed=True, relation="forward", message_id=" ")
    fold = decide(inner, [first])
    assert isinstance(fold, Folded)
    assert (fold.relation, fold.method) == ("forward", f"subject/{VERSION}")


def test_reply_whose_quote_lost_its_marks_is_not_its_parent() -> None:
    """A later reply under the same subject by somebody else that holds the whole text answers it."""
    text = "I agree with all of it, and I will come with the cart on Saturday at nine.\n" + ARTICLE
    one = known(row=1, message_id="<a@example.org>")
    assert method(one, known(text, row=2, role="reply", author=BOB)) is None
    assert method(one, known(text, row=2, role="reply", author=BOB, subject="x", parent="<a@example.org>")) is None


def test_replies_of_two_people_share_what_both_quote() -> None:
    """Outlook names no parent and marks nothing: neither an answer and its parent nor two answers are one."""
    parent = known(row=1, role="reply", parent="<p@example.org>")
    answer = "I would rather that it stayed open, and could help with the pipes on any day but Monday."
    assert method(parent, known(f"{answer}\n\n{ARTICLE}", row=2, role="reply", author=BOB)) is None
    assert method(parent, replace(known(row=2, role="reply", author=BOB), in_reply_to="<p@example.org>")) == "exact"


def test_answer_whose_own_words_were_taken_for_a_signature_is_not_its_parent() -> None:
    """They stand below a full quote that ends with one."""
    parent = known(row=1, message_id="<a@example.org>")
    assert method(parent, known(row=2, role="reply", author=BOB, subject="x", parent="<a@example.org>")) is None
    assert method(parent, known(row=2, role="reply", author=BOB)) is None
    assert method(parent, known(row=2, role="reply", parent="<a@example.org>")) == "exact"


def test_answer_that_shows_another_version_is_not_that_version() -> None:
    """A notice in a thread that holds a patch whole, among more words of its own, is a message of its own."""
    notice = "The patch was taken, thank you. It will be in the next release of the tree.\n" * 2 + ARTICLE
    one = known(row=1, subject="[PATCH v4] Winter")
    assert method(one, known(notice, row=2, author=BOB, subject="Applied", parent="<v5@example.org>")) is None
    assert method(one, known(notice, row=2, author=BOB, subject="Applied")) == "containment"


def test_one_message_id_for_two_editions_is_two_messages() -> None:
    """A program that never changes its Message-ID does not make two reports one."""
    one = ARTICLE + "\nThe fund holds 4500 crowns and 38 members paid in time."
    two = one.replace("4500", "6200").replace("38", "41")
    assert (
        method(known(one, row=1, message_id="<r@example.org>"), known(two, row=2, message_id="<r@example.org>")) is None
    )


def test_patch_for_another_release_is_another_patch() -> None:
    """The same change for two stable trees."""
    one, two = known(row=1, subject="[PATCH 5.4.33 1/2] Winter"), known(row=2, subject="[PATCH 5.5.18 1/2] Winter")
    assert method(one, two) is None


def test_thin_forward_goes_where_its_inner_message_goes() -> None:
    """Into the record that took the inner message in, or into the inner message itself."""
    outer = known("fyi", row=3, role="forward", relation="forward", comment="fyi")
    inner = known(row=2, claimed=True, relation="forward")
    assert carried(outer, inner, Folded(1, "forward", "exact", 0.9)) == Folded(1, "forward", "forward", 0.9, "fyi")
    assert carried(outer, inner, New()) == Folded(2, "forward", "forward", 1.0, "fyi")


def test_only_earlier_canonical_messages_take_a_message_in() -> None:
    """Neither a later message nor a sighting can be a record."""
    later, sighting = known(row=9), known(row=1, canonical=False)
    assert decide(known(row=5), [later, sighting]) == New()


def test_ties_go_by_order_and_not_by_place() -> None:
    """The earliest of equals takes it in, wherever it stands among the candidates."""
    first, second, message = known(row=1), known(row=2), known(row=3, author=BOB)
    assert decide(message, [first, second]) == decide(message, [second, first])


def test_own_letter_comes_before_a_claim_and_a_claim_before_a_thin_forward() -> None:
    """Who is canonical is a question of evidence first."""
    assert [standing("text", False), standing("text", True), standing("forward", False)] == [0, 1, 2]


def test_digest_folds_only_into_itself() -> None:
    """A digest holds the texts of others and is none of them."""
    digest = known("In this issue:\n" + ARTICLE, row=2, role="digest")
    assert method(known(row=1), digest) is None
    assert method(digest, replace(digest, row=3, message_id="<other@example.org>")) == "exact"


def test_appended_footer_is_not_what_a_crosspost_adds() -> None:
    """What another list put at the end is no comment; an introduction above is."""
    first = known(row=1)
    second = known("Second try:\n\n" + ARTICLE + "\nHerbs list, see example.org/leave?token=1", row=2)
    assert added_lines(second, first, tied=True) == "Second try:"
    assert added_lines(second, first, tied=False).endswith("token=1")


def test_two_short_posts_of_one_second_are_two_texts() -> None:
    """A program, or a quick hand: the same author, second and subject, and other words. The footer of both is no
    evidence."""
    footer = (
        "____________________\nGardeners mailing list\nTo unsubscribe send an email to gardeners-leave@example.org\n"
        "For seeds and swaps see https://seeds.example.org/swap on any day of the week\n"
    )
    marked = (Span("footer", 1, 5, "mailman3"),)
    one = known(f"We meet at ten in the hall. Bring envelopes with labels, please, all of you.\n{footer}", spans=marked)
    two = replace(known(f"Yes, next to the door.\n{footer}", row=2, spans=marked), date=one.date)
    again = replace(known(f"Yes, next to the door.\n{footer}", row=3, spans=marked), date=one.date)
    assert method(one, two) is None
    assert method(two, again) == "headers"
