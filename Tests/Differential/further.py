"""Still more of what can be asked: any value anywhere in a right object replaced, selectors from their grammar, the life
of what is being deleted, conflicts between managers, parameters given twice, reads across namespaces, tokens."""

import json

import sequences
import wider
from sequences import PARTIAL, TABLE

KEYS = ["app", "tier", "n", "missing", "example.com/x", "a_b", "-", "app.", "A" * 64, "example.com/"]
VALUES = ["x", "y", "", "1", "2", "x.y", "-x", "a b", "X" * 64, "é"]
ODD = [None, "", "x", 0, 1, -1, 1.5, 2.0, True, [], {}, ["a"], {"a": "b"}, [None], [[]], [{}], {"": ""}, "null", 2**31, 2**63 - 1,
       "2026-01-02T03:04:05Z", "a" * 300, {"a": None}, [1, "1"], 1e19, "\u0000", "🙂", {"$patch": "delete"}]
POLICIES = ["Background", "Background", "Foreground", "Orphan", "background", "", "None"]
TYPES = ["application/json", "application/json;charset=UTF-8", "Application/JSON", "application/yaml", "application/cbor",
         "application/vnd.kubernetes.protobuf", "text/json", "application/json, application/yaml", "json", "application/",
         "application/merge-patch+json", "application/x-yaml", "application/json; q=1", " application/json"]
PATCHES = ["application/merge-patch+json", "application/json-patch+json", "application/strategic-merge-patch+json",
           "application/apply-patch+yaml", "application/json", "application/apply-patch+cbor", "application/merge-patch+json; a=b",
           "APPLICATION/MERGE-PATCH+JSON", "application/json-patch", ""]
ACCEPTS = ["application/yaml", "application/json;q=0.1, application/yaml;q=0.9", "application/json;pretty=1",
           "application/vnd.kubernetes.protobuf,application/json", "application/cbor,application/json", "*", "application/json;",
           "application/json;as=Table;g=meta.k8s.io;v=v1, application/json;as=Table;g=meta.k8s.io;v=v1beta1, application/json",
           "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json", "application/yaml;as=Table;v=v1;g=meta.k8s.io",
           "application/json;v=v1", "APPLICATION/JSON", "application/json;as=;v=v1;g=meta.k8s.io", ",", "a/b, */*;q=0.1"]


def places(tree, here=()):
    """The way to each value in a tree."""
    yield here
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inner:
        yield from places(value, (*here, key))


