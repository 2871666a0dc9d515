"""What the importer's files say: read whole, typed once, with file, sheet and row kept to the end."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

#: The setting that names a firm's folder of layouts, for all of its clients.
LAYOUTS_SETTING = "CAPE_KIT_LAYOUTS"

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


def kept(answer: Callable[_Asked, _Answer]) -> Callable[_Asked, _Answer]:
    """A function of a frozen object that answers once, and keeps the answer with the object.

    The rest of what it is asked with must be hashable, and all that the answer depends on. A frame is handed
    out as a copy of its own: a column put into it stays with whoever put it there.
    """

    @functools.wraps(answer)
    def asked(*given: _Asked.args, **named: _Asked.kwargs) -> _Answer:
        about, *rest = given
        answers: dict[Any, Any] = vars(about).setdefault("_answers", {})
        question = (answer.__module__, answer.__qualname__, *rest, *sorted(named.items()))
        if question not in answers:
            answers[question] = answer(*given, **named)
        found: Any = answers[question]
        return found.copy(deep=False) if type(found).__module__.startswith("pandas.") else found

    return asked
