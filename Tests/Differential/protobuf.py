"""Kubernetes' own kinds in protobuf, as client-go's typed clients send them: the envelope `k8s\\0` and runtime.Unknown
around a message of k8s.io/api's generated.proto. A body is {"protobuf": object}; `encode` makes its bytes."""

import base64
import datetime

TYPE = "application/vnd.kubernetes.protobuf"

META = {"name": (1, str), "generateName": (2, str), "namespace": (3, str), "selfLink": (4, str), "uid": (5, str),
        "resourceVersion": (6, str), "generation": (7, int), "deletionGracePeriodSeconds": (10, int), "labels": (11, dict),
        "annotations": (12, dict), "finalizers": (14, [str]),
        "ownerReferences": (13, [{"kind": (1, str), "name": (3, str), "uid": (4, str), "apiVersion": (5, str),
                                  "controller": (6, bool), "blockOwnerDeletion": (7, bool)}])}
REFERENCE = {"kind": (1, str), "namespace": (2, str), "name": (3, str), "uid": (4, str), "apiVersion": (5, str),
             "resourceVersion": (6, str), "fieldPath": (7, str)}
KINDS = {
    "ConfigMap": {"metadata": (1, META), "data": (2, dict), "binaryData": (3, "bytes map"), "immutable": (4, bool)},
    "Secret": {"metadata": (1, META), "data": (2, "bytes map"), "type": (3, str), "stringData": (4, dict), "immutable": (5, bool)},
    "ServiceAccount": {"metadata": (1, META), "secrets": (2, [REFERENCE]), "imagePullSecrets": (3, [{"name": (1, str)}]),
                       "automountServiceAccountToken": (4, bool)},
    "Namespace": {"metadata": (1, META), "spec": (2, {"finalizers": (1, [str])}), "status": (3, {"phase": (1, str)})},
    "Lease": {"metadata": (1, META), "spec": (2, {"holderIdentity": (1, str), "leaseDurationSeconds": (2, int),
                                                  "acquireTime": (3, "time"), "renewTime": (4, "time"),
                                                  "leaseTransitions": (5, int)})},
    "Event": {"metadata": (1, META), "involvedObject": (2, REFERENCE), "reason": (3, str), "message": (4, str),
              "source": (5, {"component": (1, str), "host": (2, str)}), "firstTimestamp": (6, "time"),
              "lastTimestamp": (7, "time"), "count": (8, int), "type": (9, str), "eventTime": (10, "time"),
              "action": (12, str), "reportingComponent": (14, str), "reportingInstance": (15, str)},
    "DeleteOptions": {"gracePeriodSeconds": (1, int), "preconditions": (2, {"uid": (1, str), "resourceVersion": (2, str)}),
                      "orphanDependents": (3, bool), "propagationPolicy": (4, str), "dryRun": (5, [str])},
}


def body(value):
    return {"protobuf": value}


def varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def chunk(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def pairs(number, values, encode):
    return b"".join(chunk(number, chunk(1, key.encode()) + chunk(2, encode(item))) for key, item in values.items())


def moment(text):
    instant = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    nanoseconds = instant.microsecond * 1000
    return b"\x08" + varint(int(instant.replace(microsecond=0).timestamp())) + (b"\x10" + varint(nanoseconds) if nanoseconds else b"")


def field(number, shape, value):
    if isinstance(shape, list):
        return b"".join(field(number, shape[0], item) for item in value)
    if isinstance(shape, dict):
        return chunk(number, message(shape, value))
    if shape is dict:
        return pairs(number, value, str.encode)
    if shape == "bytes map":
        return pairs(number, value, base64.b64decode)
    if shape == "time":
        return chunk(number, moment(value))
    return chunk(number, value.encode()) if shape is str else varint(number << 3) + varint(int(value))


def message(shape, value):
    return b"".join(field(*shape[name], item) for name, item in value.items() if name in shape and item is not None)


def encode(value):
    kind = value["kind"]
    type_meta = chunk(1, value["apiVersion"].encode()) + chunk(2, kind.encode())
    return b"k8s\0" + chunk(1, type_meta) + chunk(2, message(KINDS[kind], value)) + chunk(3, b"") + chunk(4, b"")
