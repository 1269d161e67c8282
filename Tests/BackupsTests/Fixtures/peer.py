"""The age v1 format with a passphrase, written from the specification (C2SP age.md), with hashlib's scrypt and another library's
ChaCha20-Poly1305: to make files that a unit test opens quickly, and files that are wrong in one place. `make.py` holds it
against the age program and pyrage.

    peer.py encrypt WORK_FACTOR FILE OUT    the first line of standard input is the passphrase
    peer.py decrypt FILE                    writes the plaintext to standard output
    peer.py pyrage-encrypt FILE OUT / pyrage-decrypt FILE    the same by pyrage
"""
import base64
import hashlib
import hmac
import os
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK = 65536
VERSION = b"age-encryption.org/v1"


def b64(octets):
    return base64.b64encode(octets).rstrip(b"=")


def unb64(text):
    return base64.b64decode(text + b"=" * (-len(text) % 4))


def hkdf(key, salt, info):
    return HKDF(hashes.SHA256(), 32, salt, info).derive(key)


def wrap_key(passphrase, salt, factor):
    return hashlib.scrypt(
        passphrase, salt=VERSION + b"/scrypt" + salt, n=1 << factor, r=8, p=1, dklen=32, maxmem=(1 << 31) - 1)


def nonce(number, last):
    return number.to_bytes(11, "big") + bytes([last])


def encrypt(plain, passphrase, factor):
    file_key, salt, start = os.urandom(16), os.urandom(16), os.urandom(16)
    body = ChaCha20Poly1305(wrap_key(passphrase, salt, factor)).encrypt(bytes(12), file_key, None)
    head = b"\n".join([VERSION, b"-> scrypt %s %d" % (b64(salt), factor), b64(body), b"---"])
    mac = hmac.new(hkdf(file_key, b"", b"header"), head, hashlib.sha256).digest()
    aead = ChaCha20Poly1305(hkdf(file_key, start, b"payload"))
    pieces = [plain[at:at + CHUNK] for at in range(0, len(plain), CHUNK)] or [b""]
    sealed = [aead.encrypt(nonce(n, n == len(pieces) - 1), piece, None) for n, piece in enumerate(pieces)]
    return head + b" " + b64(mac) + b"\n" + start + b"".join(sealed)


def decrypt(octets, passphrase):
    version, stanza, body, end, payload = octets.split(b"\n", 4)
    assert version == VERSION
    arrow, kind, salt, factor = stanza.split(b" ")
    assert (arrow, kind) == (b"->", b"scrypt")
    file_key = ChaCha20Poly1305(wrap_key(passphrase, unb64(salt), int(factor))).decrypt(bytes(12), unb64(body), None)
    head = b"\n".join([version, stanza, body, b"---"])
    mac = hmac.new(hkdf(file_key, b"", b"header"), head, hashlib.sha256).digest()
    assert end == b"--- " + b64(mac)
    aead = ChaCha20Poly1305(hkdf(file_key, payload[:16], b"payload"))
    sealed = [payload[at:at + CHUNK + 16] for at in range(16, len(payload), CHUNK + 16)]
    return b"".join(aead.decrypt(nonce(n, n == len(sealed) - 1), piece, None) for n, piece in enumerate(sealed))


def main():
    command, *rest = sys.argv[1:]
    passphrase = sys.stdin.readline().rstrip("\n")
    if command == "encrypt":
        factor, name, out = rest
        with open(name, "rb") as source, open(out, "wb") as target:
            target.write(encrypt(source.read(), passphrase.encode(), int(factor)))
    elif command == "decrypt":
        with open(rest[0], "rb") as source:
            sys.stdout.buffer.write(decrypt(source.read(), passphrase.encode()))
    else:
        import pyrage
        with open(rest[0], "rb") as source:
            octets = source.read()
        if command == "pyrage-encrypt":
            with open(rest[1], "wb") as target:
                target.write(pyrage.passphrase.encrypt(octets, passphrase))
        else:
            sys.stdout.buffer.write(pyrage.passphrase.decrypt(octets, passphrase))


if __name__ == "__main__":
    main()
