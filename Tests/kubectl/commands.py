"""What is asked of kubectl, in order: what each command prints has to be what it prints on a real cluster.

A command is a line as a shell would split it; a name in braces stands for a file with that manifest.
"""

FILES = {
    "b": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, labels: {app: p}}\ndata: {x: '1', y: '2'}\n",
    "b2": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, labels: {app: p}}\ndata: {x: '1', z: '3'}\n",
    "b3": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {x: '5'}\n",
    "stale": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, resourceVersion: '1'}\ndata: {x: '9'}\n",
    "name": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A_b}\n",
    "unknown": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: u, bogus: 1}\ndatum: {x: '1'}\n",
    "typed": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t}\ndata: {x: 1}\n",
    "kind": "apiVersion: v1\nkind: Pond\nmetadata: {name: t}\n",
    "two": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, labels: {app: q}}\n---\n"
           "apiVersion: v1\nkind: Secret\nmetadata: {name: two, labels: {app: q}}\nstringData: {a: b}\n",
    "one": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, labels: {app: q}}\n",
    "list": "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: l1}}\n"
            "- {apiVersion: v1, kind: ConfigMap, metadata: {name: l2}}\n",
    "lease": "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: lead}\n"
             "spec: {holderIdentity: me, leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.000006Z'}\n",
    "badlease": "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: bad}\nspec: {leaseDurationSeconds: 0}\n",
    "event": "apiVersion: v1\nkind: Event\nmetadata: {name: b.made}\nreason: Made\nmessage: said by a test\ntype: Normal\n"
             "involvedObject: {apiVersion: v1, kind: ConfigMap, namespace: kdiff, name: b}\ncount: 2\n"
             "firstTimestamp: '2026-01-02T03:04:05Z'\nlastTimestamp: '2026-01-02T03:04:05Z'\nsource: {component: test}\n",
    "held": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [example.com/hold]}\n",
    "pool": "apiVersion: reconcile.dev/v1alpha1\nkind: WorkerPool\nmetadata: {name: web, labels: {tier: front}}\n"
            "spec: {region: nowhere, minWorkers: 0, maxWorkers: 9, suspend: true}\n",
    "pool2": "apiVersion: reconcile.dev/v1alpha1\nkind: WorkerPool\nmetadata: {name: web, labels: {tier: front}}\n"
             "spec: {region: nowhere, minWorkers: 1, maxWorkers: 9, suspend: true}\n",
    "poolbad": "apiVersion: reconcile.dev/v1alpha1\nkind: WorkerPool\nmetadata: {name: bad}\n"
               "spec: {region: nowhere, minWorkerz: 1}\n",
    "point": "apiVersion: reconcile.dev/v1alpha1\nkind: SyncPoint\nmetadata: {name: meet}\n"
             "spec: {participants: [{external: a}, {external: b}]}\n",
}

