import HTTP
import Testing

@Suite struct AddressRuleTests {
    private static let strict = AddressRule(allowsLocal: false)

    @Test(arguments: [
        ("127.0.0.1", false, "loopback"), ("127.8.9.1", false, "all of 127/8 is"), ("0.0.0.0", false, "this host"),
        ("169.254.169.254", false, "metadata"), ("169.254.0.1", false, "link-local"),
        ("168.63.129.16", false, "Azure's"), ("100.100.100.200", false, "Alibaba's"),
        ("224.0.0.1", false, "multicast"), ("255.255.255.255", false, "broadcast"),
        ("::1", false, "loopback"), ("::", false, "unspecified"), ("fe80::1", false, "link-local"),
        ("::ffff:127.0.0.1", false, "mapped"), ("::127.0.0.1", false, "compatible"),
        ("64:ff9b::7f00:1", false, "translated"), ("2002:7f00:1::", false, "6to4"),
        ("::ffff:169.254.169.254", false, "mapped metadata"), ("fd00:ec2::254", false, "Amazon's over IPv6"),
        ("ff02::1", false, "multicast"),
        ("10.0.0.7", true, "a private network is not this machine"), ("192.0.2.9", true, "any other"),
        ("2001:db8::1", true, "any other"), ("198.51.100.4", false, "one of this machine's own"),
    ]) func localAddressesAreNotDialled(text: String, isDialled: Bool, because: String) throws {
        let address = try #require(AddressRule.bytes(text))
        let own = try #require(AddressRule.bytes("198.51.100.4"))
        #expect((Self.strict.objection(to: address) { [own] } == nil) == isDialled, "\(because)")
        #expect(AddressRule.any.objection(to: address) { [own] } == nil)
    }

    @Test func onlyTheNamedNetworksAreDialled() throws {
        let network = try #require(AddressRule.Network("10.1.0.0/16"))
        let rule = AddressRule(allowsLocal: false, networks: [network])
        for (text, isDialled) in [
            ("10.1.255.3", true), ("10.2.0.1", false), ("::ffff:10.1.0.1", true), ("127.0.0.1", false),
            ("2001:db8::1", false),
        ] {
            let address = try #require(AddressRule.bytes(text))
            #expect((rule.objection(to: address) { [] } == nil) == isDialled, "\(text)")
        }
        for text in ["10.0.0.0/33", "10.0.0/8", "x", "", "::/129", "10.0.0.0/8/8"] {
            #expect(AddressRule.Network(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        "http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://0x7f.1:1/", "http://2130706433:1/",
        "http://[::ffff:127.0.0.1]:1/", "http://169.254.169.254/latest/meta-data",
    ]) func whateverItIsCalledNothingIsSentThere(url: String) async throws {
        var settings = HTTPClient.Settings()
        settings.addresses = Self.strict
        let client = HTTPClient(settings)
        await #expect {
            _ = try await client.send(HTTPRequest(.get, url, timeout: .seconds(5)))
        } throws: { error in
            // Machines without IPv6 never come as far as to dial.
            (error as? HTTPError)?.code == .notAllowed
                || url.contains("[") && (error as? HTTPError)?.code == .couldNotConnect
        }
        await client.shutdown()
    }
}
