"""Insertions and deletions are copies; substitutions are new versions."""

import time

from listfold.core.align import Alignment, align

TEXT = [f"w{n}x" if n % 7 else f"the{n}" for n in range(300)]


def test_equal_texts_have_nothing_replaced() -> None:
    """All words are the same, in order."""
    assert align(TEXT, TEXT) == Alignment(300, 0, 0)


def test_inserted_and_deleted_runs_are_no_substitutions() -> None:
    """A paste without two paragraphs, with an introduction and a source line, replaces nothing."""
    other = ["seen", "in", "the", "news", *TEXT[:80], *TEXT[120:200], "more", "below", *TEXT[200:260]]
    assert align(TEXT, other).replaced == 0


def test_repeated_paragraph_is_no_substitution() -> None:
    """A paragraph that a copy has twice is an insertion."""
    assert align(TEXT, [*TEXT[:100], *TEXT[40:100], *TEXT[100:]]).replaced == 0


def test_replaced_words_are_counted_where_they_stand() -> None:
    """Three places with other words are three substitutions, the numbers among them told apart."""
    other = list(TEXT)
    other[50], other[150], other[250] = "changed", "w9999", "altered"
    assert align(TEXT, other) == Alignment(297, 3, 1)


def test_numbers_are_compared_one_for_one() -> None:
    """A date that differs in day and year replaces two numbers."""
    one = [*TEXT[:60], "26", "september", "2002", *TEXT[60:]]
    other = [*TEXT[:60], "27", "september", "2003", *TEXT[60:]]
    assert align(one, other).numbers == 2


def test_what_stands_before_and_behind_is_nobodys_substitution() -> None:
    """Other introductions and other tails do not make a text another version."""
    one = ["hello", "all", "look", "here", *TEXT, "cheers", "ann"]
    other = ["as", "seen", "on", "the", "wire", *TEXT, "bob", "example", "org"]
    assert align(one, other).replaced == 0


def test_large_replaced_run_weighs_more_than_a_word() -> None:
    """A section written anew is more than one substitution."""
    other = [*TEXT[:100], *(f"new{n}" for n in range(80)), *TEXT[180:]]
    assert align(TEXT, other).replaced > 4


def test_align_is_the_same_both_ways() -> None:
    """What is replaced does not depend on which text comes first."""
    other = [*TEXT[:50], "x", *TEXT[51:150], *TEXT[170:], "tail"]
    one, two = align(TEXT, other), align(other, TEXT)
    assert (one.replaced, one.numbers, one.same) == (two.replaced, two.numbers, two.same)


def test_hostile_repetition_costs_linear_time() -> None:
    """Two huge texts of one word each, and of two words by turns, are aligned at once."""
    start = time.perf_counter()
    align(["a"] * 60_000, ["a"] * 59_000 + ["b"])
    align(["a", "b"] * 30_000, ["b", "a", "c"] * 20_000)
    assert time.perf_counter() - start < 3
