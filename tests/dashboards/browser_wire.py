"""What a page of the dashboard and its server have said to each other: when a click was heard, when a run has ended.

The page itself shows too late what it is doing: on a busy machine it looks still for a second after a click, and a
test that believes it writes into a form that is about to be replaced. The frames between the two tell it exactly.
"""

from typing import Any

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class Wire:
    """The frames of one page: runs that were asked for, begun and ended."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self.asked = 0
        """Runs asked for since the page was made; a count that only grows."""
        self._answered, self._running = True, False
        page.on("websocket", self._opened)

    def _opened(self, socket: Any) -> None:
        self._answered, self._running = True, False  # a new connection asks by itself
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, frame: "str | bytes") -> None:
        if _kind(BackMsg, frame) == "rerun_script":
            self.asked += 1
            self._answered = False

    def _received(self, frame: "str | bytes") -> None:
        kind = _kind(ForwardMsg, frame)
        if kind == "new_session":
            self._answered = self._running = True
        elif kind == "script_finished":
            message = ForwardMsg.FromString(frame)
            self._running = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN  # the next begins at once

    @property
    def still(self) -> bool:
        """Whether every run that was asked for was begun, and has ended."""
        return self._answered and not self._running

    def heard(self, before: int, within: float = 30.0) -> bool:
        """Return whether a run was asked for since the count was `before`, waiting up to so many seconds."""
        return self._wait(lambda: self.asked > before, within)

    def ended(self, within: float = 60.0) -> bool:
        """Return whether all runs have ended, waiting up to so many seconds."""
        return self._wait(lambda: self.still, within)

    def _wait(self, holds: Any, within: float) -> bool:
        for _ in range(int(within * 50)):
            if holds():
                return True
            self._page.wait_for_timeout(20)  # frames are told while the page is waited for
        return bool(holds())


def _kind(message: Any, frame: "str | bytes") -> "str | None":
    if isinstance(frame, str):
        return None
    try:
        named: str | None = message.FromString(frame).WhichOneof("type")
    except DecodeError:
        return None
    return named
