#!/usr/bin/env python3
"""Reads the whole log of a server below /audit/log/ and checks it, with nothing but Python's standard library.

    check_log.py URL LOGIN PASSWORD KEY     KEY is a public key (NAME+HASH+BASE64) or a file of them

Every tile must be what the entries below it make, and the root must be the one that is signed (C2SP tlog-tiles).
"""

import base64
import os
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check_proof import Unproven, head_of, keys_of, leaf, node  # noqa: E402

WIDTH = 256


def path_of(number):
    groups = []
    while True:
        number, group = divmod(number, 1000)
        groups.insert(0, f"{group:03}" if not groups else f"x{group:03}")
        if number == 0:
            return "/".join(groups)


def root_of(hashes):
    """The root over any number of leaves (RFC 6962 §2.1)."""
    if len(hashes) == 1:
        return hashes[0]
    middle = 1
    while middle * 2 < len(hashes):
        middle *= 2
    return node(root_of(hashes[:middle]), root_of(hashes[middle:]))


def main():
    url, login, password, key = sys.argv[1:5]
    credentials = base64.b64encode(f"{login}:{password}".encode()).decode()

    def get(path):
        request = urllib.request.Request(url.rstrip("/") + "/audit/log/" + path)
        request.add_header("Authorization", f"Basic {credentials}")
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def read(kind, count):
        for number in range((count + WIDTH - 1) // WIDTH):
            width = min(WIDTH, count - number * WIDTH)
            yield get(f"tile/{kind}/{path_of(number)}" + ("" if width == WIDTH else f".p/{width}"))

    origin, size, root = head_of(get("checkpoint").decode(), keys_of(key))
    leaves = []
    for bundle in read("entries", size):
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            leaves.append(leaf(bundle[2 : 2 + length]))
            bundle = bundle[2 + length :]
    if len(leaves) != size or root_of(leaves) != root:
        raise Unproven("the entries do not make the signed root")
    level, below = 0, leaves
    while below:
        if b"".join(read(level, len(below))) != b"".join(below):
            raise Unproven(f"a tile of level {level} is not what is below it")
        full = len(below) // WIDTH
        below = [root_of(below[at * WIDTH : (at + 1) * WIDTH]) for at in range(full)]
        level += 1
    print(f"log: {size} entries of {origin} make the signed root, in {level} levels of tiles")


try:
    main()
except (Unproven, urllib.error.URLError, ValueError) as why:
    sys.exit(f"not proved: {why}")
