"""Dataclasses that are frozen for whoever checks types, and cost no more than plain ones when they run.

A class that is frozen at run time sets each field by a call of object.__setattr__, which makes an object take four
times as long; some dozens are made of a letter. `mypy` refuses an assignment just the same, and is part of the checks.
The trick is attrs' own (its documentation: "Zero-overhead frozen attrs classes").
"""

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(**options: Any) -> Any:
        return dataclasses.dataclass(unsafe_hash=options.pop("frozen", False), **options)
