import Tree

/// A document as places only: where each value begins, and where each key.
struct Outline {
    struct Field {
        let key: String
        let position: Position
        let value: Outline
    }

    let position: Position
    var fields: [Field] = []
    var items: [Outline] = []

    func locate(_ path: FieldPath, _ part: Positions.Part) -> Position {
        var here = self
        var place = position
        for step in path.steps {
            switch step {
            case .field(let name):
                guard let field = here.fields.first(where: { $0.key == name }) else { return place }
                here = field.value
                place = part == .key ? field.position : here.position
            case .index(let index):
                guard here.items.indices.contains(index) else { return place }
                here = here.items[index]
                place = here.position
            }
        }
        return place
    }
}
