"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def replace_text(path: Path, text: str) -> None:
    """Write a file so that a crash leaves the old one or the new one, never a part.

    Args:
        path: The file.
        text: Its new content, written in UTF-8.
    """
    replace_bytes(path, text.encode())


def replace_bytes(path: Path, content: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one, never a part.

    Args:
        path: The file.
        content: Its new content.
    """
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
