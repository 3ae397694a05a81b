package import Model

/// Which of a pool's idle workers tasks that come next will use: those are not given up, since renting anew costs the
/// start-up time and another minimum.
///
/// Tasks are packed first fit, the nearest first, into the idle workers in the order given: what is kept is few
/// workers, filled, and those at the end of the order are the first to go.
package enum IdleWorkers {
    package struct Idle: Sendable {
        package var slots: Int
        package var capacity: Resources
        package var capabilities: [String]
        package var hasEngine: Bool
        package var costPerHour: Money

        package init(
            slots: Int, capacity: Resources, capabilities: [String] = [], hasEngine: Bool = false,
            costPerHour: Money = .zero
        ) {
            self.slots = slots
            self.capacity = capacity
            self.capabilities = capabilities
            self.hasEngine = hasEngine
            self.costPerHour = costPerHour
        }
    }

    /// A task that is ready, or will be once what runs now has ended.
    package struct Use: Sendable, Hashable {
        package var requires: Requirements
        package var needsEngine: Bool
        /// When it will be ready; nil: now, or nobody can say.
        package var at: Timestamp?

        package init(_ requires: Requirements, needsEngine: Bool = false, at: Timestamp? = nil) {
            self.requires = requires
            self.needsEngine = needsEngine
            self.at = at
        }
    }

    /// Indices into `idle` of the workers to keep.
    ///
    /// - Parameters:
    ///   - horizon: A task that comes later than this does not hold a worker: by then it costs more to keep than to
    ///     rent anew.
    package static func kept(
        _ idle: [Idle], for uses: [Use], in region: PlacementRegion, horizon: Timestamp
    ) -> Set<Int> {
        var kept: Set<Int> = []
        var free = idle.map { Amounts($0.capacity, slots: $0.slots) }
        for use in uses where use.at.map({ $0 <= horizon }) ?? true {
            guard use.requires.mask(of: region).isEmpty else { continue }
            let request = Amounts(use.requires)
            let place = idle.indices.first { index in
                free[index].holds(request) && idle[index].takes(use)
            }
            guard let place else { continue }
            free[place] -= request
            kept.insert(place)
        }
        return kept
    }
}

extension IdleWorkers.Idle {
    /// What is not a matter of amounts.
    fileprivate func takes(_ use: IdleWorkers.Use) -> Bool {
        if use.needsEngine && !hasEngine { return false }
        if let cap = use.requires.maxCostPerHour, costPerHour > cap { return false }
        if Amounts(use.requires).gpu > 0, !use.requires.accepts(gpuModel: capacity.gpu?.model) { return false }
        return use.requires.capabilities.allSatisfy(capabilities.contains)
    }
}

extension Requirements {
    /// Whether whoever holds room for this has room for `other` as well.
    package func covers(_ other: Requirements) -> Bool { Amounts(self).holds(Amounts(other)) }
}

extension Resources {
    /// Whether this has no less of anything, and graphics processors of the same model.
    package func holds(_ other: Resources) -> Bool {
        let (mine, others) = (Amounts(self, slots: 1), Amounts(other, slots: 1))
        return mine.holds(others) && (others.gpu == 0 || gpu?.model == other.gpu?.model)
    }
}
