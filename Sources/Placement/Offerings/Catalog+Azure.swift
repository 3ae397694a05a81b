import Model

extension Catalog {
    package static let azure: [Offering] =
        table(
            .azure, [.containerInstances], source: "Azure Container Instances price list, Linux, East US",
            sizes(
                "aci",
                [
                    (1000, 1024), (1000, 1536), (1000, 2048), (1000, 4096), (2000, 4096), (2000, 8192),
                    (4000, 8192),
                    (4000, 16_384),
                ],
                disk: 15, perCPU: 40_500, perGiB: 4_450))
        // Known so that a pool that asks for one is told what it is; no backend of ours makes Azure machines.
        + table(
            .azure, [], source: "Azure Linux virtual machine price list, East US",
            [
                Row("Standard_B2s", 2000, 4096, disk: 30, 750, micros: 41_600),
                Row("Standard_D2s_v5", 2000, 8192, disk: 30, 12_500, micros: 96_000),
                Row("Standard_D4s_v5", 4000, 16_384, disk: 30, 12_500, micros: 192_000),
                Row("Standard_D8s_v5", 8000, 32_768, disk: 30, 12_500, micros: 384_000),
            ])
}
