"""Where ours answers otherwise on purpose, with the reason; `Compatibility.md` has the same list for people."""

import collections
import json
import re

OWN = ("/regions/", "/workerpools/", "/executionplans/", "/syncpoints/")
PARENTS = ("/regions/", "/workerpools/", "/executionplans/")


def oddity(request, a, b):
    return a["status"] == 500 and b["status"] in (400, 404, 406, 409, 422)


def refusal(request, a, b):
    """Both refuse, and say the same in other words."""
    return 400 <= a["status"] < 500 and b["status"] in (a["status"], 400, 422) and a["status"] in (400, 422)


def both(request, a, b):
    """Both refuse, for another of several reasons that there are."""
    pairs = [(415, 405), (404, 400), (504, 404), (404, 422), (409, 422), (422, 409), (400, 404), (409, 400), (400, 409), (400, 406)]
    return (a["status"], b["status"]) in pairs


def conflicts(request, a, b):
    """A version or an owner: of an object that a controller wrote meanwhile, too."""
    return a["status"] == b["status"] == 409 and isOf(request, OWN) and request["method"] == "PATCH"


def ended(request, a, b):
    return "/namespaces" in request["path"] and request["method"] == "POST" and (a["status"], b["status"]) == (409, 201)


def lingers(request):
    """Deletions that end otherwise on a bare real server: it never ends a namespace, and here the controllers hold what
    they have to clean up after."""
    options = str(request.get("query", "")) + str(request.get("body", ""))
    if request["method"] == "DELETE" and any(word in options for word in ("Orphan", "Foreground", "orphanDependents")):
        return True
    if request["method"] != "DELETE" or "dryRun" in str(request.get("query", "")) + str(request.get("body", "")):
        return False
    return any(p in request["path"] + "/" for p in PARENTS) or re.fullmatch(r"/api/v1/namespaces/[^/]+", request["path"])


def duplicate(request, a, b):
    return isinstance(request.get("body"), str) and a["status"] in (200, 201) and b["status"] == 400


def parent(request, a, b):
    options = str(request.get("query", "")) + str(request.get("body", ""))
    return request["method"] == "DELETE" and any(p in request["path"] + "/" for p in PARENTS) and (
        "Orphan" in options or "orphanDependents" in options)


def patching(request, a, b):
    return request.get("type") == "application/json-patch+json" and (a["status"], b["status"]) in (
        (200, 422), (422, 200), (200, 400))


def controlled(request, a, b):
    """A controller of ours wrote meanwhile, or keeps the object until it has cleaned up."""
    if not any(p in request["path"] + "/" for p in OWN):
        return False
    return (request["method"] == "DELETE" and a["status"] == b["status"] == 200) or (
        b["status"] == 409 and a["status"] in (200, 404)) or (a["status"], b["status"]) == (404, 200)


def large(request, a, b):
    return b["status"] == 413 and a["status"] in (201, 409, 422)


def pointed(request, a, b):
    """A rule of a schema meets a number such as 2.0."""
    causes = (a.get("answer") or {}).get("causes") or []
    isWritten = re.search(r"\d\.0[,}\]]", json.dumps(request.get("body"))) is not None
    return a["status"] == 422 and b["status"] in (200, 201) and isWritten and any(
        cause in causes for cause in ("FieldValueInvalid spec", "FieldValueInvalid .spec.replicas"))


def semantic(request, a, b):
    """What a schema can't say: names that lead nowhere, circles, spans of time beyond a bound."""
    causes = (b.get("answer") or {}).get("causes") or []
    return a["status"] in (200, 201) and b["status"] == 422 and isOf(request, OWN) and bool(causes) and all(
        cause.split(" ")[-1].startswith("spec.") for cause in causes) and (
        "/executionplans" in request["path"] or "9999999h" in str(request.get("body")))


def crowded(request, a, b):
    """A part of the events: controllers write theirs into the same namespace."""
    return request["method"] == "GET" and request["path"].endswith("/events") and a["status"] == b["status"] == 200


def unknown_method(request, a, b):
    return request["method"] == "HEAD" or request["method"] == "OPTIONS" and a["status"] == b["status"]


def longer(request, a, b):
    return a.get("events") is not None and any(event["type"] == "ERROR" for event in a["events"])


def rehearsed(request, a, b):
    isDry = "All" in str((request.get("query") or {}).get("dryRun"))
    return isDry and (a["status"], b["status"]) == (201, 400) and "resourceVersion" in json.dumps(request.get("body"))


