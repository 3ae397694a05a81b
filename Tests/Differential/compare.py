"""Compares a server of ours with a real one.

    compare.py OURS                            with some of the answers that are kept, from all over them
    compare.py --all OURS                      with all of them
    compare.py --first OURS                    with all of them, up to the first that differs
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

SHOWN = 400
# Of the kept sequences every so many-th is asked where nothing else is said.
SPREAD = 4
PORTION = 400


def numbered(value, seen, name=""):
    """Versions by the order in which they appear in what is compared: how many there were of our own kinds in between is
    the controllers' pace."""
    if isinstance(value, dict):
        return {key: numbered(item, seen, key) for key, item in value.items()}
    if isinstance(value, list):
        return [numbered(item, seen) for item in value]
    if name == "resourceVersion" and isinstance(value, str) and value[:1] == "V":
        return seen.setdefault(value, f"V{len(seen) + 1}")
    return value


def first_difference(requests, real, ours, isStale=False):
    words = meant.mentioned(requests) if isStale else None
    seen = {}, {}
    for index, (request, a, b) in enumerate(zip(requests, real, ours)):
        a, b = meant.leveled(request, a, words), meant.leveled(request, b, words)
        a, b = numbered(a, seen[0]), numbered(b, seen[1])
        if a != b:
            if meant.collected(requests[: index + 1]) and (
                a["status"] != b["status"] or a["status"] >= 400 or meant.isEnding(b)
            ):
                return None
            # A rehearsal that names a version shows it on a real server, which counts among those that were seen.
            if "dryRun" in str(requests[:index]) and [place for place, _, _ in paths(a, b)] == [".answer.metadata.resourceVersion"]:
                return None
            why = meant.reason(request, a, b)
            if not why:
                return index
            meant.COUNTS[why] += 1
            # Whether the list goes on, too, differs then.
            if why == meant.LAGS:
                return None
        # After an answer that differs on purpose both stand at different states, and so they do after a deletion that
        # only one of them carries out at once.
        if meant.lingers(request) and b["status"] == 200:
            return None
        if a["status"] // 100 != b["status"] // 100 and request["method"] != "GET":
            return None
    return None


def gist(request, a, b):
    """What kind of difference it is, so that each is shown once."""
    media = (request.get("type") or "").split("/")[-1]
    kind = next((word for word in sequences.KINDS if f"/{word}" in request["path"]), "?")
    a, b = meant.leveled(request, a), meant.leveled(request, b)
    changed = [place for place, _, _ in paths(a, b)]
    return f"{request['method']} {media} {kind} {a['status']}/{b['status']} {' '.join(changed[:3])}"


def paths(a, b, here=""):
    """Where two answers differ, with what stands there."""
    if isinstance(a, dict) and isinstance(b, dict):
        found = []
        for key in sorted(a.keys() | b.keys()):
            if a.get(key) != b.get(key) or (key in a) != (key in b):
                found += paths(a.get(key, "-"), b.get(key, "-"), f"{here}.{key}")
        return found
    return [(here or ".", a, b)] if a != b else []


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


def answers_kept():
    with lzma.open(record.FILE, "rt") as file:
        head = json.loads(next(file))
        answers = {index: json.loads(line) for index, line in enumerate(file)}
        return head, {index: kept for index, kept in answers.items() if kept is not None}


def compared(ours, seed, kept, isStale, only_first=False):
    """The sequences that differ, with ours as it answers them, and how many requests there were. What differs is asked
    once more when nothing else is, so that neither a slow machine nor a controller that wrote in between is a difference."""
    suspects, asked = {}, 0

    def each(index, requests, answers):
        nonlocal asked
        asked += len(requests)
        if first_difference(requests, kept[index], answers, isStale) is not None:
            suspects[index] = requests

    indices, found = sorted(kept), []
    for start in range(0, len(indices), PORTION if only_first else len(indices)):
        exchange.play_all(ours, seed, indices[start : start + PORTION] if only_first else indices, each)
        player = exchange.Player(ours, "diff0", patience=4)
        for index, requests in sorted(suspects.items()):
            answers = player.play(requests)
            place = first_difference(requests, kept[index], answers, isStale)
            if place is not None:
                found.append((index, requests, place, answers))
                if only_first:
                    return found, asked
        suspects.clear()
    return found, asked


def main(*words):
    switches = {word for word in words if word.startswith("--")}
    address, real, token, seed, count, *_ = [*(word for word in words if word not in switches), *[None] * 5]
    ours, isStale = exchange.Server(address), False
    kept = {}
    if real:
        exchange.play_all(exchange.Server(real, token), seed, range(int(count or 10000)),
                          lambda index, requests, answers: kept.update({index: answers}))
    else:
        head, kept = answers_kept()
        if not switches:
            kept = {index: answers for index, answers in kept.items() if index % SPREAD == 0}
        seed, isStale = head["seed"], head["schemas"] != record.schemas()
        if isStale:
            print("the schemas of our kinds are younger than the answers: what no request names is left out of these kinds;"
                  " Tests/Differential/record.py renews the answers")
    different, asked = compared(ours, seed, kept, isStale, "--first" in switches)
    counts, shortest = collections.Counter(), {}
    for index, requests, place, answers in different:
        kind = gist(requests[place], kept[index][place], answers[place])
        counts[kind] += 1
        if kind not in shortest or place < shortest[kind][2]:
            shortest[kind] = (index, requests, place, answers)
    shrinking = Shrinking(ours, exchange.Server(real, token) if real else None)
    for kind, times in counts.most_common(SHOWN):
        index, requests, place, answers = shortest[kind]
        print(f"\n{times} × {kind} (sequence {index} of seed {seed})")
        show(*shrinking.shrink(requests, place, kept[index], answers))
    for why, times in meant.COUNTS.most_common():
        print(f"{times:6} answers differ on purpose: {why}")
    print(f"{len(kept)} sequences, {asked} requests, {len(different)} sequences differ in {len(counts)} ways")
    return 1 if counts or ours.lost else 0


def show(requests, a, b):
    for request in requests:
        print("   ", json.dumps(request, sort_keys=True)[:2000])
    if a["status"] != b["status"]:
        print(f"    real: {json.dumps(a, sort_keys=True)[:2000]}\n    ours: {json.dumps(b, sort_keys=True)[:2000]}")
        return
    for place, real, ours in paths(meant.leveled(requests[-1], a), meant.leveled(requests[-1], b)):
        print(f"    {place}: real {json.dumps(real, sort_keys=True)[:1500]}, ours {json.dumps(ours, sort_keys=True)[:1500]}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
