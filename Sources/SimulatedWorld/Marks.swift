import Ports

/// Names of what a run can reach, where the thing itself says too much.
enum Mark {
    static func name(_ error: StoreError) -> String {
        switch error.code {
        case .notFound: "notFound"
        case .alreadyExists: "alreadyExists"
        case .conflict: "conflict"
        case .staleEpoch: "staleEpoch"
        case .expired: "expired"
        case .tooLarge: "tooLarge"
        case .full: "full"
        case .unavailable: "unavailable"
        case .closed: "closed"
        }
    }
}
