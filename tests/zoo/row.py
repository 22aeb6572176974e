"""One server of the zoo, and what must be said of it."""
from dataclasses import dataclass
from typing import Any

from processes import SANITIZED

TIME_OUT = 5 if SANITIZED else 2  # seconds until a server counts as silent: far more than any other takes


@dataclass
class Row:
    name: str
    code: str             # of the proxy's report; "" when the request goes through
    server: Any           # started; has a port
    host: str = ""        # that it is asked for as; NAME.zoo.test unless given
    depth: int | None = None
    proof: str = ""
    check: str | None = "same"  # `check`'s code where it is another, a warning's too; None: not asked
    waits: float = 0      # seconds until it has failed at all
    first: bool = False   # asked before the others, which learn from it
    verifies: bool = False  # may get the request
    trust: str = ""       # a PEM file with the roots that its chain may lead to, for who reads them all each time
    method: str = "POST"  # GET without a body, for programs that answer nothing else

    def __post_init__(self):
        self.host = self.host or f"{self.name}.zoo.test"
        self.check = self.code if self.check == "same" else self.check
        self.named = not self.host[0].isdigit()  # else it is reached by its address and port
        self.verifies = self.verifies or not self.code

    @property
    def authority(self):
        return self.host if self.named else f"{self.host}:{self.server.port}"

    @property
    def diagnosed(self):
        """Whether there is something to be said of it."""
        return bool(self.code or self.check)
