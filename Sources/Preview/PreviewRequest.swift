package import Engine
package import Model
package import Ports
package import Tree

/// What to preview: the store as it stands, what the user would change, and the engine's settings.
package struct PreviewRequest: Sendable {
    package var standing: [StoredObject]
    /// Whole objects as admission made them: new, or in place of those that stand.
    package var documents: [(key: ObjectKey, tree: Tree)]
    package var deletions: [ObjectKey]
    package var settings: Settings
    package var now: Moment
    /// What fails, so long after the beginning.
    package var failure: Failure?
    /// Virtual time after which the run is given up, and steps, beside 200 for each task and worker.
    package var limit = Duration.hours(10 * 365 * 24)
    package var stepLimit = 200_000

    package struct Failure: Sendable, Hashable {
        /// Its workers are lost. A region's provider, and a provider as a whole, answers no more from then on; of a
        /// pool and of a worker new ones come as usual.
        package enum Part: Sendable, Hashable {
            case region(String)
            case provider(ProviderKind)
            case pool(ObjectKey)
            case worker(ObjectKey)
        }
        package var part: Part
        package var at: Duration
        package init(_ part: Part, at: Duration) {
            self.part = part
            self.at = at
        }
    }

    package init(
        standing: [StoredObject], documents: [(key: ObjectKey, tree: Tree)], deletions: [ObjectKey] = [],
        settings: Settings, now: Moment, failure: Failure? = nil
    ) {
        self.standing = standing
        self.documents = documents
        self.deletions = deletions
        self.settings = settings
        self.now = now
        self.failure = failure
    }
}

/// The preview of a request: pure, the same request gives the same report.
package enum Preview {
    package static func run(_ request: PreviewRequest) -> PreviewReport {
        var rehearsal = Rehearsal(request)
        rehearsal.run()
        return rehearsal.report()
    }
}
