"""Request sequences from a seed: every verb, kind, option, selector, patch and content type, right and wrong.

A sequence is a list of requests, each a dict: method, path, query, type, accept, body (a value, or text as it is), agent.
In paths NS stands for the namespace it runs in. In bodies and queries "{rv}" and "{uid}" stand for those of the object
answered last, "{old}" for the version answered first, "{start}" for the list's version before the sequence.
"""

import copy
import json
import random

OWN = "/apis/reconcile.dev/v1alpha1/namespaces/NS/"
CORE = "/api/v1/namespaces/NS/"

KINDS = {
    "configmaps": (CORE, "v1", "ConfigMap"),
    "secrets": (CORE, "v1", "Secret"),
    "serviceaccounts": (CORE, "v1", "ServiceAccount"),
    "events": (CORE, "v1", "Event"),
    "leases": ("/apis/coordination.k8s.io/v1/namespaces/NS/", "coordination.k8s.io/v1", "Lease"),
    "newevents": ("/apis/events.k8s.io/v1/namespaces/NS/", "events.k8s.io/v1", "Event"),
    "workerpools": (OWN, "reconcile.dev/v1alpha1", "WorkerPool"),
    "syncpoints": (OWN, "reconcile.dev/v1alpha1", "SyncPoint"),
    "executionplans": (OWN, "reconcile.dev/v1alpha1", "ExecutionPlan"),
    "regions": ("/apis/reconcile.dev/v1alpha1/", "reconcile.dev/v1alpha1", "Region"),
    "namespaces": ("/api/v1/", "v1", "Namespace"),
}
WEIGHTS = [24, 14, 10, 8, 14, 6, 16, 8, 4, 3, 4]
OF_OURS = {"workerpools", "syncpoints", "executionplans", "regions"}
TIME = "2026-01-02T03:04:05Z"
MICRO = "2026-01-02T03:04:05.000006Z"


def contents(r, kind):
    """The members of a right object beside its metadata."""
    if kind == "configmaps":
        body = {"data": {k: r.choice(["1", "2", "x y", ""]) for k in r.sample("abcd", r.randint(0, 3))}}
        if r.random() < 0.2:
            body["binaryData"] = {"bin": "AQID"}
        if r.random() < 0.12:
            body["immutable"] = r.choice([True, False])
        return body
    if kind == "secrets":
        return r.choice([
            {"data": {"a": "MQ=="}}, {"stringData": {"a": "1", "b": "2"}}, {"type": "Opaque", "data": {}},
            {"type": "kubernetes.io/tls", "data": {"tls.crt": "MQ==", "tls.key": "MQ=="}},
            {"type": "kubernetes.io/basic-auth", "stringData": {"username": "u"}},
            {"data": {"a": "MQ=="}, "immutable": True}, {"type": "example.com/own"},
            {"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": "{}"}},
        ])
    if kind == "serviceaccounts":
        return r.choice([
            {}, {"secrets": [{"name": "a"}, {"name": "b"}]}, {"imagePullSecrets": [{"name": "p"}]},
            {"automountServiceAccountToken": False}, {"secrets": [{"name": "a", "namespace": "x"}]},
        ])
    if kind == "events":
        about = {"kind": "ConfigMap", "name": "x", "namespace": "NS"}
        return r.choice([
            {"involvedObject": about, "reason": "Made", "message": "m", "type": "Normal", "count": 1,
             "firstTimestamp": TIME, "lastTimestamp": TIME, "source": {"component": "c"}},
            {"involvedObject": about, "eventTime": MICRO, "reportingComponent": "example.com/c",
             "reportingInstance": "i", "action": "a", "reason": "r", "type": "Normal"},
            {"involvedObject": about},
        ])
    if kind == "newevents":
        return {"regarding": {"kind": "ConfigMap", "name": "x", "namespace": "NS"}, "eventTime": MICRO,
                "reportingController": "example.com/c", "reportingInstance": "i", "action": "a", "reason": "r",
                "type": r.choice(["Normal", "Warning"]), "note": "n"}
    if kind == "leases":
        return r.choice([
            {"spec": {"holderIdentity": "a", "leaseDurationSeconds": 15, "renewTime": MICRO, "acquireTime": MICRO}},
            {"spec": {"holderIdentity": "", "leaseTransitions": 0}}, {"spec": {}}, {},
            {"spec": {"renewTime": "2026-01-02T05:04:05.100000+02:00"}},
        ])
    if kind == "workerpools":
        spec = {"region": "east"}
        for name, values in (("minWorkers", [0, 1]), ("maxWorkers", [3, 5]), ("replicas", [1, 2])):
            if r.random() < 0.4:
                spec[name] = r.choice(values)
        if r.random() < 0.3:
            spec["worker"] = {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}
        return {"spec": spec}
    if kind == "syncpoints":
        return {"spec": {"participants": [{"external": name} for name in r.sample("abc", r.randint(1, 3))]}}
    if kind == "executionplans":
        return {"spec": {"tasks": [{"name": n, "run": {"command": ["true"]}} for n in "ab"[: r.randint(1, 2)]]}}
    if kind == "regions":
        return {"spec": {"provider": {"local": {}}}}
    return r.choice([{}, {"spec": {"finalizers": ["kubernetes"]}}, {"spec": {}}])


