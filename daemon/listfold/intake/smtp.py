"""The verbs of SMTP (RFC 5321), and the one transaction that they build: a sender, recipients, a letter.

Offered: PIPELINING (RFC 2920), SIZE (1870), 8BITMIME (6152), SMTPUTF8 (6531), ENHANCEDSTATUSCODES (2034), and with a
certificate STARTTLS (3207). Not offered: AUTH (nobody logs in to an archive), CHUNKING, DSN (we send no mail).
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from listfold.errors import LettersFull, Refused, TooBig, UnknownRecipient
from listfold.intake.address import recipient_of, sender_of
from listfold.intake.data import Endless, receive
from listfold.intake.session import UNEXPECTED, HangUp, Phase, Session, Terms, log
from listfold.model import Letter, Source

OK = "250 2.0.0 OK"
KEPT = "250 2.0.0 Kept"  # the same words for the same again: who asks shall not learn what a private list holds
NO_NAME = "501 5.5.4 Host name missing"
BAD_ORDER = "503 5.5.1 Bad sequence of commands"


class SafeSMTP(Session):
    """An SMTP session."""

    source: ClassVar[Source] = "smtp"
    greeting = "ESMTP listfold"

    def __init__(self, terms: Terms, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(terms, loop)
        self.greeted = False
        self.reset()

    def reset(self) -> None:
        self.sender: str | None = None  # None: no MAIL yet; "": the null sender
        self.utf8 = False
        self.recipients: list[str] = []

    def helo(self, argument: str) -> str:
        if not argument:
            return NO_NAME
        self.reset()
        self.greeted = True
        return f"250 {self.terms.hostname}"

    def ehlo(self, argument: str) -> str:
        if not argument:
            return NO_NAME
        self.reset()
        self.greeted = True
        return (
            f"250-{self.terms.hostname}\r\n250-PIPELINING\r\n250-SIZE {self.terms.limits.max_size}\r\n"
            "250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n"
            + ("250-STARTTLS\r\n" if not self.secure and self.terms.tls() is not None else "")
            + "250 HELP"
        )

    async def starttls(self, argument: str) -> str:
        if self.terms.tls() is None:
            return "500 5.5.1 Unknown command"
        if argument:
            return "501 5.5.4 Syntax: STARTTLS"
        if self.secure:
            return "503 5.5.1 TLS is on"
        if not self.greeted or self.sender is not None:
            return BAD_ORDER
        await self.encrypt("220 2.0.0 Ready to start TLS\r\n")
        self.greeted = False  # RFC 3207 4.2: what was said before is forgotten
        self.reset()
        return ""

    def mail(self, argument: str) -> str:
        if not self.greeted or self.sender is not None:
            return BAD_ORDER
        sender = sender_of(argument)
        if sender.size > self.terms.limits.max_size:
            self.refuse(TooBig.reply, size=sender.size)
            return TooBig.reply
        if not self.terms.load.room_for(sender.size):
            self.refuse(LettersFull.reply, size=sender.size)
            return LettersFull.reply
        self.sender, self.utf8 = sender.address, sender.utf8
        return "250 2.1.0 OK"

    def rcpt(self, argument: str) -> str:
        if self.sender is None:
            return BAD_ORDER
        if len(self.recipients) >= self.terms.limits.recipients:
            return "452 4.5.3 Too many recipients"
        recipient = recipient_of(argument, self.utf8)
        if not self.terms.knows(recipient):
            self.refuse(UnknownRecipient.reply, recipient=recipient)
            return UnknownRecipient.reply
        self.recipients.append(recipient)
        return "250 2.1.5 OK"

    async def data(self, argument: str) -> str:
        if self.sender is None or not self.recipients:
            return BAD_ORDER
        if argument:
            return "501 5.5.4 Syntax: DATA"
        # What came before our 354 was not written for it: a part of a smuggled session, or a client that is broken.
        if self.ahead:
            raise HangUp("554 5.5.0 Data sent before 354", "hurried")
        if self._reader.at_eof():
            raise HangUp("", "client left")
        sender, recipients = self.sender, tuple(self.recipients)
        try:
            reply = await self._take(sender, recipients)
        except Endless as refusal:
            self.refuse(refusal.reply, recipients=len(recipients), size=self.received)
            raise HangUp(self.each(refusal.reply, len(recipients)), "endless") from refusal
        except Refused as refusal:
            reply = refusal.reply
        if reply != KEPT:
            self.refuse(reply, recipients=len(recipients), size=self.received)
        else:
            self.commands = self.junk = self.errors = 0
        self.reset()
        if not self.over():
            self.phase = Phase.COMMAND
            self.since = self.loop.time()
        return self.each(reply, len(recipients))

    async def _take(self, sender: str, recipients: tuple[str, ...]) -> str:
        """Receive and commit one letter. Raises Refused, and HangUp when the client leaves."""
        self.phase = Phase.DATA
        self.received = 0
        self.since = self.heard = self.loop.time()
        with self.terms.load.hold() as held:
            self.say("354 End data with <CR><LF>.<CR><LF>")
            self.flush()
            try:
                raw = await receive(self._reader, self.terms.limits, held)
            except (asyncio.IncompleteReadError, OSError) as error:
                raise HangUp("", "client left") from error
            if self.over():  # the clock or a stop cut it in the same moment: the client was told 421
                raise HangUp("", "cut")
            self.phase = Phase.COMMIT
            letter = Letter(raw, self.source, int(self.terms.clock()), sender, recipients)
            try:
                await self.terms.accept(letter)
            except Refused:
                raise
            except (Exception, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and self.task and self.task.cancelling():
                    raise  # the loop itself goes down; else it is the store's own work that was cancelled
                log.exception("letter.failed", peer=self.peer, sha256=letter.sha256)
                return UNEXPECTED
            return KEPT

    def each(self, reply: str, recipients: int) -> str:
        """The reply to a letter: SMTP gives one for all recipients."""
        return reply

    def rset(self, argument: str) -> str:
        self.reset()
        return OK

    def noop(self, argument: str) -> str:
        return OK

    def vrfy(self, argument: str) -> str:
        return "252 2.0.0 Send mail and see" if argument else "501 5.5.4 Syntax: VRFY address"

    def absent(self, argument: str) -> str:
        return "502 5.5.1 Not offered here"

    def help(self, argument: str) -> str:
        return "214 2.0.0 DATA " + " ".join(word for word, verb in self.verbs.items() if verb is not SafeSMTP.absent)

    def quit(self, argument: str) -> str:
        self.phase = Phase.OVER
        return "221 2.0.0 Bye"

    verbs: ClassVar[Mapping[str, Callable[[Any, str], str]]] = {
        "HELO": helo,
        "EHLO": ehlo,
        "MAIL": mail,
        "RCPT": rcpt,
        "RSET": rset,
        "NOOP": noop,
        "VRFY": vrfy,
        "HELP": help,
        "QUIT": quit,
        "EXPN": absent,
    }
