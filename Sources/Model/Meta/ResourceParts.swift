/// A resource's three parts, each behind one reference: a copy costs three retains however many fields they have, and
/// parts of two copies of one resource are known to be equal without a look inside.
package struct ResourceParts<Spec: Structured, Status: Structured>: Sendable, Equatable {
    package var metadata: Part<ObjectMeta>
    package var spec: Part<Spec>
    package var status: Part<Status>

    @inlinable
    package init(metadata: ObjectMeta, spec: Spec, status: Status) {
        self.metadata = Part(metadata)
        self.spec = Part(spec)
        self.status = Part(status)
    }
}

/// A value that copies share. Parts are read and handed round far more often than they are changed: each change makes
/// a new one.
package struct Part<Value: Sendable & Equatable>: Sendable, Equatable {
    @usableFromInline
    final class Box: Sendable {
        @usableFromInline let value: Value
        @inlinable init(_ value: Value) { self.value = value }
    }

    @usableFromInline var box: Box

    @inlinable
    package init(_ value: Value) { box = Box(value) }

    @inlinable
    package var value: Value {
        _read { yield box.value }
        _modify {
            var value = box.value
            defer { box = Box(value) }
            yield &value
        }
    }

    @inlinable
    package static func == (a: Part, b: Part) -> Bool { a.box === b.box || a.box.value == b.box.value }
}

extension Resource {
    @inlinable
    package var metadata: ObjectMeta {
        _read { yield parts.metadata.value }
        _modify { yield &parts.metadata.value }
    }

    @inlinable
    package var spec: Spec {
        _read { yield parts.spec.value }
        _modify { yield &parts.spec.value }
    }

    @inlinable
    package var status: Status {
        _read { yield parts.status.value }
        _modify { yield &parts.status.value }
    }
}
