"""Plays request sequences against a server and brings its answers into a form that two servers can share."""

import http.client
import json
import re
import socket
import ssl
import sys
import threading
import urllib.parse
import zlib

import further
import protobuf
import sequences

THREADS = 8


class Server:
    """One server: https://HOST:PORT with a token, or unix:PATH. A connection a thread."""

    def __init__(self, address, token=None):
        self.address, self.token, self.local = address, token, threading.local()
        # How many sequences it left without an answer.
        self.lost = 0

    def connect(self):
        if self.address.startswith("unix:"):
            connection = http.client.HTTPConnection("localhost", timeout=30)
            connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.sock.settimeout(30)
            connection.sock.connect(self.address.removeprefix("unix:"))
            return connection
        url = urllib.parse.urlsplit(self.address)
        # Whoever records names his own server on loopback: there is nobody to be told from.
        context = ssl._create_unverified_context()
        return http.client.HTTPSConnection(url.hostname, url.port, timeout=30, context=context)

    def ask(self, method, path, body=None, headers=None):
        headers = {"User-Agent": "differential/1", **(headers or {})}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        for attempt in (1, 2):
            connection = getattr(self.local, "connection", None)
            if connection is None:
                connection = self.local.connection = self.connect()
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                return answer.status, answer.getheaders(), answer.read()
            except (http.client.HTTPException, OSError):
                self.local.connection = None
                if attempt == 2:
                    raise


UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
STAMP = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def generated(name, prefix):
    """A name that the server made, without its chance."""
    return f"{name[:-5]}?????" if isinstance(name, str) and name.startswith(prefix[:58]) and name != prefix else name


def pairs(request):
    """The parameters of a query, some of which may be given more than once."""
    query = request.get("query") or {}
    return [(key, value) for key, values in query.items() for value in (values if isinstance(values, list) else [values])]


