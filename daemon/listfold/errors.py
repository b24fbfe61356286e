"""The error tree. An error that a client can meet knows its SMTP reply; anything else is answered 451.

ListfoldError                 one line that says what to do
├── ConfigError               every fault of the configuration at once
├── UsageError                the command's words are off (exit 2)
├── NotFound                  no such record, list or issue
├── NoDaemon                  no daemon answers on the control socket
├── DataBusy                  another process holds the data directory
├── DiskFault                 a file of ours cannot be written, whatever was to be
└── Refused                   mail that is not taken; `reply` is what the client is told
    ├── UnknownRecipient      550 5.1.1
    ├── TooBig                552 5.3.4
    ├── LettersFull           452 4.3.1
    ├── TooMany               421 4.7.0
    └── NotDurable            451 4.3.0  the commit failed
"""


class ListfoldError(Exception):
    """One line that says what went wrong and what to do."""


class ConfigError(ListfoldError):
    """One or more faults in the configuration, a line each."""


class UsageError(ListfoldError):
    """The words of a command are off."""


class NotFound(ListfoldError):
    """What was asked for is not in the archive."""


class NoDaemon(ListfoldError):
    """No daemon answers on the control socket: the command does its work itself."""


class DataBusy(ListfoldError):
    """Another process holds the data directory's lock."""


class DiskFault(ListfoldError):
    """A store's file or its disk is at fault, and nothing that was to be written: when it is mended, do it again."""


class Refused(ListfoldError):
    """A letter or recipient that is not taken."""

    reply = "451 4.3.0 Try again later"


class UnknownRecipient(Refused):
    reply = "550 5.1.1 No such list here"


class TooBig(Refused):
    reply = "552 5.3.4 Message is too big"


class LettersFull(Refused):
    reply = "452 4.3.1 No room at present, try again later"


class TooMany(Refused):
    reply = "421 4.7.0 Too many connections, try again later"


class NotDurable(Refused):
    """The commit failed: nothing was kept, the client has to try again."""
