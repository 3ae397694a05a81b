package import Model

/// A forecast of one series sampled at a fixed step, and how far off it has been.
///
/// HoltWinters is additive triple exponential smoothing (Winters 1960; Hyndman and Athanasopoulos,
/// *Forecasting*, §8.3):
/// ```
/// level  = α (y − seasonal) + (1 − α) (level + trend)
/// trend  = β (level − level′) + (1 − β) trend
/// season = γ (y − level) + (1 − γ) seasonal
/// ```
/// with α = 0.5, β = 0.1, γ = 0.3. Until two seasons have been seen, and where `season` is 0, it is without
/// its seasonal part. MovingAverage is over the last `window` samples, Last is the last one. No forecast is
/// below 0.
package struct Forecaster: Sendable, Hashable {
    package let method: Forecast.Method
    /// Samples in a season; 0: none.
    package let season: Int
    package static let window = 12
    /// Samples of the first two seasons, or of the moving average: never more than this many are kept.
    package static let longestSeason = 2_016

    private static let (alpha, beta, gamma) = (0.5, 0.1, 0.3)
    private var level = 0.0
    private var trend = 0.0
    private var seasonal: [Double] = []
    private var recent: [Double] = []
    package private(set) var samples = 0
    private var errorSum = 0.0
    private var errorCount = 0

    package init(_ method: Forecast.Method, season: Int = 0) {
        self.method = method
        self.season = min(max(0, season), Forecaster.longestSeason)
    }

    /// Takes the next sample.
    package mutating func observe(_ value: Double) {
        if samples > 0 {
            // Against at least 1, so that an idle pool does not make the error infinite.
            errorSum += (forecast(steps: 1) - value).magnitude / max(value.magnitude, 1)
            errorCount += 1
        }
        switch method {
        case .holtWinters: smooth(value)
        case .movingAverage: keep(value, atMost: Forecaster.window)
        case .last: keep(value, atMost: 1)
        }
        samples += 1
    }

    /// The value expected `steps` samples after the last one.
    package func forecast(steps: Int) -> Double {
        guard samples > 0 else { return 0 }
        switch method {
        case .holtWinters:
            let season = seasonal.isEmpty ? 0 : seasonal[(samples + max(1, steps) - 1) % seasonal.count]
            return max(0, level + trend * Double(max(1, steps)) + season)
        case .movingAverage, .last: return max(0, recent.reduce(0, +) / Double(max(1, recent.count)))
        }
    }

    package func forecast(at horizon: Duration, step: Duration) -> Double {
        let milliseconds = max(1, step.milliseconds)
        return forecast(steps: Int((max(0, horizon.milliseconds) + milliseconds - 1) / milliseconds))
    }

    /// Mean absolute percentage error of all one-step forecasts so far (MAPE); nil before the second sample.
    package var errorPercent: Double? { errorCount == 0 ? nil : errorSum / Double(errorCount) * 100 }

    private mutating func keep(_ value: Double, atMost count: Int) {
        recent.append(value)
        if recent.count > count { recent.removeFirst(recent.count - count) }
    }

    private mutating func smooth(_ value: Double) {
        if samples == 0 {
            level = value
        } else {
            let season = seasonal.isEmpty ? 0 : seasonal[samples % seasonal.count]
            let before = level
            level = Forecaster.alpha * (value - season) + (1 - Forecaster.alpha) * (level + trend)
            trend = Forecaster.beta * (level - before) + (1 - Forecaster.beta) * trend
            if !seasonal.isEmpty {
                seasonal[samples % seasonal.count] =
                    Forecaster.gamma * (value - level) + (1 - Forecaster.gamma) * season
            }
        }
        guard season > 1, seasonal.isEmpty else { return }
        recent.append(value)
        if recent.count == 2 * season { startSeasons() }
    }

    /// From two whole seasons: the trend is the difference of their means, the season what is left of them.
    private mutating func startSeasons() {
        let first = recent[..<season].reduce(0, +) / Double(season)
        let second = recent[season...].reduce(0, +) / Double(season)
        trend = (second - first) / Double(season)
        let middle = Double(season - 1) / 2
        // `samples` still counts the samples before this one, so position i of the window is sample i of all.
        seasonal = (0..<season).map { index in
            let drift = trend * (Double(index) - middle)
            return (recent[index] - first - drift + recent[season + index] - second - drift) / 2
        }
        level = second + trend * middle
        recent = []
    }
}
