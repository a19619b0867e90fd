"""Verifies an RS256 token against a JWKS (RFC 7515, 7517, 8017 section 8.2.2), with nothing but integers."""

import base64
import hashlib
import json

SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify(token, jwks):
    """The claims; fails when the signature is not that of the key that the token names."""
    header_text, claims_text, signature_text = token.split(".")
    header = json.loads(decode(header_text))
    assert header["alg"] == "RS256"
    (key,) = [key for key in jwks["keys"] if key["kid"] == header["kid"]]
    modulus, exponent = (int.from_bytes(decode(key[name]), "big") for name in ("n", "e"))
    size = (modulus.bit_length() + 7) // 8
    signature = int.from_bytes(decode(signature_text), "big")
    opened = pow(signature, exponent, modulus).to_bytes(size, "big")
    tail = SHA256_DIGEST_INFO + hashlib.sha256(f"{header_text}.{claims_text}".encode()).digest()
    assert opened == b"\x00\x01" + b"\xff" * (size - len(tail) - 3) + b"\x00" + tail, "the signature is wrong"
    return json.loads(decode(claims_text))
