"""The official Kubernetes client against the embedded API: client.py KUBECONFIG. Prints one line when all is well."""

import logging
import socket
import sys
import threading
import time

import kubernetes
import urllib3
from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection

try:
    from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock
except ModuleNotFoundError:
    # Older clients know no Leases to elect on.
    LeaseLock = None

GROUP, VERSION, NAMESPACE = "reconcile.dev", "v1alpha1", "python"
LIMIT = 20
CURRENT = int(kubernetes.__version__.split(".")[0]) > 31
checks = 0


def check(holds, because):
    global checks
    if not holds:
        sys.exit(f"error: {because}")
    checks += 1


def refused(status, reason, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except ApiException as error:
        check(error.status == status, f"{error.status} where {status} is right: {error.body}")
        check(f'"reason":"{reason}"' in error.body, f"the reason is {reason}: {error.body}")
        return
    sys.exit(f"error: {call.__name__} was let through where {status} is right")


def eventually(holds, because):
    end = time.monotonic() + LIMIT
    while not holds():
        check(time.monotonic() < end, f"not within {LIMIT} s: {because}")
        time.sleep(0.05)


def pool(name, most=5, **labels):
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "WorkerPool",
        "metadata": {"name": name, "labels": labels},
        "spec": {"region": "nowhere", "maxWorkers": most, "worker": {"type": "Local"}},
    }


def pools(api):
    return api, (GROUP, VERSION, NAMESPACE, "workerpools")


def objects_of_kubernetes(core):
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=NAMESPACE)))
    check(core.read_namespace(NAMESPACE).status.phase == "Active", "a namespace is active")
    secret = core.create_namespaced_secret(
        NAMESPACE, client.V1Secret(metadata=client.V1ObjectMeta(name="s"), string_data={"user": "maya"}))
    check(secret.type == "Opaque" and secret.data == {"user": "bWF5YQ=="}, "a secret is completed")
    names = client.V1ObjectMeta(name="m", labels={"tier": "front"})
    core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=names, data={"a": "b"}))
    core.patch_namespaced_config_map("m", NAMESPACE, {"data": {"c": "d"}})
    found = core.read_namespaced_config_map("m", NAMESPACE)
    check(found.data == {"a": "b", "c": "d"}, "a strategic merge patch adds")
    found.data = {"e": "f"}
    check(core.replace_namespaced_config_map("m", NAMESPACE, found).data == {"e": "f"}, "a replacement replaces")
    refused(409, "Conflict", core.replace_namespaced_config_map, "m", NAMESPACE, found)
    listed = core.list_namespaced_config_map(NAMESPACE, label_selector="tier=front")
    check([item.metadata.name for item in listed.items] == ["m"], "a label selects")
    refused(409, "AlreadyExists", core.create_namespaced_config_map, NAMESPACE, client.V1ConfigMap(metadata=names))
    # A dict or an object, by the client's version.
    check("'status': 'Success'" in str(core.delete_namespaced_config_map("m", NAMESPACE)), "a deletion says so")
    refused(404, "NotFound", core.read_namespaced_config_map, "m", NAMESPACE)


def typed(content):
    """The type of a patch, for clients that do not tell it from the patch."""
    return {"_content_type": content} if CURRENT else {}


