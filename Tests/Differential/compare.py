"""Compares a server of ours with a real one.

    compare.py OURS                            with the answers that are kept
    compare.py OURS REAL TOKEN SEED [COUNT]    with a live real server, for any seed

Prints each kind of difference with its shortest sequence, and ends with 1 if one is not among those that are meant.
"""

import collections
import json
import lzma
import sys

import exchange
import meant
import record
import sequences

SHOWN = 40


def first_difference(requests, real, ours):
    for index, (request, a, b) in enumerate(zip(requests, real, ours)):
        a, b = meant.leveled(request, a), meant.leveled(request, b)
        if a != b and not meant.reason(request, a, b):
            return index
        # After an answer that differs on purpose both stand at different states.
        if a["status"] // 100 != b["status"] // 100 and request["method"] != "GET":
            return None
    return None


def gist(request, a, b):
    """What kind of difference it is, so that each is shown once."""
    media = (request.get("type") or "").split("/")[-1]
    kind = next((word for word in sequences.KINDS if f"/{word}" in request["path"]), "?")
    changed = paths(a.get("answer"), b.get("answer"))
    return f"{request['method']} {media} {kind} {a['status']}/{b['status']} {' '.join(changed[:3])}"


def paths(a, b, here=""):
    if isinstance(a, dict) and isinstance(b, dict):
        found = []
        for key in sorted(a.keys() | b.keys()):
            if a.get(key) != b.get(key) or (key in a) != (key in b):
                found += paths(a.get(key, "-"), b.get(key, "-"), f"{here}.{key}")
        return found
    return [here or "."] if a != b else []


class Shrinking:
    """Leaves out what the difference does not need: with a live real server both are asked again; otherwise ours is,
    and must go on answering as it did."""

    def __init__(self, ours, real):
        self.ours = exchange.Player(ours, "diff0")
        self.real = exchange.Player(real, "diff0") if real else None

    def shrink(self, requests, index, real, ours):
        requests = requests[: index + 1]
        real, ours = real[index], ours[index]
        place = len(requests) - 2
        while place >= 0:
            fewer = requests[:place] + requests[place + 1 :]
            b = self.ours.play(fewer)[-1]
            a = self.real.play(fewer)[-1] if self.real else real
            same = (a != b) if self.real else b == ours
            if same and not meant.reason(fewer[-1], meant.leveled(fewer[-1], a), meant.leveled(fewer[-1], b)):
                requests, real, ours = fewer, a, b
            place -= 1
        return requests, real, ours


def main(address, real=None, token=None, seed=None, count="10000"):
    ours = exchange.Server(address)
    kept = {}
    if real:
        exchange.play_all(exchange.Server(real, token), seed, range(int(count)),
                          lambda index, requests, answers: kept.update({index: answers}))
    else:
        with lzma.open(record.FILE, "rt") as file:
            seed = json.loads(next(file))["seed"]
            kept = {index: json.loads(line) for index, line in enumerate(file)}
    found, counts, asked = {}, collections.Counter(), 0

    def each(index, requests, answers):
        nonlocal asked
        asked += len(requests)
        place = first_difference(requests, kept[index], answers)
        if place is not None:
            kind = gist(requests[place], kept[index][place], answers[place])
            counts[kind] += 1
            if kind not in found or place < found[kind][2]:
                found[kind] = (index, requests, place, kept[index], answers)

    exchange.play_all(ours, seed, sorted(kept), each)
    shrinking = Shrinking(ours, exchange.Server(real, token) if real else None)
    for kind, count in counts.most_common(SHOWN):
        index, requests, place, a, b = found[kind]
        requests, a, b = shrinking.shrink(requests, place, a, b)
        print(f"\n{count} × {kind} (sequence {index} of seed {seed})")
        for request in requests:
            print("   ", json.dumps(request, sort_keys=True))
        print("    real:", json.dumps(a, sort_keys=True))
        print("    ours:", json.dumps(b, sort_keys=True))
    print(f"{len(kept)} sequences, {asked} requests, {sum(counts.values())} sequences differ in {len(counts)} ways"
          f" beside {len(meant.REASONS)} that are meant")
    return 1 if counts else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
