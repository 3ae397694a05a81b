import Model

extension Catalog {
    package static let gcp: [Offering] =
        table(
            .gcp, [.computeEngine], source: "Google Compute Engine price list, us-central1",
            [
                Row("e2-micro", 2000, 1024, disk: 10, 1000, micros: 8_377),
                Row("e2-small", 2000, 2048, disk: 10, 1000, micros: 16_753),
                Row("e2-medium", 2000, 4096, disk: 10, 2000, micros: 33_506),
                Row("e2-standard-2", 2000, 8192, disk: 10, 4000, micros: 67_011),
                Row("e2-standard-4", 4000, 16_384, disk: 10, 8000, micros: 134_023),
                Row("e2-standard-8", 8000, 32_768, disk: 10, 16_000, micros: 268_046),
                Row("e2-standard-16", 16_000, 65_536, disk: 10, 16_000, micros: 536_092),
                Row("n2-standard-2", 2000, 8192, disk: 10, 10_000, micros: 97_118),
                Row("n2-standard-4", 4000, 16_384, disk: 10, 10_000, micros: 194_236),
                Row("n2-standard-8", 8000, 32_768, disk: 10, 16_000, micros: 388_472),
                Row("n2-standard-16", 16_000, 65_536, disk: 10, 32_000, micros: 776_944),
                Row("n2-highmem-4", 4000, 32_768, disk: 10, 10_000, micros: 262_028),
                Row(
                    "n1-standard-4+nvidia-tesla-t4", 4000, 15_360, disk: 10, 10_000, gpu: (1, "T4"),
                    micros: 539_999),
                Row("g2-standard-4", 4000, 16_384, disk: 10, 10_000, gpu: (1, "L4"), micros: 706_832),
                Row("a2-highgpu-1g", 12_000, 87_040, disk: 10, 24_000, gpu: (1, "A100"), micros: 3_673_385),
            ])
        + table(
            .gcp, [.cloudRun], source: "Google Cloud Run price list, instance-based billing, us-central1",
            sizes(
                "cloudrun",
                [
                    (1000, 512), (1000, 1024), (1000, 2048), (1000, 4096), (2000, 4096), (2000, 8192),
                    (4000, 8192),
                    (4000, 16_384), (8000, 16_384), (8000, 32_768),
                ],
                disk: 0, perCPU: 64_800, perGiB: 7_200))
}
