"""The verbs of LMTP (RFC 2033): LHLO instead of HELO and EHLO, and after DATA a reply for every accepted recipient."""

from typing import ClassVar

from listfold.intake.smtp import SafeSMTP
from listfold.model import Source


class SafeLMTP(SafeSMTP):
    """An LMTP session. One transaction is one letter, whatever its recipients; it is kept for all or for none."""

    source: ClassVar[Source] = "lmtp"
    greeting = "LMTP listfold"

    def each(self, reply: str, recipients: int) -> str:
        """One reply for each RCPT that was answered 250, twice for the same twice; for failures too (RFC 2033 4.2)."""
        return "\r\n".join([reply] * recipients)

    verbs: ClassVar = {
        "LHLO": SafeSMTP.ehlo,
        **{word: verb for word, verb in SafeSMTP.verbs.items() if word not in ("HELO", "EHLO")},
    }
