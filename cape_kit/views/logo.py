"""The logo of the firm that signs the report, embedded: a small picture in the client's own folder."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cape_kit.entries.client import Client

#: Kinds of picture by the bytes they begin with; a name proves nothing.
_KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
_MOST = 300_000


def embedded(client: Client) -> tuple[str, str]:
    """The logo as a data address, or an empty one and a sentence why there is none. [bytes]"""
    named = client.brand.logo
    if not named:
        return "", ""
    path = Path(client.folder, named)
    if not path.resolve().is_relative_to(client.folder.resolve()) or not path.is_file():
        return "", f"The logo {named} named in client.toml is not in the client’s folder."
    content = path.read_bytes()
    kind = next((kind for head, kind in _KINDS.items() if content.startswith(head)), None)
    if kind is None:
        return "", f"The logo {named} is no PNG, JPEG or GIF picture."
    if len(content) > _MOST:
        return "", f"The logo {named} has {len(content):,} bytes; {_MOST:,} are the most a report takes."
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}", ""
