import ArgumentParser

/// Where plans' endpoints may be.
struct EgressArguments: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Plans may declare endpoints on this machine, link-local addresses and metadata services as well."))
    var allowLocalEndpoints = false
    @Option(
        help: ArgumentHelp(
            "The only networks in which endpoints that plans declare are checked; may be repeated.",
            valueName: "address/bits"))
    var endpointNetworks: [String] = []

    var options: EgressOptions {
        var options = EgressOptions()
        options.allowsLocal = allowLocalEndpoints
        options.networks = endpointNetworks
        return options
    }
}