def ending(request, a, b):
    """A time of deletion, which is nobody's to write, is kept by a real server in some ways of creating."""
    return "deletionTimestamp" in json.dumps(request.get("body")) and a["status"] in (200, 201)


def lagging(request, a, b):
    return request["method"] == "GET" and "0" in str((request.get("query") or {}).get("resourceVersion")) and (
        a["status"], b["status"]) in ((404, 200), (200, 200), (200, 404))


def sizeless(request, a, b):
    return request["path"].endswith("/scale") and (a["status"], b["status"]) == (500, 200)


def tabled(request, a, b):
    return "yaml;as=" in (request.get("accept") or "") and b["status"] == 406


def encoded(request, a, b):
    return a.get("content") == "application/vnd.kubernetes.protobuf" and a["status"] == b["status"]


def unwritten(request, a, b):
    """What is refused or not shown to whoever asks for another form than JSON: its status alone can be compared."""
    return a["status"] in (200, 201) and b["status"] == 422 and "content" in b and "/executionplans" in request["path"]


def conditions(request, a, b):
    return isOf(request, OWN) and "/status" in request["path"] and a["status"] == b["status"]


def collected(requests):
    """Whether somebody may have been ended because its owners are nowhere: a bare real server has no collector."""
    return any("ownerReferences" in json.dumps(request.get("body")) for request in requests)


def isEnding(answer):
    """Whether what is shown, or some of it, is being deleted, or is not there any more."""
    value = answer.get("answer") or {}
    return "deletionTimestamp" in json.dumps(value) or str(value.get("kind", "")).endswith("List") or value.get("kind") == "Table"


COUNTS = collections.Counter()
LAGS = "any version may be one that was, and all of it at once: a real server answers from a cache that lags"
REASONS = [
    (controlled, "the controllers run: they write status and finalizers of pools, plans, regions and sync points"),
    (oddity, "a real server's 500 for what the client did wrong: a 4xx here"),
    (refusal, "refused by both, with 400 or 422 and causes of their own"),
    (both, "refused by both, for another of the reasons that there are"),
    (conflicts, "conflicts of a version, or of several fields of which a controller's or an empty one is one"),
    (ended, "a bare real server never finishes the deletion of a namespace"),
    (duplicate, "JSON with a repeated key is refused, never read as one of the two"),
    (parent, "what pools, plans and regions made ends with them: nobody else would pay for it"),
    (large, "a document holds at most 1 MiB"),
    (pointed, "a number such as 2.0 is whole where a rule compares it, too"),
    (semantic, "names that lead nowhere, circles and endless spans are refused when they are written"),
    (crowded, "the controllers write events"),
    (longer, "history reaches further back than that of a server that was compacted"),
    (rehearsed, "a create that names a version is refused in a rehearsal, too"),
    (ending, "a time of deletion that a client writes is dropped"),
    (lagging, LAGS),
    (sizeless, "a pool without a size of its own has one of nothing: a real server ends with 500"),
    (tabled, "tables and bare metadata come as JSON"),
    (encoded, "answers are JSON, also for who could read protobuf"),
    (unwritten, "names that lead nowhere and circles are refused when they are written"),
    (conditions, "the controllers write the status"),
    (unknown_method, "methods that nothing has"),
    (patching, "JSON patch to the letter of RFC 6902 where evanphx's library is lax"),
]


def reason(request, a, b):
    return next((why for holds, why in REASONS if holds(request, a, b)), None)


def order(entry):
    return [str(entry.get(name)) for name in ("operation", "manager", "apiVersion", "subresource")]


def strip(value, isOwn):
    """Without what controllers write, and the versions that they move."""
    if isinstance(value, list):
        return [strip(item, isOwn) for item in value]
    if not isinstance(value, dict):
        return value
    value = {key: strip(item, isOwn) for key, item in value.items() if (key, item) != ("continue", "")}
    if isinstance(value.get("managedFields"), list):
        # They come in the order of their seconds, which is chance.
        entries = [{**item, "time": "T"} for item in value["managedFields"] if isinstance(item, dict)]
        if isOwn:
            # Who put the first finalizer there owns the list: a controller is faster here.
            for entry in entries:
                unlisted(entry.get("fieldsV1"))
            entries = [entry for entry in entries if entry.get("fieldsV1")]
        value["managedFields"] = sorted(entries, key=order)
    if "generateName" in value and isinstance(value.get("labels"), dict):
        value["labels"] = {key: item for key, item in value["labels"].items() if key != "kubernetes.io/metadata.name"}
    if isOwn:
        # Of custom resources that are being deleted a real server keeps maps of nothing.
        for name in ("labels", "annotations"):
            if value.get(name) == {}:
                value.pop(name)
        value.pop("resourceVersion", None)
        if isinstance(value.get("status"), dict) and "kind" in value:
            value.pop("status")
        if "finalizers" in value:
            value["finalizers"] = [f for f in value["finalizers"] or [] if f != "reconcile.dev/cleanup"]
            if not value["finalizers"]:
                value.pop("finalizers")
        if "managedFields" in value:
            value["managedFields"] = [
                entry for entry in value["managedFields"] if entry.get("manager") != "reconcile-controller"]
    return value


