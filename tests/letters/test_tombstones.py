"""letters/tombstones.py: what was purged is known again by hashes that say nothing without the installation's key."""

from listfold.archive.gone import mark
from listfold.letters.tombstones import Tombstones, mark_of_bytes, mark_of_name, message_id_of, text_marks

KEY, OTHER = b"k" * 32, b"o" * 32
TEXT = "The valley had its first hard frost on the ninth of October,\neleven days before the mean of thirty years.\n"


def made(text: str = TEXT) -> Tombstones:
    tombs = Tombstones(KEY)
    raw = b"Message-ID: <a@example.org>\r\n\r\nText\r\n"
    marks = [mark_of_bytes(KEY, raw), mark_of_name(KEY, "<a@example.org>")]
    tombs.add({"letters": [7], "marks": marks, "texts": [text_marks(KEY, text)]})
    return tombs


def test_a_letter_is_known_by_its_bytes_or_its_message_id() -> None:
    """Line ends do not matter, nor other fields, nor how the field is folded; another Message-ID is another letter."""
    assert made().letter(b"Message-ID: <a@example.org>\n\nText\n") == 7
    assert made().letter(b"Received: x\nmessage-id:\n <a@example.org>\n\nOther\n") == 7
    assert made().letter(b"Message-ID: <b@example.org>\n\nMessage-ID: <a@example.org>\n") == 0


def test_a_text_is_known_in_other_lines_and_with_a_footer() -> None:
    """Same words, other breaks; a long letter that holds it among other words only holds it; a quote is none."""
    assert made().message("", TEXT.replace("\n", " ").upper() + "\n-- \nAnna") == "same"
    assert made().message("", "Something else. " * 30 + TEXT) == "holds"
    assert made().message("", "".join(f"> {line}\n" for line in TEXT.split("\n"))) == ""
    assert (
        made().message("", "Quite another thing, of which nobody has ever said anything at all in this garden.") == ""
    )


def test_short_texts_are_nobodys() -> None:
    """ "Thanks, works for me" is said by many: no text is kept of it."""
    assert text_marks(KEY, "Thanks, works for me.") is None


def test_hashes_depend_on_the_key() -> None:
    """A list of hashes made elsewhere tells nothing."""
    assert mark_of_name(KEY, "<a@example.org>") != mark_of_name(OTHER, "<a@example.org>")
    assert text_marks(KEY, TEXT) != text_marks(OTHER, TEXT)


def test_both_stores_hash_a_message_id_alike() -> None:
    """The archive answers 410 by the same hash, with or without brackets."""
    assert mark(KEY, "a@example.org") == mark_of_name(KEY, "<a@ example.org>")


def test_a_message_id_is_found_in_the_header_alone() -> None:
    """Not in the body, and not in another field."""
    assert message_id_of(b"X-Message-ID: <x@y>\r\nSubject: a\r\n\r\nMessage-ID: <b@y>\r\n") == ""
