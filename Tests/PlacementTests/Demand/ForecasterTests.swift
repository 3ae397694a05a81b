import Model
import Placement
import Testing

struct ForecasterTests {
    private func fed(_ method: Forecast.Method, season: Int = 0, _ values: [Double]) -> Forecaster {
        var forecaster = Forecaster(method, season: season)
        for value in values { forecaster.observe(value) }
        return forecaster
    }

    @Test(arguments: Forecast.Method.allCases)
    func aFlatSeriesStaysFlat(_ method: Forecast.Method) {
        let forecaster = fed(method, Array(repeating: 40, count: 30))
        #expect((forecaster.forecast(steps: 10) - 40).magnitude < 1e-9)
        #expect(forecaster.errorPercent == 0)
    }

    @Test func aTrendIsFollowed() {
        let rising = fed(.holtWinters, (0..<200).map { 10 + Double($0) })
        #expect((rising.forecast(steps: 1) - 210).magnitude < 1)
        #expect((rising.forecast(steps: 10) - 219).magnitude < 2)
    }

    @Test func aSeasonIsFollowed() {
        let day = [10.0, 20, 60, 80, 60, 20]
        let forecaster = fed(.holtWinters, season: 6, (0..<10).flatMap { _ in day })
        for step in 1...6 {
            #expect((forecaster.forecast(steps: step) - day[step - 1]).magnitude < 1, "step \(step)")
        }
        let blind = fed(.holtWinters, (0..<10).flatMap { _ in day })
        #expect((forecaster.errorPercent ?? 0) < (blind.errorPercent ?? 0) / 2, "and it shows in the error")
    }

    @Test func theOtherMethods() {
        #expect(fed(.last, [1, 2, 9]).forecast(steps: 5) == 9)
        #expect(
            fed(.movingAverage, (1...24).map { Double($0) }).forecast(steps: 1) == 18.5, "the last twelve")
    }

    @Test func errorIsTheMeanOfOneStepErrors() {
        // 10 expected where 20 came: 50 %; 20 where 16 came: 25 %.
        #expect(fed(.last, [10, 20, 16]).errorPercent == 37.5)
        #expect(fed(.last, [10]).errorPercent == nil)
    }

    @Test func neverNegativeAndBoundedByHorizon() {
        let falling = fed(.holtWinters, (0..<20).map { 100 - Double($0) * 5 })
        #expect(falling.forecast(steps: 50) == 0)
        #expect(Forecaster(.holtWinters).forecast(steps: 1) == 0)
        let flat = fed(.last, [7])
        #expect(flat.forecast(at: .minutes(15), step: .seconds(30)) == 7)
    }
}