def unlisted(fields):
    metadata = (fields or {}).get("f:metadata") or {}
    finalizers = metadata.get("f:finalizers")
    if isinstance(finalizers, dict):
        for name in (".", 'v:"reconcile.dev/cleanup"'):
            finalizers.pop(name, None)
        if not finalizers and len(metadata) == 1:
            fields.pop("f:metadata")
        elif not finalizers:
            metadata.pop("f:finalizers")


OURS = re.compile(r"\.[0-9a-f]{16}$")  # Events that our controllers write.
MADE = re.compile(r"(?<=g-|xx)[bcdfghjklmnpqrstvwxz2456789]{5}$")  # The end of a name that a server makes.
AGE = re.compile(r"\d+(s|m|h|d)(\d+(s|m|h))?")


def isOf(request, parts):
    return any(part in request["path"] + "/" for part in parts)


def mentioned(requests):
    """The names of all members in what is sent."""
    names = set()

    def walk(value):
        if isinstance(value, dict):
            names.update(value)
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
            walk(item)

    for request in requests:
        walk(request.get("body"))
    return names


def pruned(value, words):
    if isinstance(value, list):
        return [pruned(item, words) for item in value]
    if not isinstance(value, dict):
        return value
    value = {key: item for key, item in value.items() if key != "managedFields"}
    if isinstance(value.get("spec"), dict):
        value["spec"] = kept(value["spec"], words)
    return {key: item if key == "spec" else pruned(item, words) for key, item in value.items()}


def kept(value, words):
    if isinstance(value, list):
        return [kept(item, words) for item in value]
    return {key: kept(item, words) for key, item in value.items() if key in words} if isinstance(value, dict) else value


def leveled(request, answer, words=None):
    """An answer without what programs do not act on."""
    answer = dict(answer)
    # Warnings go with what is done; those about the contents of certificates are a real server's alone, those about
    # fields that nothing acts on are ours.
    warnings = [w for w in answer.pop("warnings", []) if "tls: " not in w and "not acted on yet" not in w]
    if warnings and answer["status"] < 400 and not request.get("type", "").startswith("application/strategic"):
        answer["warnings"] = warnings
    isOwn = isOf(request, OWN)
    if "events" in answer:
        # Of our own kinds the controllers' writes are told too.
        answer["events"] = [] if isOwn else answer["events"]
    value = answer.get("answer")
    if not isinstance(value, dict):
        return answer
    value = strip(dict(value), isOwn)
    if isOwn and words is not None:
        value = pruned(value, words)
    if request["path"].endswith("/token") and isinstance(value.get("metadata"), dict):
        # Kept nowhere.
        value["metadata"] = {key: item for key, item in value["metadata"].items() if key != "managedFields"}
    if lingers(request) and isinstance(value.get("metadata"), dict):
        value["metadata"] = {key: item for key, item in value["metadata"].items() if key != "finalizers"}
    if "All" in str((request.get("query") or {}).get("dryRun")) and isinstance(value.get("metadata"), dict):
        value["metadata"] = {key: item for key, item in value["metadata"].items() if key != "resourceVersion"}
    if value.get("kind") == "Table":
        # Columns have descriptions of their own, and ages are of the moment.
        value["columnDefinitions"] = [column["name"] for column in value.get("columnDefinitions") or []]
        value["rows"] = [
            {**row, "cells": ["AGE" if AGE.fullmatch(str(cell)) else MADE.sub("?????", str(cell)) if "-" in str(cell) or "xxx" in str(cell)
                              else cell for cell in row["cells"][: 1 if isOwn else None]]}
            for row in value.get("rows") or []
        ]
    elif str(value.get("kind", "")).endswith("List") and "items" in value:
        # Items of Kubernetes' own kinds say here what they are.
        value["items"] = [
            {key: item[key] for key in item if key not in ("apiVersion", "kind")} for item in value["items"] or []
            if not OURS.search(item.get("metadata", {}).get("name", ""))
        ]
    return {**answer, "answer": value}