def custom_objects(custom):
    where = (GROUP, VERSION, NAMESPACE, "workerpools")
    made = custom.create_namespaced_custom_object(*where, pool("web", tier="front"))
    check(made["spec"]["minWorkers"] == 0, "defaults are visible")
    merged = custom.patch_namespaced_custom_object(
        *where, "web", {"spec": {"maxWorkers": 7}}, **typed("application/merge-patch+json"))
    check(merged["spec"]["maxWorkers"] == 7 and merged["metadata"]["generation"] == 2, "a merge patch")
    # Older clients send a list as a merge patch, whatever it is.
    operations = [{"op": "replace", "path": "/spec/maxWorkers", "value": 8}]
    patched = custom.patch_namespaced_custom_object(
        *where, "web", operations if CURRENT else {"spec": {"maxWorkers": 8}}, **typed("application/json-patch+json"))
    check(patched["spec"]["maxWorkers"] == 8, "a JSON patch")
    scaled = custom.patch_namespaced_custom_object_scale(
        *where, "web", {"spec": {"replicas": 3}}, **typed("application/merge-patch+json"))
    check(scaled["spec"]["replicas"] == 3, "scale")
    wrong = pool("bad", most=-1)
    refused(422, "Invalid", custom.create_namespaced_custom_object, *where, wrong)
    refused(400, "BadRequest", custom.create_namespaced_custom_object, *where,
            {**pool("typo"), "spec": {"region": "r", "maxWorkerz": 1}}, field_validation="Strict")
    for name in ["a", "b", "c"]:
        custom.create_namespaced_custom_object(*where, pool(name, tier="back"))
    first = custom.list_namespaced_custom_object(*where, limit=2)
    rest = custom.list_namespaced_custom_object(*where, limit=2, _continue=first["metadata"]["continue"])
    names = [item["metadata"]["name"] for part in [first, rest] for item in part["items"]]
    check(names == ["a", "b", "c", "web"], "a list in parts")
    custom.delete_collection_namespaced_custom_object(*where, label_selector="tier=back")
    # A pool takes its workers along: its controller ends it.
    eventually(lambda: len(custom.list_namespaced_custom_object(*where)["items"]) == 1, "a collection is deleted")


def dynamic_client(api):
    cluster = dynamic.DynamicClient(api)
    resource = cluster.resources.get(api_version=f"{GROUP}/{VERSION}", kind="WorkerPool")
    check(resource.namespaced and "wpool" in resource.short_names, "discovery knows the kind")
    applied = resource.server_side_apply(
        body=pool("applied"), namespace=NAMESPACE, field_manager="one")
    check(applied.spec.maxWorkers == 5, "server-side apply makes")
    try:
        resource.server_side_apply(body=pool("applied", most=9), namespace=NAMESPACE, field_manager="two")
        sys.exit("error: a conflicting apply was let through")
    except dynamic.exceptions.ConflictError as error:
        check("FieldManagerConflict" in str(error.body), "a conflict says whose field it is")
    forced = resource.server_side_apply(
        body=pool("applied", most=9), namespace=NAMESPACE, field_manager="two", force_conflicts=True)
    check(forced.spec.maxWorkers == 9, "force takes over")
    status = resource.status.get(name="applied", namespace=NAMESPACE)
    check(status.metadata.name == "applied", "the status subresource is discovered")
    resource.delete(name="applied", namespace=NAMESPACE)
    definitions = cluster.resources.get(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition")
    check(len(definitions.get().items) >= 6, "definitions can be listed")


class Cable:
    """A TCP connection to the server that can be cut: what is between a client and a server that it loses."""

    def __init__(self, host, port):
        self.target, self.pairs = (host, port), []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(self.target)
            self.pairs += [near, far]
            for source, sink in [(near, far), (far, near)]:
                threading.Thread(target=self.carry, args=(source, sink), daemon=True).start()

    @staticmethod
    def carry(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for end in [source, sink]:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        pairs, self.pairs = self.pairs, []
        for end in pairs:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def watch_with_reconnect(core, settings):
    """Counts up one value while the connection is cut again and again: every version is seen once, in order."""
    address = urllib3.util.parse_url(settings.host)
    cable = Cable(address.host, address.port)
    far = client.Configuration()
    for name in ["ssl_ca_cert", "cert_file", "key_file"]:
        setattr(far, name, getattr(settings, name))
    far.host = f"https://127.0.0.1:{cable.port}"
    far.retries = False
    maps = client.CoreV1Api(client.ApiClient(far))
    last, total = 150, []
    core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="count")))
    version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version

    def count():
        for value in range(1, last + 1):
            core.patch_namespaced_config_map("count", NAMESPACE, {"data": {"value": str(value)}})
            if value % 15 == 0:
                cable.cut()

    writer = threading.Thread(target=count, daemon=True)
    writer.start()
    cuts, end = 0, time.monotonic() + LIMIT
    while not total or total[-1] < last:
        check(time.monotonic() < end, f"all {last} values within {LIMIT} s: {total[-3:]}")
        watcher = watch.Watch()
        try:
            for event in watcher.stream(
                    maps.list_namespaced_config_map, NAMESPACE, resource_version=version,
                    allow_watch_bookmarks=True, timeout_seconds=LIMIT):
                if event["type"] == "BOOKMARK":
                    continue
                version = event["object"].metadata.resource_version
                if event["object"].metadata.name == "count":
                    total.append(int(event["object"].data["value"]))
                if total and total[-1] == last:
                    watcher.stop()
        except (urllib3.exceptions.HTTPError, OSError):
            cuts += 1
        except ApiException as error:
            # Cut before there was an answer.
            check(not error.status, f"{error.status}: {error.body}")
            cuts += 1
    writer.join()
    check(total == list(range(1, last + 1)), f"no gap, no repeat: {total}")
    check(cuts >= 3, f"the connection was cut: {cuts}")
    try:
        for event in watch.Watch().stream(
                core.list_namespaced_config_map, NAMESPACE, resource_version="1", timeout_seconds=5):
            pass
    except ApiException as error:
        check(error.status == 410, "a version from before the history is gone")
    return cuts


