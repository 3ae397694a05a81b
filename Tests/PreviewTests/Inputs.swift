import Documents
import Engine
import Model
import Ports
import Preview
import Tree

/// Manifests as admission leaves them: decoded, so that every default is there.
enum Inputs {
    static func documents(_ yaml: String) throws -> [(key: ObjectKey, tree: Tree)] {
        try Documents.parse(Array(yaml.utf8)).map { document in
            switch document.tree["kind"]?.string {
            case "Region": try whole(Region(tree: document.tree))
            case "WorkerPool": try whole(WorkerPool(tree: document.tree))
            default: try whole(ExecutionPlan(tree: document.tree))
            }
        }
    }

    private static func whole<Object: Resource>(_ object: Object) -> (key: ObjectKey, tree: Tree) {
        var object = object
        object.metadata.uid = "uid-\(object.metadata.name)"
        object.metadata.generation = 1
        return (object.key, object.tree)
    }

    static func request(
        _ yaml: String, standing: [StoredObject] = [], failure: PreviewRequest.Failure? = nil
    ) throws -> PreviewRequest {
        PreviewRequest(
            standing: standing, documents: try documents(yaml),
            settings: Settings(clusterID: "test", epoch: 1, rehearsal: true),
            now: Moment(instant: .origin, wall: Timestamp(milliseconds: 1_790_000_000_000)), failure: failure)
    }

    static func stored(_ yaml: String) throws -> [StoredObject] {
        try documents(yaml).enumerated().map { index, document in
            StoredObject(
                key: document.key, uid: document.tree["metadata"]?["uid"]?.string ?? "", version: UInt64(index + 1),
                tree: document.tree)
        }
    }

    static let hello = """
        apiVersion: reconcile.dev/v1alpha1
        kind: Region
        metadata: {name: this-machine}
        spec: {provider: {local: {}}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: WorkerPool
        metadata: {name: hands, namespace: hello}
        spec:
          region: this-machine
          minWorkers: 1
          maxWorkers: 2
          worker: {capabilities: [shell], maxConcurrentTasks: 2}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: ExecutionPlan
        metadata: {name: hello, namespace: hello}
        spec:
          regions:
            - region: this-machine
              pool: hands
              tasks:
                - name: greet
                  run: {command: [greet]}
                  requires: {capabilities: [shell]}
                  outputs: [GREETING]
                  estimatedDuration: 30s
                - name: count
                  run: {command: [count, "${tasks.greet.outputs.GREETING}"]}
                  dependsOn: [greet]
                  estimatedDuration: 1m
        """

    /// Two regions that wait for each other.
    static let shop = """
        apiVersion: reconcile.dev/v1alpha1
        kind: Region
        metadata: {name: us-east-1}
        spec: {provider: {aws: {region: us-east-1}}, pricing: {multiplier: "1.0"}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: Region
        metadata: {name: us-west-2}
        spec: {provider: {aws: {region: us-west-2}}}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: WorkerPool
        metadata: {name: frontend, namespace: shop}
        spec:
          region: us-east-1
          minWorkers: 2
          maxWorkers: 4
          worker: {type: CloudVM, instanceTypes: [t3.medium], capabilities: [frontend], maxConcurrentTasks: 2}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: WorkerPool
        metadata: {name: backend, namespace: shop}
        spec:
          region: us-west-2
          minWorkers: 1
          maxWorkers: 3
          worker: {type: CloudVM, instanceTypes: [m5.large, t3.large], capabilities: [backend, frontend], maxConcurrentTasks: 2}
        ---
        apiVersion: reconcile.dev/v1alpha1
        kind: ExecutionPlan
        metadata: {name: platform, namespace: shop}
        spec:
          scheduling: {algorithm: CostOptimized, maxConcurrentTasks: 4}
          regions:
            - region: us-east-1
              pool: frontend
              externals: [{name: cdn, type: CDN, endpoint: "tcp://cdn:443"}]
              tasks:
                - {name: cart, run: {command: [make, cart]}, estimatedDuration: 20m}
                - {name: checkout, run: {command: [make, checkout]}, dependsOn: [cart], waitFor: [contract], estimatedDuration: 10m}
            - region: us-west-2
              pool: backend
              tasks:
                - {name: api, run: {command: [make, api]}, estimatedDuration: 30m}
                - {name: orders, run: {command: [make, orders]}, dependsOn: [api], estimatedDuration: 15m}
          synchronization:
            points:
              - {name: contract, regions: [us-east-1, us-west-2], after: [api]}
          faultTolerance:
            failover:
              - {strategy: SameRegion, priority: 100}
              - {strategy: OtherRegion, priority: 50}
        """
}
