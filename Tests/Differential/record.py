"""Keeps a real API server's answers: record.py ADDRESS TOKEN [SEED [COUNT]]. The server has the definitions of
manifests/crds and nothing else that writes."""

import hashlib
import json
import lzma
import os
import sys

import exchange

CRDS = os.path.join(os.path.dirname(__file__), "../../manifests/crds/reconcile.dev.yaml")
FILE = os.path.join(os.path.dirname(__file__), "answers.jsonl.xz")


def schemas():
    """Which schemas the answers are about."""
    with open(CRDS, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def main(address, token, seed="1", count="5000"):
    server, lines = exchange.Server(address, token), {}
    version = json.loads(server.ask("GET", "/version")[2])["gitVersion"]

    def each(index, requests, answers):
        lines[index] = json.dumps(answers, separators=(",", ":"), sort_keys=True)

    exchange.play_all(server, seed, range(int(count)), each)
    with lzma.open(FILE, "wt", preset=9 | lzma.PRESET_EXTREME) as file:
        file.write(json.dumps({"seed": seed, "server": version, "schemas": schemas()}) + "\n")
        for index in range(int(count)):
            file.write(lines.get(index, "null") + "\n")
    print(f"{len(lines)} sequences of seed {seed} with {version}: {os.path.getsize(FILE)} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
