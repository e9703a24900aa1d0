#!/usr/bin/env python3
"""Checks signed heads and proofs of Daybook with nothing but Python's standard library.

A second implementation, written from the specifications: C2SP signed-note, tlog-checkpoint and tlog-proof, RFC 6962,
RFC 8032, and docs/proof.md for the hash chain. It shares no code with Daybook.

    check_proof.py KEY FILE...      KEY is a public key (NAME+HASH+BASE64) or a file of them; FILE a head or a proof
"""

import base64
import hashlib
import json
import os
import sys


class Unproven(Exception):
    pass


# Ed25519 (RFC 8032 §6), verification only.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def equal(one, other):
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        raise Unproven("a point is out of range")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        raise Unproven("a point is not on the curve")
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public, text, signature):
    if len(signature) != 64:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % L
    return equal(multiply(scalar, BASE), add(decompress(signature[:32]), multiply(challenge, decompress(public))))


# Signed notes and checkpoints.
def key_of(line):
    name, digest, data = line.strip().split("+", 2)
    data = base64.b64decode(data, validate=True)
    own = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if own.hex() != digest or data[0] != 1 or len(data) != 33:
        raise Unproven("this is no Ed25519 key of a signed note")
    return name, own, data[1:]


def keys_of(argument):
    if os.path.exists(argument):
        with open(argument, encoding="utf-8") as file:
            return [key_of(line) for line in file if line.strip()]
    return [key_of(argument)]


def head_of(note, keys):
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    known = 0
    for line in signatures.splitlines():
        dash, name, data = line.split(" ", 2)
        data = base64.b64decode(data, validate=True)
        for key, digest, public in keys:
            if dash == "—" and (key, digest) == (name, data[:4]):
                if not is_signed(public, text.encode(), data[4:]):
                    raise Unproven(f"the signature by {name} does not fit")
                known += 1
    if not known:
        raise Unproven("no known key has signed the head")
    origin, size, root = text.split("\n")[:3]
    return origin, int(size), base64.b64decode(root, validate=True)


# The Merkle tree (RFC 6962 §2.1), checked as RFC 9162 §2.1.3.2 and §2.1.4.2 say.
def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def includes(data, index, size, path, root):
    if index >= size:
        return False
    position, last, value = index, size - 1, leaf(data)
    for step in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            value = node(step, value)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            value = node(value, step)
        position, last = position >> 1, last >> 1
    return last == 0 and value == root


def is_beginning(old, old_root, new, new_root, path):
    if old == new:
        return not path and old_root == new_root
    if old == 0 or old > new:
        return old == 0 and not path
    path = list(path)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    one = other = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            one, other = node(step, one), node(step, other)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            other = node(other, step)
        position, last = position >> 1, last >> 1
    return last == 0 and one == old_root and other == new_root


# The hash chain.
def link(event):
    raw = {name: base64.b64decode(event[name]) for name in ("previous", "id", "metadata", "data", "personal")}
    of_stream, second = event["chain"] == "stream", event["form"] == 2
    sha = hashlib.sha256(raw["previous"])
    sha.update(b"daybook-%schain-%d" % (b"stream-" if of_stream else b"", event["form"]))
    if not of_stream:
        sha.update(event["position"].to_bytes(8, "big"))
    if second:
        sha.update(event["stored_at"].to_bytes(8, "big", signed=True))
    sha.update(event["revision"].to_bytes(8, "big"))
    parts = [event["stream"].encode(), raw["id"], event["kind"].encode(), raw["metadata"], raw["data"]]
    if second:
        parts += [event["data_encoding"].encode(), event["personal_encoding"].encode(), raw["personal"]]
    for part in parts:
        sha.update(len(part).to_bytes(8, "big") + part)
    return sha.digest()


def hashes(lines):
    return [base64.b64decode(line, validate=True) for line in lines if line]


def check(text, keys):
    kind, _, rest = text.partition("\n")
    if kind == "c2sp.org/tlog-proof@v1":
        proof, note = rest.split("\n\n", 1)
        extra, index, *path = proof.split("\n")
        event = json.loads(base64.b64decode(extra.removeprefix("extra ")))
        origin, size, root = head_of(note, keys)
        own = base64.b64decode(event["hash"])
        if link(event) != own:
            raise Unproven("the event is not the one with this hash")
        if not includes(own, int(index.removeprefix("index ")), size, hashes(path), root):
            raise Unproven("the path does not lead to the signed root")
        return f"proved: #{event['position']}, {event['kind']}, is among the first {size} events of {origin}"
    if kind == "daybook-consistency-proof@v1":
        path, notes = ("", rest[1:]) if rest.startswith("\n") else rest.split("\n\n", 1)
        old, new = (head_of(note, keys) for note in notes.split("---\n", 1))
        if old[0] != new[0] or not is_beginning(old[1], old[2], new[1], new[2], hashes(path.split("\n"))):
            raise Unproven("the journal of the later head does not begin with the journal of the earlier one")
        return f"proved: the first {old[1]} events are the beginning of the first {new[1]} of {new[0]}"
    origin, size, root = head_of(text, keys)
    return f"signed: {size} events of {origin}, root {root.hex()}"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    keys = keys_of(sys.argv[1])
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as file:
            text = file.read()
        try:
            print(check(text, keys))
        except (Unproven, ValueError, KeyError) as why:
            sys.exit(f"{name}: NOT PROVED: {why}")


if __name__ == "__main__":
    main()
