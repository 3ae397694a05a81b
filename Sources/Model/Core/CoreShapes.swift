import Tree

/// The kinds of Kubernetes that are kept here, member by member (k8s.io/api, core/v1, events/v1, coordination/v1).
package enum CoreShapes {
    static func members(_ kind: Kind) -> (String, [Schema.Property]) {
        switch kind {
        case .namespace: ("A scope for names.", namespace)
        case .secret: ("Confidential values under names; never shown by Reconcile's own commands.", secret)
        case .configMap: ("Plain values under names.", configMap)
        case .event: ("Something that happened to an object, aggregated by cause.", event)
        case .lease: ("A claim that runs out unless it is renewed.", lease)
        case .serviceAccount: ("An identity for programs.", serviceAccount)
        case .region, .workerPool, .executionPlan, .syncPoint, .worker, .task: ("", [])
        }
    }

    /// How large something is and is to be (k8s.io/api, autoscaling/v1).
    package static let scale: Schema = {
        var schema = Kind.whole("A size.")
        schema.properties += [
            .field(
                2, "spec",
                Typed.object("ScaleSpec", "The size wanted.", .field(1, "replicas", Typed.int32, "How many.")),
                "The size wanted.", .always(.emptyObject)),
            .field(
                3, "status",
                Typed.object(
                    "ScaleStatus", "The size there is.",
                    .field(1, "replicas", Typed.int32, "How many.", .always(0)),
                    .field(2, "selector", Typed.text, "Which objects count.")),
                "The size there is.", .always(["replicas": 0])),
        ]
        return schema
    }()

    private static let configMap: [Schema.Property] = [
        .field(2, "data", Typed.map(Typed.text), "Values in plain text."),
        .field(3, "binaryData", Typed.map(Typed.bytes), "Values in base64."),
        .field(4, "immutable", Typed.flag, "Whether data may never change.", .kept),
    ]

    private static let secret: [Schema.Property] = [
        .field(2, "data", Typed.map(Typed.bytes), "Values in base64."),
        .field(3, "type", Typed.text, "How the secret is meant to be used."),
        .field(4, "stringData", Typed.map(Typed.text), "Values in plain text, turned into data on write."),
        .field(5, "immutable", Typed.flag, "Whether data may never change.", .kept),
    ]

    private static let namespace: [Schema.Property] = [
        .field(
            2, "spec",
            Typed.object(
                "NamespaceSpec", "What holds the namespace.",
                .field(1, "finalizers", Typed.list(Typed.text), "What must happen before it may go.")),
            "Finalizers of the namespace.", .always(.emptyObject)),
        .field(
            3, "status",
            Typed.object(
                "NamespaceStatus", "How the namespace is.", .field(1, "phase", Typed.text, "Active or Terminating."),
                .field(
                    2, "conditions", Typed.list(namespaceCondition, .map(keys: ["type"])), "What holds its deletion.")),
            "Phase of the namespace.", .always(.emptyObject)),
    ]

    private static let namespaceCondition = Typed.object(
        "NamespaceCondition", "One thing to know about a namespace.",
        .field(1, "type", Typed.text, "What it is about.", .always("")),
        .field(2, "status", Typed.text, "True, False or Unknown.", .always("")),
        .field(4, "lastTransitionTime", Typed.time, "When it became so.", .always(.null)),
        .field(5, "reason", Typed.text, "Why, in a word."), .field(6, "message", Typed.text, "Why, in a sentence."))

    private static let serviceAccount: [Schema.Property] = [
        .field(
            2, "secrets", Typed.list(objectReference, .map(keys: ["name"])),
            "Secrets that may be used under the identity."),
        .field(
            3, "imagePullSecrets",
            Typed.list(
                Typed.object(
                    "LocalObjectReference", "An object of the same namespace.", atomic: true,
                    .field(1, "name", Typed.text, "Its name."))),
            "Secrets for pulling images."),
        .field(
            4, "automountServiceAccountToken", Typed.flag, "Whether pods get a token by themselves.", .kept),
    ]

    private static let objectReference = Typed.object(
        "ObjectReference", "Which object is meant.", atomic: true, .field(1, "kind", Typed.text, "Its kind."),
        .field(2, "namespace", Typed.text, "Its namespace."), .field(3, "name", Typed.text, "Its name."),
        .field(4, "uid", Typed.text, "Its UID."), .field(5, "apiVersion", Typed.text, "Its group and version."),
        .field(6, "resourceVersion", Typed.text, "The version that is meant."),
        .field(7, "fieldPath", Typed.text, "The part of it that is meant."))

    private static let eventSource = Typed.object(
        "EventSource", "Where an event comes from.", .field(1, "component", Typed.text, "The program."),
        .field(2, "host", Typed.text, "The machine."))

    private static let eventSeries = Typed.object(
        "EventSeries", "Events of one cause.", .field(1, "count", Typed.int32, "How many so far."),
        .field(2, "lastObservedTime", Typed.microTime, "When the last one was seen.", .always(.null)))

    private static let event: [Schema.Property] = [
        .field(2, "involvedObject", objectReference, "The object it is about.", .always(.emptyObject)),
        .field(3, "reason", Typed.text, "The cause in one word."),
        .field(4, "message", Typed.text, "The cause in a sentence."),
        .field(5, "source", eventSource, "The component that saw it.", .always(.emptyObject)),
        .field(6, "firstTimestamp", Typed.time, "When it happened first.", .always(.null)),
        .field(7, "lastTimestamp", Typed.time, "When it happened last.", .always(.null)),
        .field(8, "count", Typed.int32, "How often it happened."),
        .field(9, "type", Typed.text, "Normal or Warning."),
        .field(10, "eventTime", Typed.microTime, "When it was seen, to the microsecond.", .always(.null)),
        .field(11, "series", eventSeries, "The aggregate it belongs to.", .kept),
        .field(12, "action", Typed.text, "What was done."),
        .field(13, "related", objectReference, "A second object it concerns.", .kept),
        .field(14, "reportingComponent", Typed.text, "The controller that reports it.", .always("")),
        .field(15, "reportingInstance", Typed.text, "The instance of that controller.", .always("")),
    ]

    /// An Event under the names that the group events.k8s.io has for its members.
    package static let newEvent: [Schema.Property] = [
        .field(2, "eventTime", Typed.microTime, "When it was seen, to the microsecond.", .always(.null)),
        .field(
            3, "series",
            Typed.object(
                "EventSeries", "Events of one cause.", .field(1, "count", Typed.int32, "How many so far.", .always(0)),
                .field(2, "lastObservedTime", Typed.microTime, "When the last one was seen.", .always(.null))),
            "The aggregate it belongs to.", .kept),
        .field(4, "reportingController", Typed.text, "The controller that reports it."),
        .field(5, "reportingInstance", Typed.text, "The instance of that controller."),
        .field(6, "action", Typed.text, "What was done."), .field(7, "reason", Typed.text, "The cause in one word."),
        .field(8, "regarding", objectReference, "The object it is about.", .always(.emptyObject)),
        .field(9, "related", objectReference, "A second object it concerns.", .kept),
        .field(10, "note", Typed.text, "The cause in a sentence."),
        .field(11, "type", Typed.text, "Normal or Warning."),
        .field(12, "deprecatedSource", eventSource, "The component that saw it.", .always(.emptyObject)),
        .field(13, "deprecatedFirstTimestamp", Typed.time, "When it happened first.", .always(.null)),
        .field(14, "deprecatedLastTimestamp", Typed.time, "When it happened last.", .always(.null)),
        .field(15, "deprecatedCount", Typed.int32, "How often it happened."),
    ]

    private static let lease: [Schema.Property] = [
        .field(
            2, "spec",
            Typed.object(
                "LeaseSpec", "A claim.", .field(1, "holderIdentity", Typed.text, "Who holds it.", .kept),
                .field(2, "leaseDurationSeconds", Typed.int32, "Seconds after which it runs out.", .kept),
                .field(3, "acquireTime", Typed.microTime, "When its holder got it.", .kept),
                .field(4, "renewTime", Typed.microTime, "When its holder renewed it last.", .kept),
                .field(5, "leaseTransitions", Typed.int32, "How often its holder changed.", .kept),
                .field(6, "strategy", Typed.text, "How a holder is chosen.", .kept),
                .field(7, "preferredHolder", Typed.text, "Who should hold it.", .kept)),
            "Holder, duration and times of the claim.", .always(.emptyObject))
    ]
}
