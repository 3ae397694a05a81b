import Model
import Tree

/// What a plan is to do, in a word: the same for the same spec in every process. `suspend` and `cancel` are left out,
/// since they say when and whether, and not what.
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

        mutating func mark(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

        mutating func spell(_ text: String) {
            for byte in text.utf8 { mark(byte) }
            mark(0)
        }

        mutating func mix(_ tree: Tree) {
            switch tree {
            case .null: mark(1)
            case .bool(let value): mark(value ? 2 : 3)
            case .int(let value):
                mark(4)
                spell(String(value))
            case .double(let value):
                mark(5)
                spell(String(value))
            case .string(let value):
                mark(6)
                spell(value)
            case .array(let items):
                mark(7)
                for item in items { mix(item) }
                mark(8)
            case .object(let members):
                mark(9)
                for member in members {
                    spell(member.key)
                    mix(member.value)
                }
                mark(10)
            }
        }
    }
}
