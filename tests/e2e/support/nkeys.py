"""Who may use a bus that an operator keeps: NKeys (Ed25519 keys in base 32 with a checksum), the JWTs that they sign, and a user's credentials
file, as `nsc` writes them."""

import base64
import binascii
import hashlib
import json
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

OPERATOR, ACCOUNT, USER = 14 << 3, 0, 20 << 3
SEED = 18 << 3
NO_LIMIT = {name: -1 for name in ("subs", "data", "payload")}


def _base64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _checked(raw):
    return base64.b32encode(raw + binascii.crc_hqx(raw, 0).to_bytes(2, "little")).rstrip(b"=").decode()


class NKey:
    def __init__(self, kind):
        self.kind = kind
        self.key = Ed25519PrivateKey.generate()

    @property
    def public(self):
        return _checked(bytes([self.kind]) + self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @property
    def seed(self):
        raw = self.key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return _checked(bytes([SEED | self.kind >> 5, (self.kind & 31) << 3]) + raw)

    def says(self, about, name, **what):
        """A JWT about another key, or its own."""
        claims = {"iat": int(time.time()), "iss": self.public, "name": name, "sub": about.public, "nats": {"version": 2, **what}}
        claims["jti"] = base64.b32encode(hashlib.sha256(json.dumps(claims).encode()).digest()).rstrip(b"=").decode()
        text = ".".join(_base64url(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ed25519-nkey"}, claims))
        return f"{text}.{_base64url(self.key.sign(text.encode()))}"


class Operator:
    """Keeps a bus with one account."""

    def __init__(self):
        self.key, self.account = NKey(OPERATOR), NKey(ACCOUNT)

    @property
    def config(self):
        limits = {**NO_LIMIT, "imports": -1, "exports": -1, "wildcards": True, "conn": -1, "leaf": -1}
        account = self.key.says(self.account, "grantex", type="account", limits=limits)
        return (f'operator: "{self.key.says(self.key, "operator", type="operator")}"\nresolver: MEMORY\n'
                f'resolver_preload: {{ {self.account.public}: "{account}" }}')

    def write_credentials(self, path):
        """Of a new user of the account. Returns the user's seed, which nobody else may see."""
        user = NKey(USER)
        says = self.account.says(user, "grantexd", type="user", pub={}, sub={}, **NO_LIMIT)
        path.write_text(f"-----BEGIN NATS USER JWT-----\n{says}\n------END NATS USER JWT------\n\n"
                        f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n")
        return user.seed
