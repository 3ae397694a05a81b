/// Who asks: a user with its groups, as a certificate or a token says, and what it was granted.
package struct Caller: Sendable, Hashable {
    /// A role, everywhere or in one namespace.
    package struct Grant: Sendable, Hashable {
        package var role: Role
        /// Nil: everywhere.
        package var namespace: String?

        package init(_ role: Role, namespace: String? = nil) {
            self.role = role
            self.namespace = namespace
        }
    }

    package var user: String
    package var uid: String
    package var groups: [String]
    package var grants: [Grant]
    /// Where the caller is a worker: its object.
    package var worker: WorkerName?

    package struct WorkerName: Sendable, Hashable {
        package var namespace: String
        package var name: String

        package init(namespace: String, name: String) {
            self.namespace = namespace
            self.name = name
        }
    }

    package init(
        user: String, uid: String = "", groups: [String], grants: [Grant] = [], worker: WorkerName? = nil
    ) {
        self.user = user
        self.uid = uid
        self.groups = groups
        self.grants = grants
        self.worker = worker
    }

    static let authenticated = "system:authenticated"
    static let masters = "system:masters"

    /// Whoever reaches the socket of mode 0600, or calls in this process: the owner of the state.
    package static let local = Caller(user: "admin", groups: [masters, authenticated])

    package static let anonymous = Caller(user: "system:anonymous", groups: ["system:unauthenticated"])

    /// The subject of a client certificate that our authority signed: CN is the user, O its groups, as Kubernetes
    /// reads them. A group `reconcile:ROLE` grants that role everywhere.
    package init(commonName: String, organizations: [String]) {
        self.init(
            user: commonName, groups: organizations + [Self.authenticated],
            grants: organizations.compactMap { group in
                guard group.hasPrefix("reconcile:"), let role = Role(rawValue: String(group.dropFirst(10))),
                    role != .worker
                else { return nil }
                return Grant(role)
            })
    }

    var isAnonymous: Bool { groups.contains("system:unauthenticated") }
    var isMaster: Bool { groups.contains(Self.masters) }
}
