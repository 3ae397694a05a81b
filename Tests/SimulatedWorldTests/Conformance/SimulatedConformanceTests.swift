import ProviderConformance
import Testing

@testable import SimulatedWorld

@Suite(.timeLimit(.minutes(2)))
struct SimulatedConformanceTests {
    @Test(arguments: [Scenario.Naming.tombstones, .reusable], ProviderConformance.cases)
    func conforms(_ naming: Scenario.Naming, _ law: ProviderConformance) async throws {
        try await law.check(SimulatedHost(naming))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let way: WrongAccount.Way
        let law: String
        var testDescription: String { way.rawValue }
    }

    static let cases = [
        Case(way: .oldList, law: "a list that is behind a death does not bring the dead back"),
        Case(way: .listDecides, law: "a list that is behind a create or a release changes nothing about either"),
        Case(way: .noReason, law: "a death has its reason, and every later look says the same"),
        Case(
            way: .restarts, law: "a stop from outside is an end that nobody here asked for, and starts nothing again"),
        Case(way: .namesOnly, law: "what was renamed is the same worker: it is found, made once, and ended"),
        Case(way: .copyStays, law: "a copy with a worker's marks goes with it"),
        Case(
            way: .anyCluster, law: "what has a worker's name and is somebody else's is left as it is, and is no worker"),
        Case(
            way: .hasty,
            law: "released is gone only when it is gone: until then it is shown, and can be asked for again"),
        Case(
            way: .noAttempt,
            law: "a sweep that knows nothing but the cluster's id finds everything, and leaves nothing"),
        Case(way: .dropsSupplies, law: "what workers need is kept while more may come, and goes with the last"),
        Case(
            way: .blindToEpochs,
            law: "of two leaders of one cluster, the one that was copied touches nothing of the one that lives"),
    ]

    @Test("Each way to be wrong is found by the law that it breaks, and by no other", arguments: cases)
    func isFound(_ row: Case) async throws {
        #expect(Set(Self.cases.map(\.way)) == Set(WrongAccount.Way.allCases))
        let broken = await withTaskGroup(of: String?.self) { group in
            for law in ProviderConformance.cases {
                group.addTask {
                    do { try await law.check(SimulatedHost(.reusable, row.way)) } catch { return law.description }
                    return nil
                }
            }
            return await group.reduce(into: [String]()) { if let name = $1 { $0.append(name) } }
        }
        #expect(broken == [row.law])
    }
}
