"""Pseudonyms, UIDs and date shifts that depend on a secret key and the original alone.

With the same key the same patient, study and image get the same new names in every run, file and
machine; without the key nobody can find out by trying which original stands behind a pseudonym.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import b32encode
from dataclasses import dataclass
from pathlib import Path

from mediassist.core.errors import OutputNotWritable, WrongUsage
from mediassist.core.messages import say

_KEY_BYTES = 32
_SHIFT_DAYS = (365, 3650)


@dataclass(frozen=True, slots=True)
class Key:
    """The secret; `repr` does not show it."""

    secret: bytes

    def __repr__(self) -> str:
        return "Key(...)"

    @classmethod
    def load_or_create(cls, path: Path) -> Key:
        """Read the key file; make it, readable by its owner alone, where it does not exist.

        Raises
        ------
        WrongUsage
            The file is no key.
        OutputNotWritable
            It cannot be made.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # O_EXCL: of two runs that start together one makes the key, the other reads it.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls._read(path)
        except OSError as error:
            raise OutputNotWritable(
                say(
                    "key_not_writable",
                    "The key file {path} cannot be written: {why}.",
                    path=str(path),
                    why=error.strerror or type(error).__name__,
                )
            ) from error
        secret = secrets.token_bytes(_KEY_BYTES)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secret.hex() + "\n")
        return cls(secret)

    @classmethod
    def _read(cls, path: Path) -> Key:
        try:
            secret = bytes.fromhex(path.read_text("ascii").strip())
        except (OSError, ValueError):
            secret = b""
        if len(secret) < 16:
            raise WrongUsage(
                say(
                    "key_damaged",
                    "{path} is no key file: it must hold at least 32 hexadecimal digits.",
                    path=str(path),
                )
            )
        return cls(secret)

    def digest(self, purpose: str, value: str) -> bytes:
        return hmac.new(self.secret, f"{purpose}\n{value}".encode(), hashlib.sha256).digest()

    def pseudonym(self, patient: str) -> str:
        """Eleven letters and digits for a patient, for example `P4QJ7ZK2MXA`."""
        return "P" + b32encode(self.digest("patient", patient)).decode("ascii")[:10]

    def uid(self, original: str) -> str:
        """A UID under 2.25 in the place of `original`."""
        return f"2.25.{int.from_bytes(self.digest('uid', original)[:16], 'big')}"

    def shift_days(self, patient: str) -> int:
        """Days, negative, by which all dates of a patient move: one to ten years back."""
        low, high = _SHIFT_DAYS
        return -(low + int.from_bytes(self.digest("dates", patient)[:8], "big") % (high - low))

    @property
    def fingerprint(self) -> str:
        """Tells two keys apart without giving either away."""
        return self.digest("fingerprint", "").hex()[:8]
