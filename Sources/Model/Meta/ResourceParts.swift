/// A resource's three parts, each behind one reference: a copy costs three retains however many fields they have, and
/// parts of two copies of one resource are known to be equal without a look inside.
///
/// Resources are read and handed round far more often than they are changed: each change of a part makes a new one.
package struct ResourceParts<Spec: Structured, Status: Structured>: Sendable, Equatable {
    @usableFromInline
    final class Part<Value: Sendable & Equatable>: Sendable, Equatable {
        @usableFromInline let value: Value
        @inlinable init(_ value: Value) { self.value = value }

        @inlinable
        static func == (a: Part, b: Part) -> Bool { a === b || a.value == b.value }
    }

    @usableFromInline var metadataPart: Part<ObjectMeta>
    @usableFromInline var specPart: Part<Spec>
    @usableFromInline var statusPart: Part<Status>

    @inlinable
    package init(metadata: ObjectMeta, spec: Spec, status: Status) {
        metadataPart = Part(metadata)
        specPart = Part(spec)
        statusPart = Part(status)
    }
}

extension Resource {
    @inlinable
    package var metadata: ObjectMeta {
        _read { yield parts.metadataPart.value }
        _modify {
            var value = parts.metadataPart.value
            defer { parts.metadataPart = .init(value) }
            yield &value
        }
    }

    @inlinable
    package var spec: Spec {
        _read { yield parts.specPart.value }
        _modify {
            var value = parts.specPart.value
            defer { parts.specPart = .init(value) }
            yield &value
        }
    }

    @inlinable
    package var status: Status {
        _read { yield parts.statusPart.value }
        _modify {
            var value = parts.statusPart.value
            defer { parts.statusPart = .init(value) }
            yield &value
        }
    }
}
