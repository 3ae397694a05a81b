import Model

extension Catalog {
    package static let aws: [Offering] =
        table(
            .aws, [.ec2], source: "AWS on-demand price list, us-east-1",
            [
                Row("t3.nano", 2000, 512, disk: 8, 32, micros: 5_200),
                Row("t3.micro", 2000, 1024, disk: 8, 64, micros: 10_400),
                Row("t3.small", 2000, 2048, disk: 8, 128, micros: 20_800),
                Row("t3.medium", 2000, 4096, disk: 8, 256, micros: 41_600),
                Row("t3.large", 2000, 8192, disk: 8, 512, micros: 83_200),
                Row("t3.xlarge", 4000, 16_384, disk: 8, 1024, micros: 166_400),
                Row("t3.2xlarge", 8000, 32_768, disk: 8, 2048, micros: 332_800),
                Row("m5.large", 2000, 8192, disk: 8, 750, micros: 96_000),
                Row("m5.xlarge", 4000, 16_384, disk: 8, 1250, micros: 192_000),
                Row("m5.2xlarge", 8000, 32_768, disk: 8, 2500, micros: 384_000),
                Row("m5.4xlarge", 16_000, 65_536, disk: 8, 5000, micros: 768_000),
                Row("m5.8xlarge", 32_000, 131_072, disk: 8, 10_000, micros: 1_536_000),
                Row("c5.large", 2000, 4096, disk: 8, 750, micros: 85_000),
                Row("c5.xlarge", 4000, 8192, disk: 8, 1250, micros: 170_000),
                Row("c5.2xlarge", 8000, 16_384, disk: 8, 2500, micros: 340_000),
                Row("c5.4xlarge", 16_000, 32_768, disk: 8, 5000, micros: 680_000),
                Row("c5.9xlarge", 36_000, 73_728, disk: 8, 12_000, micros: 1_530_000),
                Row("r5.large", 2000, 16_384, disk: 8, 750, micros: 126_000),
                Row("r5.xlarge", 4000, 32_768, disk: 8, 1250, micros: 252_000),
                Row("r5.2xlarge", 8000, 65_536, disk: 8, 2500, micros: 504_000),
                Row("r5.4xlarge", 16_000, 131_072, disk: 8, 5000, micros: 1_008_000),
                Row("g4dn.xlarge", 4000, 16_384, disk: 125, 5000, gpu: (1, "T4"), micros: 526_000),
                Row("g4dn.2xlarge", 8000, 32_768, disk: 225, 10_000, gpu: (1, "T4"), micros: 752_000),
                Row("g4dn.4xlarge", 16_000, 65_536, disk: 225, 20_000, gpu: (1, "T4"), micros: 1_204_000),
                Row("g4dn.12xlarge", 48_000, 196_608, disk: 900, 50_000, gpu: (4, "T4"), micros: 3_912_000),
                Row("p3.2xlarge", 8000, 62_464, disk: 8, 2500, gpu: (1, "V100"), micros: 3_060_000),
                Row("p3.8xlarge", 32_000, 249_856, disk: 8, 10_000, gpu: (4, "V100"), micros: 12_240_000),
                Row("p3.16xlarge", 64_000, 499_712, disk: 8, 25_000, gpu: (8, "V100"), micros: 24_480_000),
            ])
        // A task on a cluster's own capacity has no price of its own; it is counted as Fargate would be.
        + table(
            .aws, [.fargate, .ecs], source: "AWS Fargate price list, Linux/x86, us-east-1",
            sizes(
                "fargate",
                [
                    (250, 512), (250, 1024), (250, 2048), (500, 1024), (500, 2048), (500, 4096), (1000, 2048),
                    (1000, 4096), (1000, 8192), (2000, 4096), (2000, 8192), (2000, 16_384), (4000, 8192),
                    (4000, 16_384), (4000, 30_720), (8000, 16_384), (8000, 32_768), (8000, 61_440),
                    (16_000, 32_768), (16_000, 65_536), (16_000, 122_880),
                ],
                disk: 20, perCPU: 40_480, perGiB: 4_445))
}