COMMANDS = """
create namespace kdiff
get namespace kdiff -o name
get namespace kdiff -o yaml
get namespace kdiff -o jsonpath={.status.phase}
label namespace kdiff team=shop
describe namespace kdiff
create configmap a --from-literal=x=1 --from-literal=y=2
create configmap a --from-literal=x=1
get configmap a
get configmap a -o yaml
get configmap a -o json
get cm a -o yaml --show-managed-fields
get cm a -o wide
get cm a -o jsonpath={.data.x}
get cm -o custom-columns=N:.metadata.name,X:.data.x
get cm --no-headers
get cm -l tier=front
label cm a tier=front
get cm -l tier=front -o name
get cm -l tier= -o name
get cm -l 'tier in (front,back)' -o name
get cm -l '!tier' -o name
get cm -l 'tier=' -o name
get cm -l 'tier in'
label cm a tier=back
label cm a tier=back --overwrite
label cm a tier-
label cm a 'a b=c'
label cm a --list
annotate cm a note=x
annotate cm a --list
annotate cm a note-
get cm --show-labels
patch cm a --type=merge -p '{"data":{"x":"2","n":null}}'
patch cm a --type=merge -p '{"data":{"x":"2"}}'
patch cm a --type=json -p '[{"op":"add","path":"/data/j","value":"1"}]'
patch cm a --type=json -p '[{"op":"test","path":"/data/j","value":"2"}]'
patch cm a -p '{"data":{"s":"1"}}'
patch cm a -p '{"data":{"s":1}}'
patch cm a -p '{"bogus":1}'
patch cm nobody -p '{}'
patch cm a --subresource=status --type=merge -p '{}'
apply -f {b}
apply -f {b}
apply -f {b2}
get cm b -o jsonpath={.data}
apply -f {b} --dry-run=server
apply view-last-applied cm b
apply -f {b3} --server-side
apply -f {b3} --server-side --field-manager=other
apply -f {b3} --server-side --field-manager=other --force-conflicts
get cm b -o yaml --show-managed-fields
diff -f {b2}
replace -f {b2}
replace -f {stale}
replace -f {one}
create -f {name}
create -f {unknown}
create -f {unknown} --validate=warn
create -f {unknown} --validate=ignore
create -f {typed}
create -f {kind}
create -f {two}
create -f {two}
apply -f {two} --prune -l app=q --prune-allowlist=core/v1/ConfigMap --prune-allowlist=core/v1/Secret
apply -f {one} --prune -l app=q --prune-allowlist=core/v1/ConfigMap --prune-allowlist=core/v1/Secret
create -f {list}
delete -f {list}
create secret generic s --from-literal=p=q
get secret
get secret s -o yaml
get secret s -o jsonpath={.data.p}
describe secret s
create secret docker-registry r --docker-server=x.example.com --docker-username=u --docker-password=p
get secret r -o jsonpath={.type}
patch secret s --type=merge -p '{"type":"other"}'
create serviceaccount sa
get sa sa -o yaml
get sa
describe sa sa
describe cm b
explain configmap
explain cm.data
explain cm.immutable
explain secret.type
explain lease.spec.renewTime
explain sa.secrets
explain namespace.spec
explain wpool.spec.minWorkers
explain cm.nothing
api-resources --api-group=coordination.k8s.io --no-headers
api-resources --api-group=events.k8s.io --no-headers
api-resources --api-group=reconcile.dev
get lease nobody
apply -f {lease}
apply -f {badlease}
get lease
get lease lead -o yaml
create -f {event}
get events
get events --no-headers -o wide
get events --field-selector reason=Made -o name
get events --field-selector bogus=1
get cm --field-selector metadata.name=b -o name
get cm --sort-by=.metadata.name -o name
get cm --chunk-size=1 -o name
get cm,secret,sa -o name
get cm b nobody
get cm nobody
get ponds
get cm b -o 'go-template={{.data.x}}'
get cm -o 'jsonpath-as-json={.items[*].metadata.name}'
get --raw /api/v1/namespaces/kdiff/configmaps/nobody
get --raw /nowhere
get --raw /apis/reconcile.dev/v1alpha1/namespaces/kdiff/ponds
create cm c --from-literal=a=b --dry-run=server -o yaml
create cm c --from-literal=a=b --dry-run=client -o name
wait cm b --for=jsonpath={.data.x}=1 --timeout=5s
wait cm b --for=delete --timeout=1s
apply -f {held}
delete cm held --wait=false
get cm held -o jsonpath={.metadata.finalizers}
patch cm held --type=merge -p '{"metadata":{"finalizers":null}}'
get cm held
auth can-i create cm
auth can-i delete leases.coordination.k8s.io
apply -f {pool}
apply -f {pool}
get wpool web -o jsonpath={.spec}
patch wpool web --type=merge -p '{"spec":{"minWorkers":-1,"maxWorkers":2000}}'
patch wpool web --type=merge -p '{"spec":{"maxWorkers":8}}'
patch wpool web -p '{"spec":{"maxWorkers":8}}'
scale wpool web --replicas=3
get wpool web -o jsonpath={.spec.replicas}
scale wpool web --replicas=3 --current-replicas=9
apply -f {pool2} --server-side
apply -f {pool2} --server-side --field-manager=other
apply -f {poolbad}
apply -f {poolbad} --validate=warn --dry-run=server
delete wpool web --wait=false
apply -f {point}
get syncpoint meet -o jsonpath={.spec.participants}
delete syncpoint meet
delete cm nobody
delete cm nobody --ignore-not-found
delete cm a --dry-run=server
delete cm a
delete cm -l none=none
replace --force -f {b}
delete cm --all
get cm
delete namespace kdiff --wait=false
"""
