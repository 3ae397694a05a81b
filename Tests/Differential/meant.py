"""Where ours answers otherwise on purpose, with the reason; `Compatibility.md` has the same list for people."""

import re

OWN = ("/regions/", "/workerpools/", "/executionplans/", "/syncpoints/")
PARENTS = ("/regions/", "/workerpools/", "/executionplans/")


def oddity(request, a, b):
    return a["status"] == 500 and b["status"] in (400, 404, 409, 422)


def refusal(request, a, b):
    """Both refuse, and say the same in other words."""
    return 400 <= a["status"] < 500 and b["status"] in (a["status"], 400, 422) and a["status"] in (400, 422)


def both(request, a, b):
    """Both refuse, for another of several reasons that there are."""
    pairs = [(415, 405), (404, 400), (504, 404), (404, 422), (409, 422), (422, 409), (400, 404)]
    return (a["status"], b["status"]) in pairs


def ended(request, a, b):
    return "/namespaces" in request["path"] and request["method"] == "POST" and (a["status"], b["status"]) == (409, 201)


def duplicate(request, a, b):
    return isinstance(request.get("body"), str) and a["status"] in (200, 201) and b["status"] == 400


def parent(request, a, b):
    options = str(request.get("query", "")) + str(request.get("body", ""))
    return request["method"] == "DELETE" and any(p in request["path"] + "/" for p in PARENTS) and (
        "Orphan" in options or "orphanDependents" in options)


def patching(request, a, b):
    return request.get("type") == "application/json-patch+json" and (a["status"], b["status"]) in ((200, 422), (422, 200))


def controlled(request, a, b):
    """A controller of ours wrote meanwhile, or keeps the object until it has cleaned up."""
    if not any(p in request["path"] + "/" for p in OWN):
        return False
    return (request["method"] == "DELETE" and a["status"] == b["status"] == 200) or (
        b["status"] == 409 and a["status"] in (200, 404)) or (a["status"], b["status"]) == (404, 200)


REASONS = [
    (controlled, "the controllers run: they write status and finalizers of pools, plans, regions and sync points"),
    (oddity, "a real server's 500 for what the client did wrong: a 4xx here"),
    (refusal, "refused by both, with 400 or 422 and causes of their own"),
    (both, "refused by both, for another of the reasons that there are"),
    (ended, "a bare real server never finishes the deletion of a namespace"),
    (duplicate, "JSON with a repeated key is refused, never read as one of the two"),
    (parent, "what pools, plans and regions made ends with them: nobody else would pay for it"),
    (patching, "JSON patch to the letter of RFC 6902 where evanphx's library is lax"),
]


def reason(request, a, b):
    return next((why for holds, why in REASONS if holds(request, a, b)), None)


def strip(value, isOwn):
    """Without what controllers write, and the versions that they move."""
    if isinstance(value, list):
        return [strip(item, isOwn) for item in value]
    if not isinstance(value, dict):
        return value
    value = {key: strip(item, isOwn) for key, item in value.items() if (key, item) != ("continue", "")}
    if isOwn:
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


OURS = re.compile(r"\.[0-9a-f]{16}$")  # Events that our controllers write.
AGE = re.compile(r"\d+(s|m|h|d)(\d+(s|m|h))?")


def leveled(request, answer):
    """An answer without what programs do not act on."""
    answer = dict(answer)
    # Warnings go with what is done; those about the contents of certificates are a real server's alone.
    warnings = [w for w in answer.pop("warnings", []) if "tls: " not in w]
    if warnings and answer["status"] < 400 and not request.get("type", "").startswith("application/strategic"):
        answer["warnings"] = warnings
    isOwn = any(p in request["path"] + "/" for p in OWN)
    if "events" in answer:
        # Of our own kinds the controllers' writes are told too.
        answer["events"] = [] if isOwn else answer["events"]
    value = answer.get("answer")
    if not isinstance(value, dict):
        return answer
    value = strip(dict(value), isOwn)
    if "items" in value or value.get("kind") == "Table":
        # Other sequences write meanwhile: the version of a list is theirs too.
        value.get("metadata", {}).pop("resourceVersion", None)
    if value.get("kind") == "Table":
        # Columns have descriptions of their own, and ages are of the moment.
        value["columnDefinitions"] = [column["name"] for column in value.get("columnDefinitions") or []]
        value["rows"] = [
            {**row, "cells": ["AGE" if AGE.fullmatch(str(cell)) else cell for cell in row["cells"][: 1 if isOwn else None]]}
            for row in value.get("rows") or []
        ]
    elif str(value.get("kind", "")).endswith("List") and "items" in value:
        # Items of Kubernetes' own kinds say here what they are.
        value["items"] = [
            {key: item[key] for key in item if key not in ("apiVersion", "kind")} for item in value["items"] or []
            if not OURS.search(item.get("metadata", {}).get("name", ""))
        ]
    return {**answer, "answer": value}
