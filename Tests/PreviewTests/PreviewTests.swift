import Model
import Ports
import Preview
import Testing
import Tree

@Suite struct PreviewTests {
    @Test func aPlanIsUnfoldedPlacedAndTimed() throws {
        let report = Preview.run(try Inputs.request(Inputs.hello))
        #expect(report.plans.map(\.phase) == [.succeeded], "\(report.plans)")
        let users = report.changes.filter { !$0.byController }
        #expect(users.map(\.key.name) == ["this-machine", "hands", "hello"])
        #expect(users.allSatisfy { $0.action == .create && $0.before == nil && $0.after != nil })
        let made = report.changes.filter { $0.byController && $0.action == .create }
        #expect(made.contains { $0.key == ObjectKey(.worker, "hello", "hands-0-1") })
        #expect(made.filter { $0.key.kind == .task }.map(\.key.name) == ["hello-greet", "hello-count"])
        #expect(made.allSatisfy { !$0.reason.isEmpty }, "each change says why")
        #expect(report.placements.map(\.task.name) == ["hello-greet", "hello-count"])
        #expect(report.placements.allSatisfy { $0.region == "this-machine" && $0.record?.chosen != nil })
        #expect(report.pending.isEmpty)
        let end = try #require(report.end)
        #expect(
            end >= .seconds(90) && end < .seconds(100),
            "30s and 1m one after the other, and a second to make the worker: \(end)")
    }

    @Test func theSameRequestGivesTheSameReport() throws {
        let request = try Inputs.request(Inputs.shop)
        #expect(Preview.run(request) == Preview.run(request))
    }

    @Test func regionsWaitForEachOtherAndCostWhatTheyCost() throws {
        let report = Preview.run(try Inputs.request(Inputs.shop))
        #expect(report.plans.map(\.phase) == [.succeeded], "\(report.plans) \(report.pending)")
        #expect(report.changes.contains { $0.key == ObjectKey(.syncPoint, "shop", "platform-contract") })
        let at = Dictionary(uniqueKeysWithValues: report.placements.map { ($0.task.name, $0.at) })
        #expect(
            at["platform-checkout"].map { $0 >= .seconds(1800) } == true,
            "checkout waits for the api of the other region")
        #expect(report.rateBefore == .zero)
        #expect(report.rateAfter > .zero)
        #expect(report.pools.map(\.workersAfter) == [1, 2], "backend, then frontend, at their least")
        #expect(report.pools.allSatisfy { !$0.choice.isEmpty && $0.pricePerWorker > .zero })
        #expect(report.cost > .zero)
        let end = try #require(report.end)
        #expect(end >= .seconds(45 * 60) && end < .seconds(46 * 60), "api then orders are the longest way: \(end)")
    }

    @Test func whatStandsUnchangedChangesNothing() throws {
        let standing = try Inputs.stored(Inputs.hello)
        var request = try Inputs.request(Inputs.hello, standing: standing)
        request.documents = []
        let report = Preview.run(request)
        #expect(report.changes.filter { !$0.byController }.isEmpty)
        let again = Preview.run(try Inputs.request(Inputs.hello, standing: standing))
        #expect(again.changes.filter { !$0.byController }.isEmpty, "the same documents again")
    }

    @Test func aChangedDocumentIsAnUpdate() throws {
        let report = Preview.run(
            try Inputs.request(
                Inputs.hello.replacing("maxWorkers: 2", with: "maxWorkers: 3"),
                standing: try Inputs.stored(Inputs.hello)))
        let users = report.changes.filter { !$0.byController }
        #expect(users.map(\.action) == [.update])
        #expect(users.first?.before?["spec"]?["maxWorkers"] == 2)
        #expect(users.first?.after?["spec"]?["maxWorkers"] == 3)
    }

    @Test func aDeletionIsPreviewedToItsEnd() throws {
        var request = try Inputs.request(Inputs.hello, standing: try Inputs.stored(Inputs.hello))
        request.documents = []
        request.deletions = [ObjectKey(.executionPlan, "hello", "hello")]
        let report = Preview.run(request)
        #expect(report.changes.contains { $0.action == .delete && $0.key.name == "hello" && !$0.byController })
        #expect(report.plans.isEmpty)
    }

    @Test func whatFitsNowhereIsPendingWithItsReason() throws {
        let impossible = Inputs.hello.replacing(
            "requires: {capabilities: [shell]}", with: "requires: {capabilities: [quantum]}")
        let report = Preview.run(try Inputs.request(impossible))
        #expect(report.plans.map(\.phase.isTerminal) == [false])
        #expect(report.end == nil)
        let greet = try #require(report.pending.first { $0.task.name == "hello-greet" })
        #expect(greet.reason == .noFeasibleWorker)
        #expect(greet.message.contains("quantum"), "\(greet.message)")
        #expect(report.pending.contains { $0.task.name == "hello-count" && $0.reason == .waitingForDependencies })
    }

    @Test func aRegionThatFailsIsMeasured() throws {
        let failure = PreviewRequest.Failure(.region("us-east-1"), at: .seconds(300))
        let report = Preview.run(try Inputs.request(Inputs.shop, failure: failure))
        let forecast = try #require(report.failure)
        #expect(forecast.moved.map(\.name) == ["platform-cart"], "\(forecast)")
        let downtime = try #require(forecast.downtime, "\(forecast) \(report.pending)")
        // From the last renewal, which may be a moment before the failure, to the end of the lease.
        #expect(downtime >= .milliseconds(11_900), "silence is noticed when the lease is over: \(downtime)")
        #expect(downtime < .seconds(60))
        #expect(
            report.plans.map(\.phase) == [.succeeded],
            "\(report.plans.map(\.message)) \(report.pending.map(\.message)) \(report.notes)")
    }

    @Test(arguments: [
        PreviewRequest.Failure.Part.pool(ObjectKey(.workerPool, "shop", "frontend")), .provider(.aws),
        .worker(ObjectKey(.worker, "shop", "frontend-0-1")),
    ])
    func anyPartMayFail(_ part: PreviewRequest.Failure.Part) throws {
        let report = Preview.run(try Inputs.request(Inputs.shop, failure: .init(part, at: .seconds(300))))
        let forecast = try #require(report.failure)
        switch part {
        case .provider:
            #expect(forecast.downtime == nil, "there is no other provider")
            #expect(forecast.blocked.map(\.task.name).contains("platform-cart"))
        default:
            #expect(forecast.moved.map(\.name) == ["platform-cart"], "\(forecast)")
            #expect(try #require(forecast.downtime) >= .milliseconds(11_900))
            #expect(forecast.blocked.isEmpty)
        }
    }

    @Test func aFailureElsewhereLosesNothing() throws {
        let part = PreviewRequest.Failure.Part.worker(ObjectKey(.worker, "shop", "nobody"))
        let report = Preview.run(try Inputs.request(Inputs.shop, failure: .init(part, at: .seconds(300))))
        #expect(report.failure?.downtime == .zero)
        #expect(report.failure?.moved == [])
    }

    @Test func aManualPlanIsToldItsSize() throws {
        let manual = Inputs.hello.replacing("minWorkers: 1", with: "minWorkers: 0").replacing(
            "  regions:", with: "  scaling: Manual\n  regions:")
        let report = Preview.run(try Inputs.request(manual))
        #expect(report.end == nil)
        #expect(report.pending.contains { $0.reason == .scaleRecommended }, "\(report.pending)")
        #expect(report.notes.contains { $0.text.hasPrefix("pool hands: 1 worker instead of 0") }, "\(report.notes)")
    }
}
