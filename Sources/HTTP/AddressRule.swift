import Glibc

/// Which addresses a client may connect to. It is asked with each address as it is dialled, after names were resolved:
/// no name, however it resolves the next time, leads past it.
package struct AddressRule: Sendable, Hashable {
    /// An IPv4 or IPv6 network, as `10.0.0.0/8` or a lone address.
    package struct Network: Sendable, Hashable {
        let bytes: [UInt8]
        let bits: Int

        package init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let bytes = IPAddress.parse(String(parts[0])) else { return nil }
            guard parts.count == 1 || (Int(parts[1]).map { (0...bytes.count * 8).contains($0) } ?? false) else {
                return nil
            }
            self.bytes = bytes
            bits = parts.count == 1 ? bytes.count * 8 : Int(parts[1]) ?? 0
        }

        func contains(_ address: [UInt8]) -> Bool {
            guard address.count == bytes.count else { return false }
            for bit in 0..<bits {
                let mask = UInt8(0x80) >> UInt8(bit % 8)
                guard address[bit / 8] & mask == bytes[bit / 8] & mask else { return false }
            }
            return true
        }
    }

    /// Whether this machine's own addresses, link-local ones and those of metadata services may be reached.
    package var allowsLocal: Bool
    /// Only these; empty: all others.
    package var networks: [Network]

    package init(allowsLocal: Bool, networks: [Network] = []) {
        self.allowsLocal = allowsLocal
        self.networks = networks
    }

    /// Of an address as text, in network order.
    package static func bytes(_ text: String) -> [UInt8]? { IPAddress.parse(text) }

    /// What a client for our own servers needs.
    package static let any = AddressRule(allowsLocal: true)

    /// Why an address is not dialled; nil where it is. `own`: the addresses of this machine.
    package func objection(to address: [UInt8], own: () -> Set<[UInt8]> = IPAddress.ofThisMachine) -> String? {
        guard self != .any else { return nil }
        // What speaks of an IPv4 address in IPv6 is judged as that.
        let plain = IPAddress.embedded(in: address) ?? address
        if !networks.isEmpty, !networks.contains(where: { $0.contains(plain) || $0.contains(address) }) {
            return "\(IPAddress.text(address)) is in none of the networks that endpoints may be in"
        }
        guard !allowsLocal else { return nil }
        if IPAddress.local.contains(where: { $0.contains(plain) || $0.contains(address) }) {
            return "\(IPAddress.text(address)) is a loopback, link-local or metadata address"
        }
        return own().contains(plain) ? "\(IPAddress.text(address)) is an address of the controller's machine" : nil
    }
}

/// IP addresses as bytes in network order: 4 of IPv4, 16 of IPv6.
package enum IPAddress {
    static let local: [AddressRule.Network] = [
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255",
        // Metadata services outside link-local: Azure, Alibaba, Oracle, Amazon and Google over IPv6.
        "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::/32", "fd20:ce::/32",
        "::/128", "::1", "fe80::/10", "fec0::/10", "ff00::/8",
    ].compactMap(AddressRule.Network.init)

    static func parse(_ text: String) -> [UInt8]? {
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &four) == 1 { return four }
        var sixteen = [UInt8](repeating: 0, count: 16)
        return inet_pton(AF_INET6, text, &sixteen) == 1 ? sixteen : nil
    }

    static func text(_ address: [UInt8]) -> String {
        var space = [CChar](repeating: 0, count: 64)
        let family = address.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, address, &space, socklen_t(space.count)) != nil else { return "an unknown address" }
        return String(decoding: space.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The IPv4 address that an IPv6 one stands for: mapped, compatible, translated (RFC 6052) or 6to4 (RFC 3056).
    static func embedded(in address: [UInt8]) -> [UInt8]? {
        guard address.count == 16 else { return nil }
        let (head, tail) = (Array(address.prefix(12)), Array(address.suffix(4)))
        let zeros = [UInt8](repeating: 0, count: 10)
        if head == zeros + [0xFF, 0xFF] { return tail }
        if head == zeros + [0, 0], tail[0] != 0 { return tail }
        if head == [0, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8) { return tail }
        return address.starts(with: [0x20, 0x02]) ? Array(address[2..<6]) : nil
    }

    /// From a socket's address; nil of another family.
    static func bytes(of address: UnsafePointer<sockaddr>) -> [UInt8]? {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin_addr) { Array($0) }
            }
        case AF_INET6:
            address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) }
            }
        default: nil
        }
    }

    /// Of all its interfaces, as they are now.
    package static func ofThisMachine() -> Set<[UInt8]> {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var all: Set<[UInt8]> = []
        var entry = list
        while let current = entry {
            if let address = current.pointee.ifa_addr, let bytes = bytes(of: address) { all.insert(bytes) }
            entry = current.pointee.ifa_next
        }
        return all
    }
}