def streams_of_one_client(core):
    """As many as one client may hold, and one more; what is let go can be had again."""
    held = []

    def open_one():
        try:
            held.append(core.list_namespaced_config_map(NAMESPACE, watch=True, _preload_content=False))
            return True
        except ApiException as error:
            check(error.status == 429 and '"reason":"TooManyRequests"' in str(error.body), f"{error.status}: {error.body}")
            check(error.headers["Retry-After"] == "1", "it says when to try again")
            return False

    while len(held) <= 256 and open_one():
        pass
    # Watches that were cut a moment ago may still count.
    check(200 < len(held) <= 256, f"so many watches, and no more: {len(held)}")
    for answer in held:
        answer.close()
    held.clear()
    eventually(open_one, "there is room again")
    for answer in held:
        answer.close()


def leader_election():
    """Two candidates on one Lease: one leads, and when it lets go the other follows."""
    reigns, ends = [], {}

    def candidate(name):
        ends[name] = threading.Event()

        def lead():
            reigns.append(name)
            ends[name].wait(LIMIT)
            raise RuntimeError("lets go")

        lock = LeaseLock("election", NAMESPACE, name)
        settings = electionconfig.Config(
            lock, lease_duration=4, renew_deadline=3, retry_period=1.1, onstarted_leading=lead,
            onstopped_leading=lambda: None)
        threading.Thread(target=leaderelection.LeaderElection(settings).run, daemon=True).start()

    candidate("first")
    eventually(lambda: reigns == ["first"], "the first one leads")
    candidate("second")
    time.sleep(0.5)
    check(reigns == ["first"], "while it renews, nobody else does")
    ends["first"].set()
    eventually(lambda: reigns == ["first", "second"], "the second one follows")
    lease = client.CoordinationV1Api().read_namespaced_lease("election", NAMESPACE)
    check(lease.spec.holder_identity == "second", "the lease says who leads")
    ends["second"].set()


def main():
    # A candidate that lets go says so with a trace.
    logging.disable(logging.CRITICAL)
    config.load_kube_config(config_file=sys.argv[1])
    settings = client.Configuration.get_default_copy()
    core, custom = client.CoreV1Api(), client.CustomObjectsApi()
    check(client.VersionApi().get_code().git_version.startswith("v1."), "a version")
    objects_of_kubernetes(core)
    custom_objects(custom)
    dynamic_client(client.ApiClient())
    cuts = watch_with_reconnect(core, settings)
    streams_of_one_client(core)
    if LeaseLock:
        leader_election()
    core.delete_namespace(NAMESPACE)
    print(f"Python client {kubernetes.__version__}: {checks} checks passed, a watch cut {cuts} times")


main()
