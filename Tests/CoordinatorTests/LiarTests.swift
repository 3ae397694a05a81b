import Coordinator
import Engine
import Gateway
import Glibc
import Model
import Ports
import Storage
import Testing
import WorkerProtocol

/// What one with a worker's credential can do to others: nothing.
@Suite struct LiarTests {
    @Test func oneRenewalOfTheHighestEpochEndsOnlyItsWorker() throws {
        let liar = try Liar()
        var house = liar.house
        let before = liar.others(in: house)
        var request = liar.renewal
        request.epoch = .max
        let answer = house.say { .renew($0, request, credential: liar.credential) }
        guard case .refused(let refusal)? = answer else { return #expect(Bool(false), "it is refused") }
        #expect(refusal.code == .notLeading, "while the store is asked: what a deposed leader says counts for nothing")
        #expect(house.stopped == nil)
        #expect(liar.others(in: house) == before)
        #expect(liar.isMarked(in: house))
        #expect(house.worker(liar.own.metadata.name)?.status.failure?.message.contains("follows epoch") == true)
        house.runs = .seconds(3)
        #expect(house.pass(.minutes(2)) { $0.plan?.status.phase == .succeeded } == true, "its task ran elsewhere")
        #expect(house.stopped == nil)
        #expect(house.core.engine.stats.misbehaviours == 1)
        let again = house.say { .renew($0, request, credential: liar.credential) }
        guard case .refused(let gone)? = again else { return #expect(Bool(false), "it is refused again") }
        #expect(gone.code == .gone || gone.code == .notLeading)
    }

    @Test func aLaterLeaderThatTheStoreKnowsEndsThisOne() throws {
        let liar = try Liar()
        var house = liar.house
        _ = house.store.claimEpoch()
        let later = house.store.claimEpoch()
        var request = liar.renewal
        request.epoch = Int(later)
        _ = house.say { .renew($0, request, credential: liar.credential) }
        #expect(house.stopped?.contains("has ended, \(later) leads") == true)
        #expect(!liar.isMarked(in: house), "it told the truth")
    }

    @Test func everyFieldOfEveryMessageIsInTheTable() {
        let named = Set(MessageField.all.map(\.name))
        var fields: Set<String> = []
        func note(_ message: String, _ schema: Schema) {
            for property in schema.properties {
                switch (message, property.name) {
                case ("exchange", "holding"): note("exchange.holding", Holding.schema)
                case ("exchange", "reports"): note("report", AttemptReport.schema)
                default: fields.insert("\(message).\(property.name)")
                }
            }
        }
        note("join", JoinRequest.schema)
        note("renew", RenewRequest.schema)
        note("exchange", ExchangeRequest.schema)
        note("logs", LogChunk.schema)
        #expect(named == fields)
        if getenv("RECONCILE_MATRIX") != nil {
            print("| field | set by | checked | a lie gets |\n|---|---|---|---|")
            for field in MessageField.all { print(field.line) }
        }
    }

    @Test(arguments: MessageField.all.map(\.name)) func aLieGetsWhatTheTableSays(_ name: String) throws {
        let field = try #require(MessageField.all.first { $0.name == name })
        let liar = try Liar()
        var house = liar.house
        let before = liar.others(in: house)
        let version = house.store.version
        let answer = field.lie(liar, &house)
        #expect(liar.others(in: house) == before, "nothing of others moves")
        #expect(liar.isMarked(in: house) == (field.fate == .misbehaving))
        switch field.fate {
        case .refused(let code):
            guard case .refused(let refusal)? = answer else { return #expect(Bool(false), "it is refused") }
            #expect(refusal.code == code)
            #expect(house.store.version == version)
        case .nothing: #expect(house.store.version == version, "nothing is written")
        case .misbehaving, .ownOnly: break
        }
        house.pass(.seconds(20))
        #expect(house.stopped == nil)
        #expect(house.task("b")?.status.attempt == 1, "the other's task runs on")
    }

    /// Messages with a valid credential whose fields hold anything: `RECONCILE_LIES` says how many.
    @Test func whateverALiarSaysNothingOfOthersMoves() throws {
        let count = getenv("RECONCILE_LIES").flatMap { Int(String(cString: $0)) } ?? 20_000
        let liar = try Liar()
        let before = liar.others(in: liar.house)
        var script = LieScript(seed: 20_261_129, liar: liar)
        var (said, marked, refused) = (0, 0, 0)
        while said < count {
            var house = liar.house
            var words: [String] = []
            // A few in a row: some lies need another before them.
            for _ in 0..<8 {
                said += 1
                let (input, word) = script.next()
                words.append(word)
                if case .refused? = house.say(input) { refused += 1 }
            }
            if liar.isMarked(in: house) { marked += 1 }
            guard liar.others(in: house) == before else {
                return #expect(Bool(false), "something of others moved after \(words.joined(separator: "\n"))")
            }
            let honest = house.say {
                .renew(
                    $0, RenewRequest(workerUID: liar.other.metadata.uid, incarnation: 1, number: 1 << 21, epoch: 1),
                    credential: House.credential(liar.other.metadata.uid))
            }
            guard case .renewed? = honest else {
                return #expect(
                    Bool(false), "the other is not heard (\(honest as Any)) after \(words.joined(separator: "\n"))")
            }
        }
        #expect(marked > 0 && refused > 0)
        if getenv("RECONCILE_LIES") != nil {
            print("\(said) lies: \(refused) refused, the liar marked \(marked) times")
        }
    }
}
