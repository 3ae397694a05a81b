/// The paths that watches had before `watch=true`: `/api/v1/watch/namespaces/NS/configmaps[/NAME]`. Real API servers
/// still answer them.
enum FormerWatch {
    /// The request as it is written today; nil for every other path.
    static func rewritten(_ request: APIRequest) -> APIRequest? {
        guard request.method == .get else { return nil }
        var steps = request.path.split(separator: "/", omittingEmptySubsequences: false)
        let place = steps.count > 1 && steps[1] == "apis" ? 4 : 3
        guard steps.count > place + 1, steps[place] == "watch" else { return nil }
        steps.remove(at: place)
        var rewritten = request
        // Real API servers check its parameters as those of a list, of which this one is none.
        if rewritten.query["sendInitialEvents"] == nil { rewritten.query["watch"] = "true" }
        let isNamespaced = steps[place] == "namespaces" && steps.count > place + 2
        let named = isNamespaced ? place + 3 : place + 1
        if steps.count == named + 1 {
            rewritten.query["fieldSelector"] = "metadata.name=\(steps[named])"
            steps.removeLast()
        }
        rewritten.path = steps.joined(separator: "/")
        return rewritten
    }
}
