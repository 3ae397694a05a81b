"""Holds what kubectl prints here against what it printed on a real API server.

    compare.py KUBECTL KUBECONFIG                 with the outputs that are kept
    compare.py KUBECTL KUBECONFIG record          keeps them: the server is a real one with manifests/crds

Of an output names of machines, uids, versions, times and ages are taken out. Ends with 1 where a command prints something
else than it should or ends in another way.
"""

import difflib
import json
import lzma
import os
import re
import shlex
import subprocess
import sys
import tempfile

import commands

KEPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "outputs.json.xz")
LEVEL = [
    (re.compile(r"^([WEI])\d{4} [\d:.]+ +\d+ ", re.M), r"\1 "),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UID"),
    (re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?( \+0000 UTC)?"), "TIME"),
    (re.compile(r'(resourceVersion"?: *"?)\d+'), r"\1VERSION"),
    (re.compile(r"https://[0-9.]+:\d+"), "SERVER"),
    (re.compile(r"/\S*/(\w+)\.yaml"), r"\1.yaml"),
    (re.compile(r"(?<!\S)(\d+[smhd])+(?!\S)"), "AGE"),
    (re.compile(r"/tmp/(LIVE|MERGED)-\d+"), r"/tmp/\1"),
    (re.compile(r" +"), " "),
]
# What is meant to be said otherwise, and why.
MEANT = {
    "get --raw /apis/reconcile.dev/v1alpha1/namespaces/kdiff/ponds": "a page that is not there, in plain text",
    "describe namespace kdiff": "there are no quotas and limits whose absence could be told",
    """patch cm a --type=json -p '[{"op":"test","path":"/data/j","value":"2"}]'""": "which test failed is said",
    """patch cm a -p '{"data":{"s":1}}'""": "the patched object is shown, not Go's map of the patch",
}
EXPLAINED = re.compile(r"^(GROUP|KIND|VERSION|FIELD):|^\s*\w+\t?\s*<")
STRUCT = re.compile(r"<(\[\])?[A-Z]\w+>")


def leveled(text, line=""):
    if line.startswith("explain "):
        # Fields and their types: descriptions are in words of our own, and names of Go's structs are nobody's business.
        text = "\n".join(STRUCT.sub(r"<\1Object>", part) for part in text.splitlines() if EXPLAINED.search(part))
    for pattern, word in LEVEL:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def version(kubectl):
    said = subprocess.run([kubectl, "version", "--client", "-o", "json"], capture_output=True, text=True, check=True)
    number = json.loads(said.stdout)["clientVersion"]
    return f"{number['major']}.{number['minor'].rstrip('+')}"


def run(kubectl, kubeconfig):
    """Each command's exit code and output."""
    found = []
    with tempfile.TemporaryDirectory() as place:
        for name, text in commands.FILES.items():
            with open(os.path.join(place, name + ".yaml"), "w", encoding="utf-8") as file:
                file.write(text)
        for line in commands.COMMANDS.strip().splitlines():
            words = [re.sub(r"^\{(\w+)\}$", lambda m: os.path.join(place, m[1] + ".yaml"), word) for word in shlex.split(line)]
            done = subprocess.run(
                [kubectl, "--kubeconfig", kubeconfig, "-n", "kdiff", *words], capture_output=True, text=True, timeout=60,
                stdin=subprocess.DEVNULL, env={**os.environ, "HOME": place, "KUBECTL_EXTERNAL_DIFF": "diff -u"})
            found.append([line, done.returncode, leveled(done.stdout + done.stderr, line)])
    return found


def kept():
    if not os.path.exists(KEPT):
        return {}
    with lzma.open(KEPT, "rt", encoding="utf-8") as file:
        return json.load(file)


def main(kubectl, kubeconfig, mode="compare"):
    number, outputs = version(kubectl), kept()
    seen = run(kubectl, kubeconfig)
    if mode == "record":
        outputs[number] = seen
        with lzma.open(KEPT, "wt", encoding="utf-8", preset=9) as file:
            json.dump(outputs, file)
        print(f"kubectl {number}: {len(seen)} commands kept")
        return 0
    # A version that nobody recorded is held against the newest that somebody did.
    newest = max(outputs, key=lambda text: [int(part) for part in text.split(".")])
    real = {line: rest for line, *rest in zip_repeated(outputs.get(number, outputs[newest]))}
    different = 0
    for line, *ours in zip_repeated(seen):
        if line in real and ordered(real[line]) != ordered(ours) and line.rsplit("#", 1)[0] not in MEANT:
            different += 1
            print(f"{line}: ends with {ours[0]}, {real[line][0]} on a real server; it prints (-) where that prints (+):")
            for change in difflib.unified_diff(ours[1].splitlines(), real[line][1].splitlines(), lineterm="", n=0):
                if not change.startswith(("---", "+++", "@@")):
                    print("   ", change)
    print(f"kubectl {number}: {len(seen)} commands, {different} print something else")
    return 1 if different else 0


def ordered(found):
    """Members of maps are printed in any order."""
    return found[0], sorted(found[1].splitlines())


def zip_repeated(found):
    """Commands that come again are told apart."""
    times = {}
    for line, *rest in found:
        times[line] = times.get(line, 0) + 1
        yield f"{line}#{times[line]}", *rest


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
