"""Key strings that no daemon issued: right in form, wrong in content."""

import zlib

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LENGTH = 17
SECRET_LENGTH = 43
CRC_LENGTH = 6


def base62(number, width):
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits = ALPHABET[digit] + digits
    return digits


def compose(prefix, key_id, secret):
    """A key string with a right checksum."""
    body = f"{prefix}_{key_id}_{secret}"
    return body + base62(zlib.crc32(body.encode()), CRC_LENGTH)


def parts(key):
    """(prefix, key id, secret)"""
    prefix, key_id, rest = key.split("_")
    return prefix, key_id, rest[:SECRET_LENGTH]


def with_wrong_secret(key):
    prefix, key_id, secret = parts(key)
    return compose(prefix, key_id, secret[:-1] + ("1" if secret[-1] != "1" else "2"))


def with_unknown_id(key):
    prefix, key_id, secret = parts(key)
    return compose(prefix, key_id[:-1] + ("1" if key_id[-1] != "1" else "2"), secret)