class Player:
    def __init__(self, server, namespace, patience=1):
        """`patience`: how many times longer a watch may take than the sequence says."""
        self.server, self.namespace, self.patience = server, namespace, patience

    def play(self, requests):
        """The answers to a sequence, in the shared form."""
        self.words, self.known = {}, {"uid": "none", "continue": "none"}
        self.known["start"] = self.known["old"] = self.known["rv"] = self.version()
        answers = [self.one(request) for request in requests]
        self.clean(requests)
        return answers

    def version(self):
        _, _, body = self.server.ask("GET", f"/api/v1/namespaces/{self.namespace}/configmaps?limit=1")
        return json.loads(body)["metadata"]["resourceVersion"]

    def fill(self, value):
        if isinstance(value, str):
            for name, word in self.known.items():
                value = value.replace("{" + name + "}", word)
            return value.replace("NS", self.namespace) if value == "NS" or "=NS" in value else value
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, dict):
            if value.keys() == {"repeat", "times"}:
                return value["repeat"] * value["times"]
            return {key: self.fill(item) for key, item in value.items()}
        return value

    def one(self, request):
        path = request["path"].replace("NS", self.namespace).replace(":", "%3A").replace("#", "%23")
        query = [(key, self.fill(value)) for key, value in pairs(request)]
        if request.get("stream"):
            query = [(key, str(self.patience) if (key, value) == ("timeoutSeconds", "1") else value) for key, value in query]
        if query:
            path += "?" + urllib.parse.urlencode(query)
        body, headers = request.get("body"), {"Accept": request.get("accept") or "application/json"}
        if body is not None:
            body = self.bytes(body)
            headers["Content-Type"] = request.get("type", "application/json")
        status, fields, answer = self.server.ask(request["method"], path, body, headers)
        warnings = sorted(value for name, value in fields if name.lower() == "warning")
        if request.get("stream") and status == 200:
            events = [json.loads(line) for line in answer.splitlines() if line.strip()]
            return {"status": status, "events": [self.shared(event) for event in events if event["type"] != "BOOKMARK"]}
        try:
            value = json.loads(answer)
        except ValueError:
            kind = dict((name.lower(), value) for name, value in fields).get("content-type", "").split(";")[0]
            return {"status": status, "content": kind}
        self.learn(value)
        result = {"status": status, "answer": self.shared(value)}
        if warnings:
            result["warnings"] = [self.text(warning) for warning in warnings]
        return result

    def bytes(self, body):
        if isinstance(body, str):
            return body.encode()
        body = self.fill(body)
        if isinstance(body, dict) and "protobuf" in body:
            return protobuf.encode(body["protobuf"])
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")

    def learn(self, value):
        meta = value.get("metadata") if isinstance(value, dict) else None
        if not isinstance(meta, dict):
            return
        if meta.get("continue"):
            self.known["continue"] = meta["continue"]
        if meta.get("uid"):
            self.known["uid"] = meta["uid"]
        # The version of a list is moved by whatever else is written.
        if meta.get("resourceVersion") and meta.get("name"):
            self.known["rv"] = meta["resourceVersion"]
            if self.known["old"] == self.known["start"]:
                self.known["old"] = meta["resourceVersion"]

    # The shared form: uids, versions and times by the order in which they appear, the namespace as NS.

    def shared(self, value, name=""):
        if isinstance(value, dict):
            if value.get("kind") == "Status" and "status" in value:
                return self.status(value)
            value = self.unpaged(value)
            if name == "metadata" and isinstance(value.get("generateName"), str):
                value = {**value, "name": generated(value["name"], value["generateName"])}
            return {self.keyed(key): self.shared(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.shared(item) for item in value]
        if isinstance(value, str):
            if name in ("resourceVersion", "continue") and value not in ("", "1"):
                return self.word(value, "V" if name == "resourceVersion" else "C")
            return self.text(value)
        return value

    def keyed(self, key):
        """Elements of lists that are known by a uid."""
        return UID.sub(lambda found: self.word(found.group(), "U"), key) if "uid" in key else key

    def unpaged(self, value):
        """A list without its version: other sequences move it."""
        meta = value.get("metadata")
        if not isinstance(meta, dict) or not ("items" in value or value.get("kind") == "Table"):
            return value
        return {**value, "metadata": {key: item for key, item in meta.items() if key != "resourceVersion"}}

    def word(self, value, letter):
        return self.words.setdefault(value, f"{letter}{sum(1 for w in self.words.values() if w[0] == letter) + 1}")

    def text(self, value):
        value = UID.sub(lambda found: self.word(found.group(), "U"), value)
        value = STAMP.sub(lambda found: found.group() if found.group() == sequences.TIME else "T", value)
        value = TOKEN.sub("JWT", value).replace(self.namespace, "NS")
        # Of long texts their size and sum.
        return value if len(value) < 400 else f"{value[:20]}… {len(value)} {zlib.crc32(value.encode('utf-8', 'replace'))}"

    def status(self, status):
        """Of a Status what programs act on: not its sentence."""
        details = status.get("details") or {}
        shared = {key: status[key] for key in ("status", "reason", "code") if key in status}
        for key in ("name", "group", "kind"):
            if details.get(key):
                shared[key] = self.text(str(details[key]))
        if details.get("causes"):
            causes = {f"{c.get('reason', '')} {self.text(c.get('field', ''))}" for c in details["causes"]}
            shared["causes"] = sorted(causes)
        return shared

    def clean(self, requests):
        collections = {r["path"] for r in requests if r["method"] == "POST" and r["path"].count("NS") < 2}
        for collection in sorted({re.sub(r"/s\d+\S*$", "", path) for path in collections | {r["path"] for r in requests}}):
            if "namespaces/NS/" not in collection or "/watch/" in collection or collection.count("/") > 7:
                continue
            path = collection.replace("NS", self.namespace)
            status, _, body = self.server.ask("GET", path)
            for item in json.loads(body).get("items", []) if status == 200 else []:
                self.remove(path, item)
        for path in sorted({r["path"] for r in requests if re.fullmatch(r"/ap\S+/(regions|namespaces)/s\d+\S*", r["path"])}):
            status, _, body = self.server.ask("GET", path)
            if status == 200:
                self.remove(path.rsplit("/", 1)[0], json.loads(body))

    def remove(self, path, item):
        name = urllib.parse.quote(item["metadata"]["name"])
        # Background also takes off what a foreground deletion put there, which no collector of a bare server does.
        self.server.ask("DELETE", f"{path}/{name}?propagationPolicy=Background")
        if item["metadata"].get("finalizers") or item["metadata"].get("deletionTimestamp"):
            self.server.ask("PATCH", f"{path}/{name}", b'{"metadata":{"finalizers":null}}',
                            {"Content-Type": "application/merge-patch+json"})
        if path == "/api/v1/namespaces":
            # Nobody else ends it on a bare server.
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": item["metadata"]["name"]}, "spec": {}}
            self.server.ask("PUT", f"{path}/{name}/finalize", json.dumps(body).encode(), {"Content-Type": "application/json"})


def prepare(server):
    """Namespaces to run in, a thread each."""
    names = [f"diff{index}" for index in range(THREADS)]
    for name in names:
        body = json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}).encode()
        server.ask("POST", "/api/v1/namespaces", body, {"Content-Type": "application/json"})
    return names


def play_all(server, seed, indices, each):
    """Plays sequences, several at once; `each(index, requests, answers)` is called under a lock."""
    names, lock, rest = prepare(server), threading.Lock(), iter(list(indices))

    def work(namespace):
        player = Player(server, namespace)
        while True:
            with lock:
                index = next(rest, None)
            if index is None:
                return
            requests = further.sequence(seed, index)
            try:
                answers = player.play(requests)
            except (http.client.HTTPException, OSError) as error:
                print(f"sequence {index} of seed {seed} found {server.address} gone: {error}", file=sys.stderr)
                server.lost += 1
                continue
            with lock:
                each(index, requests, answers)

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
