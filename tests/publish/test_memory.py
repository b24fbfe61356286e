"""What was rendered of a letter is rendered once, for as long as the letter shows the same, in a bounded memory."""

from dataclasses import dataclass, field

from listfold.publish.memory import Fragments


@dataclass
class Note:
    id: str
    words: str
    source: object = field(default=None, compare=False)
    forms: dict[str, bytes] = field(default_factory=dict, compare=False)

    @property
    def weight(self) -> int:
        return 100 + sum(map(len, self.forms.values()))


def test_an_item_of_an_equal_source_is_not_made_again() -> None:
    """Nor are its forms; with another source it is made, and with the same words it is the one before."""
    made: Fragments[Note] = Fragments(1000)
    first = made.item("a", "came on Monday", lambda: Note("a", "frost", "came on Monday"))
    assert made.of("html", first, lambda note: f"<p>{note.words}</p>") == b"<p>frost</p>"
    assert made.item("a", "came on " + "Monday", lambda: Note("a", "never asked")) is first
    assert made.item("a", None, lambda: Note("a", "frost")) is first
    assert made.of("html", first, lambda _: "never asked") == b"<p>frost</p>"


def test_an_item_of_another_source_is_made() -> None:
    """What it showed before is not taken for what it shows now."""
    made: Fragments[Note] = Fragments(1000)
    first = made.item("a", "came on Monday", lambda: Note("a", "frost", "came on Monday"))
    made.of("html", first, lambda note: note.words)
    second = made.item("a", "came on Tuesday", lambda: Note("a", "thaw", "came on Tuesday"))
    assert made.of("html", second, lambda note: note.words) == b"thaw"


def test_the_least_used_goes_when_there_is_no_room() -> None:
    """Forms count as they are made: one item with many of them pushes others out, and itself when it is too large."""
    made: Fragments[Note] = Fragments(1000)
    first = made.item("a", 1, lambda: Note("a", "frost", 1))
    made.of("html", first, lambda _: "x" * 300)
    second = made.item("b", 2, lambda: Note("b", "thaw", 2))
    for form in ("html", "text", "mime"):
        made.of(form, second, lambda _: "x" * 150)
    assert made.item("b", 2, lambda: Note("b", "never asked", 2)) is second
    assert made.item("a", 1, lambda: Note("a", "frost", 1)) is not first
