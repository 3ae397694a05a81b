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
    @Flag(
        help: ArgumentHelp(
            "With --local: don't check the externals that plans declare; they are Unknown, and tasks start all the same."
        ))
    var assumeExternals = false

    var options: EgressOptions {
        var options = EgressOptions()
        options.allowsLocal = allowLocalEndpoints
        options.networks = endpointNetworks
        options.assumesExternals = assumeExternals
        return options
    }
}
