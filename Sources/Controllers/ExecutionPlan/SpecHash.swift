import Model
import Tree

/// What a plan is to do, in a word: the same for the same spec in every process. `suspend` and `cancel` are left out, since
/// they say when and whether, and not what.
enum SpecHash {
    static func of(_ spec: ExecutionPlanSpec) -> String {
        var tree = spec.tree
        tree["suspend"] = nil
        tree["cancel"] = nil
        var mixer = Mixer()
        mixer.mix(tree)
        return String(mixer.hash, radix: 16)
    }

    /// FNV-1a, as Fowler, Noll and Vo give it, over the values with a byte before each for what it is.
    private struct Mixer {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325

        mutating func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

        mutating func mix(_ text: String) {
            for byte in text.utf8 { mix(byte) }
            mix(0)
        }

        mutating func mix(_ tree: Tree) {
            switch tree {
            case .null: mix(1)
            case .bool(let value): mix(value ? 2 : 3)
            case .int(let value):
                mix(4)
                mix(String(value))
            case .double(let value):
                mix(5)
                mix(String(value))
            case .string(let value):
                mix(6)
                mix(value)
            case .array(let items):
                mix(7)
                for item in items { mix(item) }
                mix(8)
            case .object(let members):
                mix(9)
                for member in members {
                    mix(member.key)
                    mix(member.value)
                }
                mix(10)
            }
        }
    }
}
