"""Keys derived from the stage's one secret (HKDF, RFC 5869), each with the id of the secret it came from.

The secret is JSON: `{"key_id": "1", "master": "…", "previous": {"0": "…"}}`. New tokens and ciphertexts carry `key_id`;
older ones stay readable while their id is listed under `previous`.
"""

import base64
import json
import os
from dataclasses import dataclass
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.settings import settings
from shared.storage.aws import secretsmanager


class UnknownKey(Exception):
    """A token or ciphertext names a key this stage does not have, or was tampered with."""


@dataclass(frozen=True)
class KeyRing:
    """The stage's master secrets by key id."""

    current: str
    masters: dict[str, str]

    def derive(self, purpose: str, key_id: str | None = None) -> bytes:
        """32 bytes for one purpose; raises `UnknownKey`."""
        master = self.masters.get(key_id or self.current)
        if master is None:
            raise UnknownKey(f"no key {key_id}")
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"cirrus/{purpose}".encode()).derive(master.encode())


@cache
def key_ring() -> KeyRing:
    """The stage's keys, read from Secrets Manager once per process."""
    secret = json.loads(secretsmanager().get_secret_value(SecretId=settings().require("secret_id"))["SecretString"])
    return KeyRing(secret["key_id"], {**secret.get("previous", {}), secret["key_id"]: secret["master"]})


def seal(text: str, context: str) -> str:
    """Encrypts a secret: `<key id>.<nonce and AES-256-GCM ciphertext, base64url>`; `context` is authenticated."""
    ring = key_ring()
    nonce = os.urandom(12)
    sealed = AESGCM(ring.derive("seal")).encrypt(nonce, text.encode(), context.encode())
    return f"{ring.current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, context: str) -> str:
    """The text that `seal` encrypted under the same context; raises `UnknownKey`."""
    key_id, _, body = sealed.partition(".")
    raw = base64.urlsafe_b64decode(body)
    try:
        return AESGCM(key_ring().derive("seal", key_id)).decrypt(raw[:12], raw[12:], context.encode()).decode()
    except InvalidTag as error:
        raise UnknownKey("ciphertext does not fit its key and context") from error
