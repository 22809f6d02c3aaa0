"""The key that signs the package lists, as OpenPGP has it: one RSA key, its armoured public half, clear-signed text.

RFC 4880 (packets of version 4, which apt's gpgv of Debian 12 reads): https://www.rfc-editor.org/rfc/rfc4880
"""

from __future__ import annotations

import base64
import hashlib
import struct
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_RSA, _SHA256 = 1, 8
_PUBLIC_KEY, _USER_ID, _SIGNATURE = 6, 13, 2
_TEXT, _CERTIFICATION = 0x01, 0x13
_USER = b"edgeway's stand-in for packages.microsoft.com"


class SigningKey:
    """Made at the first use, kept in a file that its owner alone may read."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(
                made.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
            )
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        assert isinstance(key, rsa.RSAPrivateKey)
        self._key = key
        self._made = int(path.stat().st_mtime)
        numbers = key.public_key().public_numbers()
        self._body = struct.pack("!BIB", 4, self._made, _RSA) + _mpi(numbers.n) + _mpi(numbers.e)
        self._fingerprint = hashlib.sha1(self._hashed_key(), usedforsecurity=False).digest()

    @property
    def fingerprint(self) -> str:
        return self._fingerprint.hex().upper()

    def public(self) -> str:
        """The armoured public key, for `apt`."""
        user = b"\xb4" + struct.pack("!I", len(_USER)) + _USER
        certified = self._signature(_CERTIFICATION, self._hashed_key() + user, self._made, flags=b"\x03")
        packets = _packet(_PUBLIC_KEY, self._body) + _packet(_USER_ID, _USER) + certified
        return _armoured("PUBLIC KEY BLOCK", packets)

    def clear_signed(self, text: str, at: int) -> str:
        """The text with its signature; `at` in seconds since 1970."""
        lines = [line.rstrip() for line in text.rstrip("\n").split("\n")]
        signed = "\r\n".join(lines).encode()
        shown = "\n".join(f"- {line}" if line.startswith("-") else line for line in lines)
        signature = _armoured("SIGNATURE", self._signature(_TEXT, signed, at))
        return f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{shown}\n{signature}"

    def _hashed_key(self) -> bytes:
        return b"\x99" + struct.pack("!H", len(self._body)) + self._body

    def _signature(self, kind: int, content: bytes, at: int, flags: bytes = b"") -> bytes:
        """https://www.rfc-editor.org/rfc/rfc4880#section-5.2.4"""
        hashed = _subpacket(2, struct.pack("!I", at)) + _subpacket(33, b"\x04" + self._fingerprint)
        hashed += _subpacket(27, flags) if flags else b""
        head = struct.pack("!BBBBH", 4, kind, _RSA, _SHA256, len(hashed)) + hashed
        trailer = b"\x04\xff" + struct.pack("!I", len(head))
        digest = hashlib.sha256(content + head + trailer).digest()
        signed = self._key.sign(content + head + trailer, padding.PKCS1v15(), hashes.SHA256())
        issuer = _subpacket(16, self._fingerprint[-8:])
        unhashed = struct.pack("!H", len(issuer)) + issuer
        return _packet(_SIGNATURE, head + unhashed + digest[:2] + _mpi(int.from_bytes(signed)))


def _mpi(number: int) -> bytes:
    return struct.pack("!H", number.bit_length()) + number.to_bytes((number.bit_length() + 7) // 8)


def _subpacket(kind: int, content: bytes) -> bytes:
    return bytes([len(content) + 1, kind]) + content


def _packet(kind: int, content: bytes) -> bytes:
    return bytes([0x80 | kind << 2 | 1]) + struct.pack("!H", len(content)) + content


def _armoured(name: str, content: bytes) -> str:
    text = base64.b64encode(content).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    check = base64.b64encode(_crc24(content).to_bytes(3)).decode()
    return f"-----BEGIN PGP {name}-----\n\n{lines}\n={check}\n-----END PGP {name}-----\n"


def _crc24(content: bytes) -> int:
    """https://www.rfc-editor.org/rfc/rfc4880#section-6.1"""
    crc = 0xB704CE
    for byte in content:
        crc ^= byte << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1864CFB
    return crc & 0xFFFFFF
