package import Model

/// The table of common instance types and sizes, for where no live price source is asked or answers. Order of
/// trust: what the user says, then a live source, then this table.
///
/// Prices are on-demand Linux prices of the reference region each source names, entered by hand from the
/// providers' public price lists and checked by no program; a region's `pricing.multiplier` brings them to
/// its own level. Network is the sustained bandwidth in Mbps where the provider publishes one, else its
/// stated maximum, and none where it states none. Storage is the root disk a worker gets unasked, or the
/// local disk that comes with the type.
package enum Catalog {
    /// Of when all prices in the table are.
    package static let date = "2025-01-01"

    package static let all: [Offering] = aws + gcp + azure

    package static func offerings(_ provider: ProviderKind) -> [Offering] {
        switch provider {
        case .aws: aws
        case .gcp: gcp
        case .azure: azure
        case .kubernetes, .docker, .local, .edge: []
        }
    }

    package static func offering(_ provider: ProviderKind, _ name: String) -> Offering? {
        offerings(provider).first { $0.name == name }
    }

    /// The cheapest that one of the provider's services runs and that has the hardware asked for; nil where
    /// none has.
    package static func cheapest(_ provider: ProviderKind, fitting requires: Requirements) -> Offering? {
        offerings(provider).filter { !$0.backends.isEmpty && $0.shortfall(of: requires) == nil }
            .min { $0.perHour != $1.perHour ? $0.perHour < $1.perHour : $0.name < $1.name }
    }

    /// One row: millicores, MiB, GiB of disk, Mbps, GPUs, micro-dollars an hour.
    struct Row {
        let name: String
        let cpu: Int64
        let memory: Int64
        let storage: Int64
        let network: Int?
        let gpu: (count: Int, model: String)?
        let micros: Int64

        init(
            _ name: String, _ cpu: Int64, _ memory: Int64, disk storage: Int64, _ network: Int?,
            gpu: (count: Int, model: String)? = nil, micros: Int64
        ) {
            self.name = name
            self.cpu = cpu
            self.memory = memory
            self.storage = storage
            self.network = network
            self.gpu = gpu
            self.micros = micros
        }
    }

    static func table(_ provider: ProviderKind, _ backends: [Backend], source: String, _ rows: [Row])
        -> [Offering]
    {
        rows.map { row in
            var resources = Resources()
            resources.cpu = Quantity(milli: row.cpu)
            resources.memory = .mebibytes(row.memory)
            resources.storage = .gibibytes(row.storage)
            resources.networkMbps = row.network
            if let gpu = row.gpu {
                var value = GPU()
                value.count = gpu.count
                value.model = gpu.model
                resources.gpu = value
            }
            return Offering(
                provider: provider, name: row.name, backends: backends, resources: resources,
                perHour: Money(micros: row.micros), source: source, date: date)
        }
    }

    /// Sizes sold by the vCPU and the GiB, `prefix-CPUxGIB`.
    static func sizes(
        _ prefix: String, _ sizes: [(cpu: Int64, memory: Int64)], disk: Int64, perCPU: Int64, perGiB: Int64
    ) -> [Row] {
        sizes.map { cpu, memory in
            let micros = (cpu * perCPU + 999) / 1000 + (memory * perGiB + 1023) / 1024
            let name = "\(prefix)-\(decimal(cpu, 1000))x\(decimal(memory, 1024))"
            return Row(name, cpu, memory, disk: disk, nil, micros: micros)
        }
    }

    private static func decimal(_ value: Int64, _ unit: Int64) -> String {
        Money(micros: value * 1_000_000 / unit).decimal
    }
}