class Further(wider.Wider):
    def step(self):
        if self.r.random() < 0.68:
            return super().step()
        steps = [self.distort, self.select, self.ending, self.contend, self.twice, self.everywhere, self.token, self.media,
                 self.array_patch, self.conditions, self.watching, self.pages, self.odd_path, self.replay, self.owners, self.sizes]
        self.r.choices(steps, [18, 10, 10, 12, 5, 5, 2, 8, 6, 8, 6, 5, 5, 5, 4, 4])[0]()

    # Bodies

    def distort(self):
        """One value anywhere in a right object replaced, left out, or with something unknown beside it."""
        r, name = self.r, r_name(self)
        body = self.object(name, 0)
        if r.random() < 0.3:
            body["metadata"].update({"ownerReferences": [sequences.owner(r)], "finalizers": ["example.com/a"]})
        for _ in range(r.choice([1, 1, 1, 2])):
            ways = [way for way in places(body) if way and way != ("metadata", "name")]
            *way, last = r.choice(ways)
            inner = body
            for key in way:
                inner = inner[key]
            roll = r.random()
            if roll < 0.55:
                inner[last] = r.choice(ODD)
            elif roll < 0.7:
                del inner[last]
            elif roll < 0.8 and isinstance(inner, list):
                inner.append(inner[last])
            elif isinstance(inner[last], dict):
                inner[last][r.choice(["bogus", "Name", "", "$patch", "apiVersion", "name", "a.b"])] = r.choice(ODD)
            elif isinstance(inner, dict):
                inner[r.choice(["bogus", "UPPER", "kind", "x/y"])] = r.choice(ODD)
        self.put_somehow(name, body)

    def put_somehow(self, name, body):
        r, query = self.r, self.writing()
        roll = r.random()
        if roll < 0.35:
            return self.send("POST", self.collection, body, query)
        if roll < 0.55:
            if isinstance(body.get("metadata"), dict) and r.random() < 0.8:
                body["metadata"].setdefault("resourceVersion", "{rv}")
            return self.send("PUT", f"{self.collection}/{name}", body, query)
        if roll < 0.75:
            query.update({"fieldManager": r.choice(["m1", "m2"]), "force": r.choice(["true", "false"])})
            return self.send("PATCH", f"{self.collection}/{name}", body, query, type="application/apply-patch+yaml")
        form = "strategic-merge-patch" if r.random() < 0.4 else "merge-patch"
        for word in ("apiVersion", "kind"):
            body.pop(word, None) if r.random() < 0.7 else None
        self.send("PATCH", f"{self.collection}/{name}", body, query, type=f"application/{form}+json")

    def sizes(self):
        """Many members, many elements, many managers."""
        r, name = self.r, r_name(self)
        body = self.object(name, 0)
        body["metadata"][r.choice(["labels", "annotations"])] = {f"k{i}": str(i) for i in range(r.choice([20, 100]))}
        if self.kind in ("configmaps", "secrets") and r.random() < 0.5:
            body["data"] = {f"k{i}": "MQ==" for i in range(200)}
        self.send("PATCH", f"{self.collection}/{name}", body, {"fieldManager": "m1", "force": "true"}, type="application/apply-patch+yaml")
        for index in range(r.choice([3, 6])):
            self.send("PATCH", f"{self.collection}/{name}", {"metadata": {"annotations": {f"a{index}": "1"}}},
                      {"fieldManager": f"u{index}"}, type="application/merge-patch+json")

    def array_patch(self):
        """JSON patches along whole lists."""
        r = self.r
        start = {"op": "add", "path": "/metadata/finalizers", "value": ["example.com/a", "example.com/b"]}
        ops = [start] + [r.choice([
            {"op": "add", "path": "/metadata/finalizers/1", "value": "example.com/c"}, {"op": "remove", "path": "/metadata/finalizers/0"},
            {"op": "add", "path": "/metadata/finalizers/-", "value": "example.com/d"}, {"op": "test", "path": "/metadata/finalizers/1",
             "value": "example.com/b"}, {"op": "move", "from": "/metadata/finalizers/1", "path": "/metadata/finalizers/0"},
            {"op": "copy", "from": "/metadata/finalizers/0", "path": "/metadata/finalizers/-"},
            {"op": "test", "path": "/metadata/finalizers", "value": ["example.com/a", "example.com/b"]},
            {"op": "add", "path": "/metadata/annotations", "value": {"a/b": "1", "c~d": "2"}},
            {"op": "replace", "path": "/metadata/annotations/a~1b", "value": "3"}, {"op": "remove", "path": "/metadata/annotations/c~0d"},
            {"op": "test", "path": "/metadata/annotations/a~1b", "value": r.choice(["1", "3", 1])},
            {"op": "replace", "path": "", "value": {"apiVersion": self.version, "kind": self.word, "metadata": {"name": self.names[0]}}},
            {"op": "test", "path": "/kind", "value": self.word}, {"op": "test", "path": "/metadata/labels", "value": {}},
            {"op": "add", "path": "/metadata/labels", "value": {"app": "x", "n": ""}},
        ]) for _ in range(r.randint(1, 4))]
        self.send("PATCH", self.path(), ops, self.writing(), type="application/json-patch+json")

    def owners(self):
        r, name = self.r, r_name(self)
        refs = []
        for _ in range(r.randint(1, 3)):
            ref = sequences.owner(r)
            ref.update({key: r.choice(values) for key, values in (
                ("apiVersion", ["v1", "apps/v1", "a/b/c", ""]), ("kind", ["ConfigMap", "Pod", ""]), ("name", ["o", ""]),
                ("blockOwnerDeletion", [True, False, None, "x"]), ("uid", ["u1", "u2", "{uid}"]),
                ("controller", [True, False, None])) if r.random() < 0.3})
            refs.append(ref)
        self.put_somehow(name, {**self.object(name, 0), "metadata": {"name": name, "ownerReferences": refs}})

    # Managers

    def contend(self):
        """Managers of several kinds want the same fields: by applying, by updating, by giving up."""
        r, name = self.r, r_name(self)
        for _ in range(r.randint(2, 4)):
            manager = r.choice(["m1", "m2", "kubectl", "kubectl-client-side-apply", "before-first-apply"])
            roll = r.random()
            if roll < 0.6:
                body = self.object(name, 0)
                if r.random() < 0.3:
                    body = {"apiVersion": self.version, "kind": self.word, "metadata": {"name": name}}
                if r.random() < 0.15:
                    body["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(body)}
                if r.random() < 0.1:
                    body["metadata"][r.choice(["resourceVersion", "generation", "namespace", "managedFields"])] = r.choice(
                        ["{rv}", "{old}", "NS", [], None, 1])
                query = {"fieldManager": manager}
                if r.random() < 0.4:
                    query["force"] = "true"
                if r.random() < 0.15:
                    query["dryRun"] = "All"
                if r.random() < 0.2:
                    query["fieldValidation"] = r.choice(["Strict", "Ignore"])
                self.send("PATCH", f"{self.collection}/{name}", body, query, type="application/apply-patch+yaml")
            elif roll < 0.8:
                patch = sequences.contents(r, self.kind)
                self.send("PATCH", f"{self.collection}/{name}", patch, {"fieldManager": manager}, type="application/merge-patch+json")
            else:
                body = self.object(name, 0)
                body["metadata"]["resourceVersion"] = "{rv}"
                self.send("PUT", f"{self.collection}/{name}", body, {"fieldManager": manager})
        self.send("GET", f"{self.collection}/{name}")

    def replay(self):
        """The same again, or a rehearsal before it."""
        if not self.requests:
            return self.get()
        again = {**self.requests[-1]}
        if self.r.random() < 0.5 and again["method"] != "GET":
            again["query"] = {**(again.get("query") or {}), "dryRun": "All"}
        self.requests.append(again)

    # Reading

    def selector(self):
        r, parts = self.r, []
        for _ in range(r.choice([1, 1, 2, 3])):
            key, values = r.choice(KEYS[:4] if r.random() < 0.8 else KEYS), [r.choice(VALUES[:5]) for _ in range(r.randint(1, 3))]
            value = values[0] if r.random() < 0.85 else r.choice(VALUES)
            many = f"({r.choice([',', ', '])[0:2].join(values)})"
            parts.append(r.choice([f"{key}={value}", f"{key}=={value}", f"{key}!={value}", f"{key} in {many}", f"{key} notin {many}",
                                   key, f"!{key}", f"{key}>{value}", f"{key}<{value}", f" {key} = {value} ", f"! {key}"]))
        return r.choice([",", ",", ", "]).join(parts)

    def fields(self):
        r = self.r
        names = {"events": ["involvedObject.kind", "involvedObject.namespace", "involvedObject.uid", "reason", "type", "source",
                            "reportingComponent", "involvedObject.apiVersion", "involvedObject.fieldPath"],
                 "newevents": ["regarding.kind", "reason", "type", "regarding.name", "involvedObject.name", "reportingController"],
                 "secrets": ["type"], "namespaces": ["status.phase", "name"]}.get(self.kind, [])
        parts = []
        for _ in range(r.choice([1, 1, 2])):
            name = r.choice(["metadata.name", "metadata.namespace", *names, *names, "metadata.uid", "spec.region", "data.a", ""])
            value = r.choice([self.names[0], self.names[1], "NS", "ConfigMap", "Normal", "Opaque", "", "a\\=b", "a\\,b", "a=b", "é"])
            parts.append(f"{name}{r.choice(['=', '==', '!='])}{value}")
        return ",".join(parts)

    def select(self):
        r, query = self.r, {}
        if r.random() < 0.75:
            query["labelSelector"] = self.selector()
        if r.random() < 0.4:
            query["fieldSelector"] = self.fields()
        if self.kind in ("regions", "namespaces"):
            return self.get()
        if r.random() < 0.2:
            return self.send("DELETE", self.collection, None, query)
        self.send("GET", self.collection, None, query, accept=r.choice(["", "", TABLE, PARTIAL.replace("Metadata", "MetadataList")]))

    def everywhere(self):
        """Reads of all namespaces, of which only the own one is shown."""
        if self.kind in ("regions", "namespaces"):
            return self.get()
        query = {"fieldSelector": "metadata.namespace=NS"}
        if self.r.random() < 0.5:
            query["labelSelector"] = self.selector()
        self.send("GET", self.collection.replace("/namespaces/NS", ""), None, query)

    def pages(self):
        """A list to its end, part by part."""
        if self.kind in ("regions", "namespaces"):
            return self.get()
        r = self.r
        for index in range(3):
            self.send("POST", self.collection, {**self.object(f"{self.names[0]}p{index}", 0)})
        query = {"limit": r.choice(["1", "2", "3", "4"])}
        if r.random() < 0.3:
            query["labelSelector"] = r.choice(["app", "!app", "app!=x"])
        if r.random() < 0.3:
            query["resourceVersion"] = r.choice(["0", "{rv}", "{start}"])
            if r.random() < 0.5:
                query["resourceVersionMatch"] = r.choice(["Exact", "NotOlderThan"])
        accept = r.choice(["", "", PARTIAL.replace("Metadata", "MetadataList")])
        self.send("GET", self.collection, None, query, accept=accept)
        for _ in range(r.randint(1, 2)):
            if r.random() < 0.4:
                self.send("DELETE", f"{self.collection}/{self.names[0]}p{r.randint(0, 2)}")
            rest = {key: value for key, value in query.items() if not key.startswith("resource")}
            self.send("GET", self.collection, None, {**rest, "continue": "{continue}"}, accept=accept)

    def watching(self):
        r = self.r
        if self.kind in ("regions", "namespaces"):
            return self.get()
        query = {"watch": r.choice(["1", "true", "T"]), "timeoutSeconds": "1", "resourceVersion": r.choice(["{start}", "{rv}", "{old}"])}
        if r.random() < 0.5:
            query["labelSelector"] = self.selector()
        if r.random() < 0.4:
            query["fieldSelector"] = self.fields()
        if r.random() < 0.15:
            query["sendInitialEvents"] = r.choice(["true", "false"])
            query["resourceVersionMatch"] = r.choice(["NotOlderThan", "Exact", ""])
        path = self.collection
        if r.random() < 0.15:
            path = path.replace("/namespaces/", "/watch/namespaces/")
            query.pop("watch")
        self.send("GET", path, None, query, stream=True, accept=r.choice(["application/json", "application/json;stream=watch"]))

    def media(self):
        """Content types and forms of every kind, right and wrong."""
        r, name = self.r, r_name(self)
        roll = r.random()
        if roll < 0.3:
            return self.send("POST", self.collection, self.object(name, 0), None, type=r.choice(TYPES))
        if roll < 0.5:
            return self.send("PATCH", f"{self.collection}/{name}", r.choice([{"metadata": {"labels": {"app": "m"}}}, [], "a: b"]),
                             {"fieldManager": "m1"}, type=r.choice(PATCHES))
        if roll < 0.6:
            return self.send("DELETE", f"{self.collection}/{name}", r.choice([{}, {"kind": "DeleteOptions", "apiVersion": "v1"}]), None,
                             type=r.choice(TYPES))
        accept = r.choice(ACCEPTS)
        if roll < 0.75:
            return self.send("POST", self.collection, self.object(name, 0), None, accept=accept)
        self.send("GET", r.choice([f"{self.collection}/{name}"] + [self.collection] * (self.kind not in ("regions", "namespaces"))), None,
                  None, accept=accept)

    def twice(self):
        """Parameters that are given more than once."""
        r, name = self.r, r_name(self)
        query = r.choice([
            {"dryRun": ["All", "All"]}, {"dryRun": ["All", "x"]}, {"fieldManager": ["m1", "m2"]}, {"fieldValidation": ["Strict", "Ignore"]},
            {"fieldManager": ["", "m2"]}, {"fieldValidation": ["", "Foo"]}, {"dryRun": ["", "All"]},
        ])
        reading = r.choice([{"labelSelector": ["app", "!app"]}, {"limit": ["1", "x"]}, {"watch": ["false", "true"]},
                            {"limit": ["", "1"]}, {"resourceVersion": ["0", "{rv}"]}])
        if r.random() < 0.4 and self.kind not in ("regions", "namespaces"):
            return self.send("GET", self.collection, None, reading)
        if r.random() < 0.5:
            return self.send("POST", self.collection, self.object(name), query)
        self.send("PATCH", f"{self.collection}/{name}", {"metadata": {"labels": {"app": "t"}}, "bogus": 1}, query,
                  type="application/merge-patch+json")

    def odd_path(self):
        if self.kind in ("regions", "namespaces"):
            return self.get()
        r, name = self.r, r_name(self)
        tail = r.choice(["/", "//", f"/{name}//", f"/{name}/status/", f"/{name}%20x", f"/{name}%2Fstatus", "/%2e%2e", f"/{name}/scale/x", "/-",
                         "/" + "a" * 300, f"/{name}/Status", f"/{name}/binding", f"/{name}/token", f"/{name.upper()}", "/é".encode().hex()])
        self.send(r.choice(["GET", "GET", "GET", "DELETE", "PATCH"]), self.collection + tail, None, None)

    # Deletions

    def deleting_well(self):
        r, body = self.r, {}
        if r.random() < 0.6:
            body["preconditions"] = {key: r.choice(values) for key, values in (
                ("uid", ["{uid}", "{uid}", "foreign", ""]), ("resourceVersion", ["{rv}", "{rv}", "{old}", "0", ""])) if r.random() < 0.7}
        if r.random() < 0.4:
            body["propagationPolicy"] = r.choice(POLICIES)
        if r.random() < 0.3:
            body["gracePeriodSeconds"] = r.choice([0, 30, -1, 1.5, "1"])
        if r.random() < 0.15:
            body["dryRun"] = r.choice([["All"], ["All", "All"], [], [""], None])
        return body

    def conditions(self):
        """Deletions under conditions of one object and of many."""
        r, body = self.r, self.deleting_well()
        if self.kind in sequences.OF_OURS and body.get("propagationPolicy") == "Orphan":
            body.pop("propagationPolicy")
        path = self.path()
        if r.random() < 0.3 and self.kind not in ("regions", "namespaces"):
            path = self.collection
        self.send("DELETE", path, body, r.choice([None, None, {"dryRun": "All"}, {"propagationPolicy": "Background"}]))

    def ending(self):
        """The life of what has finalizers after its deletion."""
        r, name = self.r, r_name(self)
        if self.kind == "namespaces":
            return self.get()
        body = self.object(name, 0)
        body["metadata"]["finalizers"] = r.choice([["example.com/a"], ["example.com/a", "example.com/b"]])
        body["metadata"].pop("ownerReferences", None)
        self.send("PATCH", f"{self.collection}/{name}", body, {"fieldManager": "m1", "force": "true"}, type="application/apply-patch+yaml")
        self.send("DELETE", f"{self.collection}/{name}", self.deleting_well() if r.random() < 0.4 else None)
        for _ in range(r.randint(1, 4)):
            roll, merge = r.random(), {"type": "application/merge-patch+json"}
            if roll < 0.35:
                left = r.choice([None, [], ["example.com/b"], ["example.com/b", "example.com/a"], ["example.com/new"]])
                self.send("PATCH", f"{self.collection}/{name}", {"metadata": {"finalizers": left}}, None, **merge)
            elif roll < 0.5:
                self.send("DELETE", f"{self.collection}/{name}", self.deleting_well())
            elif roll < 0.65:
                self.send("PATCH", f"{self.collection}/{name}", r.choice([
                    {"metadata": {"labels": {"app": "e"}}}, {"metadata": {"deletionTimestamp": None}},
                    {"metadata": {"deletionGracePeriodSeconds": 30}}, sequences.contents(r, self.kind)]), None, **merge)
            elif roll < 0.8:
                body = self.object(name, 0)
                self.send("PATCH", f"{self.collection}/{name}", body, {"fieldManager": "m2", "force": "true"},
                          type="application/apply-patch+yaml")
            elif roll < 0.9:
                self.send("POST", self.collection, self.object(name, 0))
            else:
                self.send("GET", f"{self.collection}/{name}")

    def token(self):
        r = self.r
        spec = r.choice([{}, {"audiences": ["a"]}, {"expirationSeconds": r.choice([600, 599, 3600, 2**33, "x", 0])}, {"audiences": []},
                         {"audiences": [""]}, {"boundObjectRef": {"kind": "Secret", "apiVersion": "v1", "name": "nobody"}}])
        self.send("POST", "/api/v1/namespaces/NS/serviceaccounts",
                  {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": self.names[0]}})
        self.send("POST", f"/api/v1/namespaces/NS/serviceaccounts/{self.names[0]}/token",
                  {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec})
        self.send("DELETE", f"/api/v1/namespaces/NS/serviceaccounts/{self.names[0]}")


def r_name(sequence):
    return sequence.r.choice(sequence.names)


def sequence(seed, index):
    return Further(seed, index).requests


if __name__ == "__main__":
    import sys

    print(json.dumps(sequence(sys.argv[1], int(sys.argv[2])), indent=1))
