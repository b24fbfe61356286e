"""What makes two texts the same to folding, and what tells them apart."""

import pytest

from listfold.core.fingerprint import (
    KEEP_ALL,
    MAX_HASHES,
    exact,
    identity,
    own,
    patch_of,
    plain_subject,
    sample,
    shingles,
    words_of,
)
from listfold.model import Span

PINNED_SHINGLE = -9087782928246377472
PINNED_EXACT = -6543113790516980601
LONG = " ".join(f"word{n}" for n in range(5000))


def test_wrapping_quotes_and_dashes_disappear() -> None:
    """Other line widths, curly quotes, long dashes and case make no other words."""
    one = words_of("It’s the gardener’s\nown — “Frost” guide")
    other = words_of("it's the gardener's own - \"frost\" guide")
    assert one == other


def test_compatibility_forms_and_invisible_marks_disappear() -> None:
    """Ligatures, full-width letters, soft hyphens and zero-width marks change no word."""
    assert words_of("of\u00adfice ﬁre Ａbc zero\u200bwidth") == ("office", "fire", "abc", "zerowidth")


def test_chinese_and_japanese_have_short_words_that_no_line_end_cuts() -> None:
    """There are no spaces; what comes before or after a sentence leaves its words as they are."""
    sentence = "来週の勉強会ですが、開始時間を午後七時に変更いたします。"
    words = words_of(sentence)
    assert len(words) >= len(sentence) // 3
    assert words_of(f"皆様、{sentence}")[-len(words) :] == words
    assert words_of("\n".join((sentence[:5], sentence[5:17], sentence[17:]))) == words
    assert words_of("Ubuntuの更新") == ("ubuntu", *words_of("の更新"))


def test_rules_of_underscores_are_no_words() -> None:
    """____ and the marks of _emphasis_ are layout."""
    assert words_of("____ _really_ snake_case") == ("really", "snake_case")


def test_own_words_of_a_reply_are_only_its_own() -> None:
    """Quote, attribution, signature, footer and disclaimer spans do not count."""
    text = "On Monday Ann wrote:\n> Shall we dig?\nYes, let us.\n-- \nBob\n____\nlist footer\nThis mail is confidential"
    spans = (
        Span("attribution", 0, 1, "wrote"),
        Span("quote", 1, 2, "mark"),
        Span("signature", 3, 5, "dashes"),
        Span("footer", 5, 7, "mailman2"),
        Span("disclaimer", 7, 8, "confidential"),
    )
    assert own(text, spans, "reply") == ("yes", "let", "us")


def test_learned_footers_do_not_change_an_identity() -> None:
    """What a list has taught us may change tomorrow, an identity may not."""
    text = "Frost tonight.\nGarden list, weekly"
    learned = (Span("footer", 1, 2, "learned"),)
    assert identity(text, learned, "text", "x") == identity(text, (), "text", "x")


def test_uncertain_spans_stay_own_words() -> None:
    """A signature below the confidence that cuts it is body."""
    assert own("Yes.\nAnn", (Span("signature", 1, 2, "dashless", 0.3),), "text") == ("yes", "ann")


def test_own_words_of_a_forward_are_what_it_forwards() -> None:
    """Only the forwarded lines count, without their quote marks."""
    text = "fyi\n--- Forwarded ---\n> Frost is\n> near"
    spans = (Span("forward_header", 1, 2, "unwrap"), Span("forwarded", 2, 4, "unwrap"))
    assert own(text, spans, "forward") == ("frost", "is", "near")


def test_quote_prefixes_never_enter_a_word() -> None:
    """A quote mark that no span covers still is none of the words."""
    assert own("> > frost", (), "digest") == ("frost",)


def test_short_text_keeps_every_shingle() -> None:
    """Up to 96 shingles nothing is sampled away."""
    hashes = shingles(words_of(LONG)[: KEEP_ALL + 4])
    assert len(sample(hashes)) == KEEP_ALL


def test_long_text_is_sampled_by_the_hash_alone() -> None:
    """Above 96 only hashes that are 0 mod 4 stay, the 512 lowest of them, sorted and signed 64-bit."""
    found = sample(shingles(words_of(LONG)))
    assert len(found) == MAX_HASHES
    assert list(found) == sorted(set(found))
    assert all(h % 4 == 0 and -(2**63) <= h < 2**63 for h in found)


def test_sample_is_a_fair_quarter() -> None:
    """The lowest bits of a shingle's hash are as good as random."""
    hashes = shingles(words_of(LONG))
    assert 0.22 < sum(h % 4 == 0 for h in hashes) / len(hashes) < 0.28


def test_shingle_does_not_know_what_stood_before_it() -> None:
    """The rolled hash of five words is the same wherever they stand."""
    words = words_of(LONG)[:40]
    assert shingles(words[7:12])[0] == shingles(words)[7]


def test_hashes_are_the_same_in_every_process() -> None:
    """A rebuild years later finds the same numbers: no seed, no built-in hash()."""
    assert list(shingles(("one", "two", "three", "four", "five"))) == [PINNED_SHINGLE]
    assert exact(("one", "two")) == PINNED_EXACT


def test_fewer_than_five_words_have_no_shingle() -> None:
    """Short texts are compared by their exact hash and their headers."""
    found = identity("Thank you very much", (), "text", "")
    assert (found.words, found.hashes, found.exact != 0) == (4, (), True)


def test_no_words_no_hash() -> None:
    """A message of quotes alone has an exact hash of 0, which matches nothing."""
    assert identity("> only a quote", (Span("quote", 0, 1, "mark"),), "reply", "").exact == 0


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("[PATCH v2 1/3] net: fix", "v2 1/3"),
        ("[PATCH] net: fix", "v1 1/1"),
        ("[RFC PATCH net-next V3 02/10] net", "v3 2/10"),
        ("[PATCHv4 00/12] cover", "v4 0/12"),
        ("[RESEND PATCH v2 1/3] net: fix", "v2 1/3"),
        ("[PATCH 5.4.33 1/2] net: fix", "v1 1/2 5.4.33"),
        ("[patches] net: fix", ""),
        ("a patch for you", ""),
    ],
)
def test_patch_tuple(subject: str, expected: str) -> None:
    """Version and number of a patch, as text."""
    assert patch_of(subject) == expected


def test_subject_is_compared_without_tags_and_case() -> None:
    """Bracketed tags, case, punctuation and where a relay folded it do not matter."""
    assert plain_subject("[PATCH v2 1/3]  Net:  Fix a, b") == plain_subject("net: fix a,b") == "net fix a b"