def metadata(r, name):
    meta = {"name": name}
    if r.random() < 0.5:
        meta["labels"] = {k: r.choice(["x", "y", ""]) for k in r.sample(["app", "tier", "n"], r.randint(1, 2))}
    if r.random() < 0.2:
        meta["annotations"] = {"example.com/note": r.choice(["1", "2"])}
    if r.random() < 0.08:
        meta["finalizers"] = r.choice([["example.com/hold"], ["example.com/hold", "example.com/more"]])
    if r.random() < 0.08:
        meta["ownerReferences"] = [owner(r) for _ in range(r.randint(1, 2))]
    return meta


def owner(r):
    ref = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": r.choice(["u1", "u2"])}
    if r.random() < 0.4:
        ref["controller"] = r.choice([True, False])
    return ref


WRONG = ["x", 1, -1, True, None, [], {}, ["a"], {"a": 1}, 2.0, 1.5, "", 99999999999, [None]]
WRONG_META = [
    ("name", ["", "A", "a_b", "a" * 254, "..", None]), ("generateName", ["g-", "G"]),
    ("namespace", ["other", 1, ""]), ("uid", [1, "foreign", ""]), ("resourceVersion", [1, "1", "abc", ""]),
    ("generation", ["x", 7]), ("creationTimestamp", ["x", None, TIME, 1]), ("deletionTimestamp", [TIME, "x"]),
    ("labels", [[], {"a": 1}, {"a b": "x"}, {"a": "b c"}, None, {}, {"a": None}, {"é": "x"}]),
    ("annotations", [{"Foo.example.com/x": "1"}, {"a b": ""}, {"a": "x" * 200}, None, {"": "x"}]),
    ("finalizers", [{}, ["a"], ["example.com/a", "example.com/a"], [""], None, ["example.com/a", None]]),
    ("ownerReferences", [[{}], [{"uid": 1}], None,
        [{"apiVersion": "v1", "kind": "Event", "name": "e", "uid": "u"}],
        [{"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "u"}] * 2,
        [{"apiVersion": "v1", "kind": "X", "name": n, "uid": n, "controller": True} for n in ("a", "b")]]),
    ("managedFields", ["x", [], [{}], None, [{"manager": "m"}]]), ("bogus", [1]), ("selfLink", ["/x"]),
]
WRONG_DATA = [{"../a b": "1"}, {"": "1"}, {"..": "1"}, {"k" * 254: "1"}, {"a": 1}, {"a": None}, {"a": True}, [], "x", None,
              {}, {"$patch": "x"}]


def spoil(r, kind, body):
    """Makes one thing about an object wrong, or odd."""
    roll = r.random()
    if roll < 0.4:
        name, values = r.choice(WRONG_META)
        body["metadata"][name] = r.choice(values)
    elif roll < 0.5:
        body["bogus"] = 1
    elif roll < 0.55:
        body[r.choice(["kind", "apiVersion"])] = r.choice(["Foo", "v2", "", 1, "Secret"])
    elif kind in ("configmaps", "secrets") and roll < 0.8:
        member = r.choice(["data", "binaryData", "stringData", "immutable", "type"])
        values = WRONG_DATA + [{"z": "!!"}, {"z": "MQ=="}, {"a": "MQ"}]
        body[member] = r.choice(values if "ata" in member else WRONG)
    elif kind == "leases":
        spec = body.setdefault("spec", {})
        name = r.choice(["leaseDurationSeconds", "renewTime", "holderIdentity", "leaseTransitions", "bogus", "strategy"])
        spec[name] = r.choice(WRONG + [0, "15", TIME, MICRO])
    elif kind in ("events", "newevents"):
        name = r.choice(["involvedObject", "count", "series", "eventTime", "type", "message", "note", "reportingComponent",
                         "reportingController", "action", "firstTimestamp", "source", "related"])
        body[name] = r.choice(WRONG + [TIME, MICRO, "x" * 1100, {"count": 1}, {"namespace": "other"}])
    elif kind == "workerpools":
        spec = body["spec"]
        spec[r.choice(["maxWorkers", "minWorkers", "replicas", "region", "bogus", "worker"])] = r.choice(WRONG)
    else:
        body[r.choice(["spec", "status", "secrets", "automountServiceAccountToken", "imagePullSecrets"])] = r.choice(WRONG)


class Drawing(random.Random):
    def choice(self, values):
        """A copy: what is drawn is written into."""
        return copy.deepcopy(super().choice(values))


class Sequence:
    def __init__(self, seed, index):
        self.r = Drawing(f"{seed}:{index}")
        self.kind = self.r.choices(list(KINDS), WEIGHTS)[0]
        base, self.version, self.word = KINDS[self.kind]
        self.collection = base + self.kind.removeprefix("new")
        self.names = [f"s{index}a", f"s{index}b"]
        if self.kind in ("events", "newevents") and self.r.random() < 0.2:
            self.names[0] = f"s{index}_A:x"
        self.requests = []
        for name in self.names[: self.r.randint(1, 2)]:
            if self.r.random() < 0.85:
                self.create(name)
        for _ in range(self.r.randint(1, 4)):
            self.step()
        if self.r.random() < 0.06 and self.kind not in ("regions", "namespaces"):
            self.watch()

    def send(self, method, path, body=None, query=None, **rest):
        request = {"method": method, "path": path}
        if body is not None:
            request["body"] = body
        if query:
            request["query"] = query
        request.update(rest)
        self.requests.append(request)

    def object(self, name, spoilt=0.25):
        body = {"apiVersion": self.version, "kind": self.word, "metadata": metadata(self.r, name)}
        body.update(contents(self.r, self.kind))
        if self.r.random() < spoilt:
            spoil(self.r, self.kind, body)
        return body

    def writing(self):
        r, query = self.r, {}
        if r.random() < 0.15:
            query["dryRun"] = r.choice(["All", "All", "all", "true", "", "x"])
        if r.random() < 0.25:
            query["fieldManager"] = r.choice(["m1", "m2", "m3", "", "x" * 129, "a\nb", "é"])
        if r.random() < 0.3:
            query["fieldValidation"] = r.choice(["Strict", "Strict", "Warn", "Ignore", "strict", "Foo", ""])
        return query

    def create(self, name):
        r, rest = self.r, {}
        body = self.object(name)
        if r.random() < 0.06:
            body = r.choice(['{"metadata":{"name":"%s"},"data":{"a":NaN}}', "a: b", "1", '"x"', "", "[]", "null",
                             "{'a': 1}", '{"metadata":{"name":"%s"},}']).replace("%s", name)
        elif r.random() < 0.06:
            rest["type"] = r.choice(["application/yaml", "application/JSON", "application/json; charset=utf-8",
                                     "text/plain", "*/*", "application/x-www-form-urlencoded"])
        if r.random() < 0.05:
            rest["accept"] = r.choice(["application/yaml", TABLE, PARTIAL, "text/html", "application/json;as=Foo"])
        self.send("POST", self.collection, body, self.writing(), **rest)

    def step(self):
        steps = [self.get, self.list, self.put, self.merge, self.json_patch, self.apply, self.apply, self.delete,
                 self.delete, self.delete_collection, self.sub, self.strategic, self.stray]
        self.r.choices(steps, [8, 14, 14, 14, 6, 12, 12, 10, 10, 4, 5, 10, 3])[0]()

    def path(self):
        return f"{self.collection}/{self.r.choice(self.names)}"

    def get(self):
        r, query = self.r, {}
        if r.random() < 0.2:
            query["resourceVersion"] = r.choice(["0", "{rv}", "abc", "99999999999", ""])
        self.send("GET", self.path(), None, query, accept=r.choice(["", "", TABLE, PARTIAL, "application/yaml"]))

    def selecting(self):
        r, query = self.r, {}
        if r.random() < 0.6:
            query["labelSelector"] = r.choice(SELECTORS)
        if r.random() < 0.2:
            query["fieldSelector"] = r.choice(FIELDS).replace("%s", self.names[0])
        return query

    def list(self):
        if self.kind in ("regions", "namespaces"):
            return self.get()
        r, query = self.r, self.selecting()
        for name, values, chance in LISTING:
            if r.random() < chance:
                query[name] = r.choice(values)
        self.send("GET", self.collection, None, query, accept=r.choice(["", "", "", TABLE, PARTIAL, PARTIALS]))

    def watch(self):
        query = self.selecting()
        query.update({"watch": self.r.choice(["true", "True", "1", ""]), "timeoutSeconds": "1"})
        query["resourceVersion"] = "{start}"
        if self.r.random() < 0.3:
            query["allowWatchBookmarks"] = "false"
        self.send("GET", self.collection, None, query, stream=True)

    def put(self):
        r, name = self.r, self.r.choice(self.names)
        body = self.object(name)
        body["metadata"].setdefault("resourceVersion", r.choice(["{rv}", "{rv}", "{rv}", "{old}", ""]))
        if r.random() < 0.1:
            body["metadata"]["uid"] = r.choice(["{uid}", "foreign"])
        self.send("PUT", f"{self.collection}/{name}", body, self.writing())

    def merge(self):
        r = self.r
        patch = r.choice([
            {"metadata": {"labels": {"app": r.choice(["x", "y", None, ""])}}}, {"metadata": {"labels": None}},
            {"metadata": {"annotations": {"example.com/n": r.choice(["1", None])}}}, {}, {"metadata": {}},
            {"metadata": {"finalizers": r.choice([None, ["example.com/hold"], []])}}, {"metadata": {"resourceVersion": "{rv}"}},
            {"metadata": {"resourceVersion": r.choice(["", "{old}", None])}}, {"metadata": {"creationTimestamp": TIME}},
            {"metadata": {"managedFields": r.choice([[], [{}], None])}}, {"metadata": {"name": "other"}},
            {"metadata": {"uid": r.choice(["{uid}", "foreign", None])}}, {"bogus": 1}, {"status": {"phase": "x"}},
        ])
        if r.random() < 0.5:
            patch = contents(r, self.kind)
            if r.random() < 0.3:
                patch["metadata"] = {}
                spoil(r, self.kind, patch)
        if r.random() < 0.04:
            patch = r.choice(["x", [], 1, "{"])
        query = self.writing()
        if r.random() < 0.04:
            query["force"] = "true"
        self.send("PATCH", self.path(), patch, query, type="application/merge-patch+json")

    def json_patch(self):
        r = self.r
        ops = [r.choice([
            {"op": "add", "path": "/metadata/labels", "value": {"app": "j"}},
            {"op": "add", "path": "/metadata/labels/app", "value": "j"},
            {"op": "replace", "path": "/metadata/labels/app", "value": "k"},
            {"op": "remove", "path": "/metadata/labels/app"}, {"op": "remove", "path": "/metadata/finalizers"},
            {"op": "test", "path": "/metadata/labels/app", "value": r.choice(["x", "j"])},
            {"op": "test", "path": "/metadata/name", "value": self.names[0]},
            {"op": "add", "path": "/data/z", "value": "1"}, {"op": "add", "path": "/data", "value": {"z": "MQ=="}},
            {"op": "move", "from": "/metadata/labels", "path": "/metadata/annotations"},
            {"op": "copy", "from": "/metadata/name", "path": "/metadata/generateName"},
            {"op": "bogus", "path": "/x"}, {"op": "add", "path": "x", "value": 1}, {"op": "add", "path": "/kind", "value": "Foo"},
        ]) for _ in range(r.randint(1, 2))]
        self.send("PATCH", self.path(), r.choice([ops, ops, ops, {"op": "x"}]), self.writing(),
                  type="application/json-patch+json")

    def apply(self):
        r, name = self.r, self.r.choice(self.names)
        body = self.object(name, spoilt=0.15)
        body["metadata"].pop("ownerReferences", None) if r.random() < 0.5 else None
        if r.random() < 0.2:
            member = r.choice(["creationTimestamp", "labels", "annotations", "finalizers"])
            body["metadata"][member] = None
        if r.random() < 0.06:
            body["metadata"]["uid"] = r.choice(["{uid}", "foreign"])
        query = {"fieldManager": r.choice(["m1", "m2", "m3"])}
        if r.random() < 0.4:
            query["force"] = r.choice(["true", "True", "false", "1"])
        if r.random() < 0.1:
            query["dryRun"] = r.choice(["All", "all"])
        if r.random() < 0.05:
            query.pop("fieldManager")
        self.send("PATCH", f"{self.collection}/{name}", body, query, type="application/apply-patch+yaml")

    def strategic(self):
        r = self.r
        patch = r.choice([
            {"data": {"$patch": "replace", "only": "MQ=="}}, {"$patch": "replace", "data": {"only": "MQ=="}},
            {"data": {"$retainKeys": ["a"], "a": "MQ=="}}, {"data": {"a": None, "n": "MQ=="}}, {"data": "x"},
            {"data": {"$patch": "delete"}}, {"data": {"$patch": "foo"}}, {"$foo": 1}, {"kind": "Foo"},
            {"metadata": {"ownerReferences": [owner(r)]}},
            {"metadata": {"ownerReferences": [{"$patch": "replace"}, owner(r)]}},
            {"metadata": {"ownerReferences": [{"$patch": "delete", "uid": r.choice(["u1", "u2"])}]}},
            {"metadata": {"finalizers": ["example.com/more"]}},
            {"metadata": {"$deleteFromPrimitiveList/finalizers": ["example.com/hold"]}},
            {"metadata": {"$setElementOrder/finalizers": ["example.com/more", "example.com/hold"],
                          "finalizers": ["example.com/more"]}},
            {"secrets": [{"name": "b", "$patch": "delete"}, {"name": "c"}]}, {"imagePullSecrets": [{"name": "q"}]},
            {"metadata": {"labels": {"app": r.choice(["s", None])}}}, {"bogus": 1}, {"immutable": r.choice([None, False])},
        ])
        self.send("PATCH", self.path(), patch, self.writing(), type="application/strategic-merge-patch+json")

    def deleting(self):
        r = self.r
        roll = r.random()
        if roll < 0.4:
            return None, {}
        if roll < 0.65:
            return None, {r.choice(["propagationPolicy", "dryRun", "gracePeriodSeconds", "orphanDependents"]): r.choice(
                ["Background", "Foreground", "All", "all", "0", "x", "", "true"])}
        body = r.choice([
            {"preconditions": {"uid": "{uid}"}}, {"preconditions": {"resourceVersion": "{rv}"}},
            {"preconditions": {"resourceVersion": "{old}"}}, {"preconditions": {"uid": "foreign"}},
            {"preconditions": {"uid": 1}}, {"gracePeriodSeconds": "x"}, {"gracePeriodSeconds": 0},
            {"propagationPolicy": "Background"}, {"propagationPolicy": "Foreground"}, {"propagationPolicy": "x"},
            {"orphanDependents": False}, {"orphanDependents": False, "propagationPolicy": "Background"},
            {"dryRun": ["All"]}, {"dryRun": "All"}, {"dryRun": ["x"]}, {"kind": "Pod", "apiVersion": "v1"},
            {"kind": "DeleteOptions", "apiVersion": "v1"}, {"bogus": 1}, "1", '"x"', "[]", "{",
        ])
        return body, {}

    def delete(self):
        body, query = self.deleting()
        rest = {"type": "application/yaml"} if isinstance(body, dict) and self.r.random() < 0.1 else {}
        self.send("DELETE", self.path(), body, query, **rest)

    def delete_collection(self):
        if self.kind in ("regions", "namespaces"):
            return self.send("DELETE", self.collection, None, {"labelSelector": "never=matches", "dryRun": "All"})
        body, query = self.deleting()
        query.update(self.selecting())
        if self.r.random() < 0.2:
            query["limit"] = "1"
        self.send("DELETE", self.collection, body, query)

    def sub(self):
        r = self.r
        part = r.choice(["status", "scale", "foo", "finalize"])
        path = f"{self.path()}/{part}"
        if self.kind == "namespaces" and part == "finalize":
            return self.get()
        method = r.choice(["GET", "DELETE", "POST", "PATCH", "PATCH"])
        if method == "PATCH":
            patch = r.choice([{"status": {"replicas": 1}}, {"spec": {"replicas": 2}}, {"metadata": {"labels": {"a": "b"}}}])
            return self.send("PATCH", path, patch, None, type="application/merge-patch+json")
        self.send(method, path, {} if method == "POST" else None)

    def stray(self):
        r = self.r
        base = self.collection.rsplit("/", 1)[0]
        everywhere = self.collection.replace("/namespaces/NS", "")
        method, path = r.choice([
            ("GET", f"{base}/foos"), ("DELETE", everywhere), ("PUT", self.collection), ("PATCH", self.collection),
            ("POST", self.path()), ("POST", everywhere), ("GET", "/apis/foo.example.com/v1/x"), ("GET", "/api/v2"),
        ])
        if method == "DELETE" and self.kind in ("regions", "namespaces"):
            method = "PUT"
        self.send(method, path, self.object(self.names[0], 0) if method in ("PUT", "POST") else None)


TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
PARTIALS = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
SELECTORS = [
    "app=x", "app=", "app==x", "app!=x", "app", "!app", "app in (x,y)", "app in(x)", "app notin (x)", "app in ()",
    "app notin ()", "n>1", "n<1", "app,tier", "app=x,tier=y", "app,", "app=x,", "a=b=c", "=x", "app in x", "a b", "app in (,x)",
    " app = x ", "app!=", "in", "app=x y", "(", "tier notin (x, y)", "app=-",
]
FIELDS = [
    "metadata.name=%s", "metadata.name!=%s", "metadata.namespace=NS", "metadata.name=a=b", "metadata.name=a\\,b", "bogus=1",
    " metadata.name=%s", "metadata.name", "type=Opaque", "status.phase=Active", "reason=Made", "metadata.name==%s", "",
    "involvedObject.name=x", "metadata.name=%s,", "type!=Opaque",
]
LISTING = [
    ("limit", ["1", "2", "0", "-1", "x", ""], 0.2), ("resourceVersion", ["0", "{rv}", "{old}", "abc", ""], 0.2),
    ("resourceVersionMatch", ["Exact", "NotOlderThan", "x"], 0.12), ("timeoutSeconds", ["1", "x", "-1"], 0.06),
    ("sendInitialEvents", ["true", "false"], 0.04), ("watch", ["false", "0", "False"], 0.08),
    ("allowWatchBookmarks", ["true"], 0.05), ("continue", ["x"], 0.03),
]


def sequence(seed, index):
    return Sequence(seed, index).requests


if __name__ == "__main__":
    import sys

    print(json.dumps(sequence(sys.argv[1], int(sys.argv[2])), indent=1))
