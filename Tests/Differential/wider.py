"""More of what requests can hold: values deep in the kinds of ours, names and texts at their bounds, bodies that are
hardly bodies, protobuf, paging, watches from any version, subresources and reviews."""

import json

import protobuf
import sequences
from sequences import MICRO, PARTIAL, PARTIALS, TABLE, TIME

DURATIONS = ["5s", "0s", "1h", "1.5h", "-1s", "5", 5, "", "1d", "1h30m", "100ms", "9999999h", None]
COUNTS = [0, 1, 2, 3, 10, 100, -1, 1001, 2.0, 1.5, 2147483648, "1", True, None, 1e3]
QUANTITIES = [1, 0, "1", "500m", "2Gi", "1.5", "-1", "x", "", 1.5, 2.0, "1e3", -1, None, True]
FLAGS = [True, False, None, "true", 1, ""]
TEXTS = ["a", "", "A b", "a.b", "x" * 64, "x" * 300, 1, None, "é", "a/b"]
LISTS = [[], ["a"], ["a", "b"], ["a", "a"], None, "a", [1], [""], {}]
ENV = [
    [{"name": "A", "value": "1"}], [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
    [{"name": "A"}, {"name": "A", "value": "2"}], [{"value": "1"}], [], None, [None], [{"name": "A", "value": None}],
    [{"name": "A", "value": "3"}, {"name": "C", "value": "1"}], [{"name": 1}], [{"name": "A", "bogus": 1}],
]
TASKS = [
    [{"name": "a", "run": {"command": ["true"]}}], [{"name": "b", "run": {"command": ["true"]}, "dependsOn": ["a"]},
    {"name": "a", "run": {"command": ["true"]}}], [{"name": "a", "run": {"command": ["true"]}}] * 2, [], None,
    [{"name": "a", "run": {"command": []}}], [{"name": "a", "run": {}}], [{"name": "A", "run": {"command": ["x"]}}],
    [{"name": "c", "run": {"command": ["x"], "env": [{"name": "A", "value": "1"}]}, "priority": 5}],
    [{"name": "a", "run": {"command": ["true"]}, "requires": {"cpu": 2, "gpu": {}}}], [{"run": {"command": ["x"]}}],
    [{"name": "a", "dependsOn": ["a"], "run": {"command": ["true"]}}],
    [{"name": "a", "dependsOn": ["nobody"], "run": {"command": ["true"]}}],
]
FIELDS = {
    "workerpools": [
        ("maxWorkers", COUNTS), ("minWorkers", COUNTS), ("replicas", COUNTS), ("suspend", FLAGS), ("region", TEXTS),
        ("lease.renew", DURATIONS), ("lease.lostAfter", DURATIONS), ("lease", [{}, None, 1]),
        ("disruption.maxUnavailable", COUNTS), ("disruption.consolidate", FLAGS), ("disruption.expireAfter", DURATIONS),
        ("worker.env", ENV), ("worker.capabilities", LISTS), ("worker.labels", [{"a": "b"}, {"a": 1}, {}, None]),
        ("worker.resources.cpu", QUANTITIES), ("worker.resources.memory", QUANTITIES), ("worker.type", TEXTS + ["Local"]),
        ("worker.spot", [{}, {"enabled": True}, {"fallback": "x"}, None]), ("worker.costPerHour", QUANTITIES),
        ("worker.resources.gpu", [{}, {"count": 2}, {"count": 0}, {"model": "x"}]), ("worker.bogus.deep", [1]),
        ("worker.kubernetes.podTemplate", [{"a": {"b": [1, None, {}]}}, None, 1, []]), ("budget.perDay", QUANTITIES),
        ("autoscaling", [{}, {"thresholdPercent": 50}, {"cooldown": {"up": "1s"}}, {"forecast": {"method": "x"}}]),
        ("healthCheck", [{}, {"interval": "1s"}, {"retries": 0}]), ("worker.maxConcurrentTasks", COUNTS),
    ],
    "executionplans": [
        ("tasks", TASKS), ("tasks", TASKS), ("cancel", FLAGS), ("suspend", FLAGS), ("scaling", TEXTS + ["Manual"]),
        ("scheduling.maxRegions", COUNTS), ("scheduling.weights.cost", COUNTS), ("scheduling.timeout", DURATIONS),
        ("faultTolerance.retry.limit", COUNTS), ("faultTolerance.retry.backoff.max", DURATIONS),
        ("faultTolerance.killGrace", DURATIONS), ("faultTolerance.circuitBreaker.enabled", FLAGS),
        ("faultTolerance.failover", [[], [{"strategy": "x"}], [{}], None]), ("budget.total", QUANTITIES),
        ("regions", [[], [{"region": "east", "pool": "p"}], [{"region": "east"}, {"region": "east"}], [{}], None]),
        ("synchronization.points", [[], [{"name": "p", "after": ["a"]}], [{"name": "p"}, {"name": "p"}], [{}]]),
        ("synchronization.communication.method", TEXTS + ["Queue"]), ("coordinator", TEXTS), ("bogus", [1]),
    ],
    "syncpoints": [
        ("participants", [[{"external": "a"}, {"external": "a"}], [], [{}], [{"plan": "p", "external": "a"}], None]),
        ("quorum", COUNTS), ("timeout", DURATIONS), ("onTimeout", TEXTS + ["Proceed", "Release"]), ("after", LISTS),
        ("communication", [{}, {"method": "Queue"}, {"method": "x"}, {"queue": "q"}, None]), ("plan", TEXTS),
    ],
    "regions": [
        ("role", TEXTS + ["Primary"]), ("capabilities.autoscaling", FLAGS), ("pricing.multiplier", TEXTS + ["1.5"]),
        ("pricing.egressPerGB", QUANTITIES), ("availability", TEXTS + ["99.9"]), ("location.country", TEXTS),
        ("regulations", LISTS), ("allowedNamespaces", LISTS), ("budget.perHour", QUANTITIES), ("latency", DURATIONS),
        ("provider", [{}, {"local": {}, "docker": {}}, None, {"bogus": {}}, {"edge": {"site": "x"}}]),
        ("provider.local.isolation", TEXTS + ["None"]), ("provider.local.readable", [["/x"], ["/x", "/x"], ["x"], []]),
    ],
}
NAMES = ["x" * 253, "x" * 254, "S", "a_b", "-a", "a-", "a..b", "a.b", ".", "..", "é", "a b", "0", "a%b", "1.2", "x" * 64]
KEYS = ["a" * 63, "a" * 64, "example.com/" + "a" * 63, "Example.com/x", "/x", "a/", "-a", "a-", "a/b/c", "a_b", "A", "é",
        "x" * 253 + "/a", "x" * 254 + "/a", "a.b/c_d", "kubernetes.io/x"]
VALUES = ["x" * 63, "x" * 64, "-x", "x-", "a b", "é", "A_b.c", "1", ""]
BODIES = [
    '{"metadata":{"name":"%s"},"data":{"a":"1","a":"2"}}', '{"metadata":{"name":"%s"}} x', '{"metadata":{"name":"%s"}}{}',
    '\ufeff{"metadata":{"name":"%s"}}', '{"metadata":{"name":"%s"},"data":{"a":"\\ud800"}}', '{"metadata":{"name":"%s"',
    '{"metadata":{"name":"%s"},"data":{"a":"\\u0000"}}', '{"metadata":{"name":"%s"},"data":{"a":01}}', "true", "0", "\n",
    '{"metadata":{"name":"%s"},"x":1e400}', '{"metadata":{"name":"%s"},"x":-0}', '{"metadata":{"name":"%s"},"data":{"a":\t"1"}}',
    "{\"metadata\":{\"name\":\"%s\"},\"data\":{\"a\":\"x\ty\"}}", '{"METADATA":{"name":"%s"}}', '{"metadata":{"Name":"%s"}}',
    '{"metadata":{"name":"%s"},"x":' + "[" * 40 + "]" * 40 + "}", '{"metadata":{"name":"%s"},"data":{"é":"1"}}',
    '{"metadata":{"name":"%s"},"data":{"a":"é\U0001F600"}}', '{"metadata":{"name":"%s"},"x":12345678901234567890}',
]
YAMLS = [
    "metadata: {name: %s}\ndata: {a: yes}", "metadata: {name: %s}\ndata: {a: 'yes'}", "metadata:\n  name: %s\n  labels: {n: 1}",
    "metadata: {name: %s}\n---\nmetadata: {name: b}", "---\nmetadata: {name: %s}\n", "metadata: {name: %s}\nx: &a [1]\nz: *a",
    "metadata: {name: %s}\ndata: {a: 0x10}", "metadata: {name: %s}\ndata: {a: |\n  text}", "metadata: {name: %s", "%s", "",
    "metadata: {name: %s}\ndata: {a: ~}", "metadata: {name: %s}\ndata: {a: !!str 1}", "# nothing", "metadata: {name: %s}\ndata:",
    "metadata: {name: %s}\ndata: {a: 2026-01-02}", "metadata: {name: %s}\n1: 2", "metadata: {name: %s}\ndata: {a: 1.50}",
]
ACCEPTS = [
    "application/json, */*", "text/html, application/json;q=0.5", "application/json;stream=watch", "*/*", "application/*",
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "application/yaml, application/json", TABLE, PARTIAL,
    "application/json;as=Table;v=v1beta1;g=meta.k8s.io", "application/json;as=Table;v=v2;g=meta.k8s.io", PARTIALS,
    "application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io", "text/plain", "application/json;as=Table;g=x;v=v1",
]


def put(tree, path, value):
    names = path.split(".")
    for name in names[:-1]:
        if not isinstance(tree.get(name), dict):
            tree[name] = {}
        tree = tree[name]
    tree[names[-1]] = value


class Wider(sequences.Sequence):
    def object(self, name, spoilt=0.25):
        r, body = self.r, super().object(name, spoilt)
        if self.kind in FIELDS and r.random() < 0.45:
            for _ in range(r.choice([1, 1, 2])):
                path, values = r.choice(FIELDS[self.kind])
                put(body, "spec." + path, r.choice(values)) if isinstance(body.get("spec"), dict) else None
        meta = body.get("metadata")
        if isinstance(meta, dict) and r.random() < 0.06:
            member = r.choice(["labels", "annotations", "finalizers"])
            key = r.choice(KEYS)
            meta[member] = [key] if member == "finalizers" else {key: r.choice(VALUES)}
        if isinstance(meta, dict) and r.random() < 0.01:
            meta["annotations"] = {"a": "x" * (262144 - r.choice([1, 0, 2]))}
        if self.kind in ("configmaps", "secrets") and r.random() < 0.04:
            body["data"] = {r.choice(KEYS + ["k" * 253, "a.b", "_", "a b"]): "MQ=="}
        return body

    def create(self, name):
        r, rest, roll = self.r, {}, self.r.random()
        if roll < 0.82:
            return super().create(name)
        if roll < 0.85 and self.kind not in sequences.OF_OURS and self.kind != "newevents":
            body = self.object(name, 0)
            return self.send("POST", self.collection, protobuf.body(body), self.writing(), type=protobuf.TYPE)
        if roll < 0.88:
            text = r.choice(BODIES)
            text = self.named(text, name)
        elif roll < 0.91:
            text, rest["type"] = self.named(r.choice(YAMLS), name, True), "application/yaml"
        elif roll < 0.95 and self.kind not in ("regions", "namespaces"):
            text = self.object(r.choice(NAMES), 0)
        else:
            text = self.object(name, 0)
            text["metadata"].pop("name", None)
            text["metadata"]["generateName"] = r.choice(["g-", "G", "x" * 60, "x" * 250, "a.", "-", "", 1, None, "a_"])
            if self.kind in ("regions", "namespaces"):
                rest["accept"] = "application/json"
                return self.send("POST", self.collection, text, {**self.writing(), "dryRun": "All"}, **rest)
        self.send("POST", self.collection, text, self.writing(), **rest)

    def named(self, text, name, isYAML=False):
        text = text.replace("%s", name)
        if self.kind in sequences.OF_OURS:
            head = f"apiVersion: {self.version}\nkind: {self.word}\n" if isYAML else (
                '{"apiVersion":"%s","kind":"%s",' % (self.version, self.word))
            text = head + text if isYAML else text.replace("{", head, 1)
        return text

    def step(self):
        if self.r.random() < 0.72:
            return super().step()
        steps = [self.page, self.status, self.options, self.odd_patch, self.transfer, self.review, self.accepting, self.follow,
                 self.put_part, self.bounds, self.protobuf_delete, self.elsewhere, self.whole_status]
        self.r.choices(steps, [8, 10, 10, 12, 18, 4, 8, 8, 6, 6, 4, 6, 4])[0]()

    def page(self):
        """Lists in parts, with writes between them."""
        r = self.r
        if self.kind in ("regions", "namespaces"):
            return self.get()
        query = {"limit": r.choice(["1", "1", "2"])}
        if r.random() < 0.3:
            query["labelSelector"] = r.choice(["app", "!app", "app=x"])
        if r.random() < 0.15:
            query.update({"resourceVersion": "{old}", "resourceVersionMatch": "Exact"})
        self.send("GET", self.collection, None, query)
        if r.random() < 0.5:
            self.create(self.names[1])
        rest = {"limit": r.choice(["1", "5", "0"]), "continue": "{continue}"}
        if r.random() < 0.2:
            rest[r.choice(["resourceVersion", "labelSelector", "resourceVersionMatch"])] = r.choice(["1", "app", "Exact"])
        self.send("GET", self.collection, None, rest)

    def status(self):
        r = self.r
        body = {"status": r.choice([{"phase": "Active"}, {"bogus": 1}, {}, None, {"replicas": 2}, "x", {"conditions": []}])}
        if r.random() < 0.3:
            body["metadata"] = r.choice([{"labels": {"app": "s"}}, {"resourceVersion": "{old}"}, {"finalizers": None}])
        if r.random() < 0.3:
            body["spec"] = r.choice([{}, {"bogus": 1}, None])
        form = r.choice(["application/merge-patch+json", "application/apply-patch+yaml", "application/strategic-merge-patch+json"])
        query = {"fieldManager": r.choice(["m1", "m2"])}
        if "apply" in form:
            body.update({"apiVersion": self.version, "kind": self.word})
            name = r.choice(self.names)
            body["metadata"] = {"name": name}
            return self.send("PATCH", f"{self.collection}/{name}/status", body, query, type=form)
        self.send("PATCH", f"{self.path()}/status", body, query, type=form)

    def whole_status(self):
        name = self.r.choice(self.names)
        body = self.object(name, 0.1)
        body["metadata"].update({"resourceVersion": "{rv}"}) if self.r.random() < 0.7 else None
        body["status"] = self.r.choice([{}, {"phase": "x"}, None])
        self.send("PUT", f"{self.collection}/{name}/status", body)

    def options(self):
        """Queries that are hardly options."""
        r = self.r
        query = dict([r.choice([
            ("pretty", "true"), ("bogus", "1"), ("dryRun", "All"), ("fieldManager", "m" * 128), ("fieldManager", "a b"),
            ("fieldValidation", "Ignore"), ("force", "false"), ("timeout", "1s"), ("timeout", "x"), ("limit", "1"),
            ("gracePeriodSeconds", "-1"), ("labelSelector", "app=x"), ("watch", "false"), ("exact", "true"), ("export", "true"),
        ]) for _ in range(r.randint(1, 2))])
        method = r.choice(["GET", "POST", "PUT", "DELETE", "PATCH"])
        if method == "GET":
            return self.send("GET", self.path(), None, query)
        if method == "DELETE":
            return self.send("DELETE", self.path(), None, query)
        name = r.choice(self.names)
        if method == "POST":
            return self.send("POST", self.collection, self.object(name, 0), query)
        if method == "PUT":
            body = self.object(name, 0)
            body["metadata"]["resourceVersion"] = "{rv}"
            return self.send("PUT", f"{self.collection}/{name}", body, query)
        self.send("PATCH", f"{self.collection}/{name}", {"metadata": {"labels": {"app": "o"}}}, query,
                  type="application/merge-patch+json")

    def odd_patch(self):
        r = self.r
        paths = ["/metadata/labels/app", "/metadata/annotations", "/metadata/annotations/example.com~1note", "/metadata/finalizers/0",
                 "/metadata/finalizers/-", "/metadata/finalizers/9", "/metadata/finalizers/01", "/data/a", "/data", "", "/", "/spec",
                 "/metadata", "/metadata/name", "/metadata/ownerReferences/0/uid", "/spec/maxWorkers", "/metadata/labels/x~2",
                 "/metadata/resourceVersion", "/metadata/uid", "/status", "/spec/worker/env/0/value", "/apiVersion", "/metadata/labels/"]
        values = ["x", "1", 1, None, {}, [], {"a": "b"}, "MQ==", ["example.com/z"], True]
        ops = []
        for _ in range(r.randint(1, 3)):
            op = {"op": r.choice(["add", "replace", "remove", "test", "copy", "move"]), "path": r.choice(paths)}
            if op["op"] in ("add", "replace", "test") and r.random() < 0.95:
                op["value"] = r.choice(values)
            if op["op"] in ("copy", "move"):
                op["from"] = r.choice(paths)
            if r.random() < 0.03:
                op.pop(r.choice(list(op)))
            ops.append(op)
        self.send("PATCH", self.path(), ops, self.writing(), type="application/json-patch+json")

    def transfer(self):
        """Managers that take, share and give up the same fields."""
        r, name = self.r, self.r.choice(self.names)
        for manager in r.sample(["m1", "m2", "m3", "kubectl"], r.randint(1, 3)):
            body = {"apiVersion": self.version, "kind": self.word, "metadata": {"name": name}}
            for member in r.sample(["labels", "annotations", "finalizers", "ownerReferences"], r.randint(0, 2)):
                body["metadata"][member] = r.choice({
                    "labels": [{"app": "x"}, {"app": "y", "n": "x"}, {}, None, {"app": None}],
                    "annotations": [{"example.com/note": "1"}, {"example.com/note": "2", "example.com/b": ""}, {}],
                    "finalizers": [["example.com/hold"], ["example.com/more", "example.com/hold"], [], None,
                                   ["example.com/a", "example.com/a"]],
                    "ownerReferences": [[sequences.owner(r)], [sequences.owner(r), sequences.owner(r)], []],
                }[member])
            body.update(sequences.contents(r, self.kind) if r.random() < 0.85 else {})
            if self.kind in FIELDS and r.random() < 0.6 and isinstance(body.get("spec"), dict):
                path, values = r.choice(FIELDS[self.kind])
                put(body, "spec." + path, r.choice(values))
            query = {"fieldManager": manager}
            if r.random() < 0.45:
                query["force"] = "true"
            self.send("PATCH", f"{self.collection}/{name}", body, query, type="application/apply-patch+yaml")

    def review(self):
        r = self.r
        path, body = r.choice([
            ("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {"apiVersion": "authorization.k8s.io/v1",
             "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": {"verb": "get", "resource": "configmaps"}}}),
            ("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {"spec": {"nonResourceAttributes": {"path": "/x"}}}),
            ("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {"spec": {}}),
            ("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {"spec": {"resourceAttributes": {}, "nonResourceAttributes": {}}}),
            ("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {"spec": {"namespace": ""}}),
            ("/api/v1/namespaces/NS/serviceaccounts/nobody/token", {"spec": {}}),
        ])
        self.send("POST", path, body)

    def accepting(self):
        r = self.r
        path = r.choice([self.path(), self.collection])
        if self.kind in ("regions", "namespaces"):
            path = self.path()
        self.send(r.choice(["GET", "GET", "DELETE"]) if path != self.collection else "GET", path, None,
                  r.choice([None, {"includeObject": r.choice(["None", "Object", "Metadata", "x"])}]), accept=r.choice(ACCEPTS))

    def follow(self):
        """A watch from somewhere in what was done."""
        r = self.r
        if self.kind in ("regions", "namespaces"):
            return self.get()
        query = self.selecting()
        query.update({"watch": "1", "timeoutSeconds": "1", "resourceVersion": r.choice(["{start}", "{old}", "{rv}", "{start}"])})
        roll = r.random()
        if roll < 0.15:
            query.update({"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"})
        elif roll < 0.25:
            query.update({r.choice(["sendInitialEvents", "resourceVersionMatch", "limit", "continue"]):
                          r.choice(["true", "Exact", "1", "x"])})
        accept = r.choice(["application/json", "application/json", "application/json", PARTIAL])
        self.send("GET", self.collection, None, query, stream=True, accept=accept)

    def put_part(self):
        """Scale, finalize and what is no subresource."""
        r, name = self.r, self.r.choice(self.names)
        scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": name},
                 "spec": {"replicas": r.choice([0, 1, 2, -1, "1", 2.0, None])}}
        if r.random() < 0.3:
            put(scale, r.choice(["metadata.resourceVersion", "metadata.name", "kind", "apiVersion", "spec", "metadata.uid"]),
                r.choice(["{rv}", "{old}", "x", ""]))
        if r.random() < 0.4:
            return self.send("PATCH", f"{self.collection}/{name}/scale", {"spec": scale["spec"]}, {"fieldManager": "m1"},
                             type=r.choice(["application/merge-patch+json", "application/apply-patch+yaml",
                                            "application/json-patch+json"]))
        self.send("PUT", f"{self.collection}/{name}/scale", scale)

    def bounds(self):
        """One MiB, and what is around it."""
        r, name = self.r, self.names[0]
        if self.kind not in ("configmaps", "secrets"):
            return self.odd_patch()
        size = r.choice([1 << 19, (1 << 20) - 4000, 1 << 21])
        body = {"apiVersion": "v1", "kind": self.word, "metadata": {"name": name}}
        body["data" if self.kind == "configmaps" else "stringData"] = {"a": {"repeat": "x", "times": size}}
        self.send("POST", self.collection, body)

    def protobuf_delete(self):
        r = self.r
        options = r.choice([{}, {"gracePeriodSeconds": 0}, {"propagationPolicy": "Background"}, {"propagationPolicy": "x"},
                            {"orphanDependents": True}, {"dryRun": ["All"]}, {"dryRun": ["x"]},
                            {"preconditions": {"uid": "foreign"}}])
        if self.kind in sequences.OF_OURS and "orphanDependents" in options:
            options = {}
        self.send("DELETE", self.path(), protobuf.body({"apiVersion": "v1", "kind": "DeleteOptions", **options}), None,
                  type=protobuf.TYPE)

    def elsewhere(self):
        """Namespaces and kinds that are not there, and methods that nothing has."""
        r = self.r
        body = self.object(self.names[0], 0)
        lost = self.collection.replace("NS", "nowhere")
        method, path = r.choice([
            ("POST", lost), ("GET", lost), ("GET", f"{lost}/x"), ("DELETE", f"{lost}/x"), ("PUT", f"{lost}/{self.names[0]}"),
            ("PATCH", f"{lost}/x"), ("HEAD", self.path()), ("OPTIONS", self.path()), ("GET", self.path() + "/"),
            ("GET", self.collection + "/"), ("GET", self.collection.upper()), ("GET", self.path() + "/status/x"),
            ("GET", "/api/v1/nodes"), ("GET", "/apis/apps/v1/namespaces/NS/deployments/x"), ("GET", "/apis/nowhere.io"),
            ("GET", "/nowhere"), ("POST", "/api/v1/namespaces/NS/finalize"), ("DELETE", "/api/v1/namespaces/NS/nothings/x"),
        ])
        if "apps" in path or "nodes" in path or (lost in path and self.kind in ("regions", "namespaces")):
            return self.get()
        form = {"type": "application/merge-patch+json"} if method == "PATCH" else {}
        self.send(method, path, body if method in ("POST", "PUT", "PATCH") else None, None, **form)


def sequence(seed, index):
    return Wider(seed, index).requests


if __name__ == "__main__":
    import sys

    print(json.dumps(sequence(sys.argv[1], int(sys.argv[2])), indent=1))
