import Client
import Model
import Text
import Tree

/// `get -w`: the objects once, then each change as a further row or document.
struct GetWatch {
    let printer: ObjectPrinter
    let context: Context

    func run(_ feed: ChangeFeed) async throws -> Exit {
        var widths: [Int] = []
        try await feed.run { change in
            switch change {
            case .listed(let objects): show(objects, feed.kind, &widths)
            case .changed(let object), .removed(let object): show([object], feed.kind, &widths)
            }
        }
        return .done
    }

    /// Rows line up with what was printed before; a wider value only widens what follows.
    private func show(_ objects: [Tree], _ kind: Kind, _ widths: inout [Int]) {
        guard !objects.isEmpty else { return }
        if case .customColumns = printer.format {
            for object in objects {
                // The headers once.
                var rows = printer
                rows.showsHeaders = printer.showsHeaders && widths.isEmpty
                context.output.write(
                    rows.text([(kind, [object])], asList: false, paint: context.paint, now: context.console.now))
                widths = [0]
            }
            return
        }
        guard printer.format == .table || printer.format == .wide else {
            for object in objects {
                let text = printer.text(
                    [(kind, [object])], asList: false, paint: context.paint, now: context.console.now)
                if printer.format == .yaml { context.output.line("---") }
                context.output.write(text)
            }
            return
        }
        let isFirst = widths.isEmpty
        // The columns of the first rows are those of all others, which have to stand below them.
        var table = printer.rows(kind, objects, now: context.console.now)
        table.leastWidths = widths
        widths = table.widths
        context.output.write(table.text(context.paint, headers: isFirst && printer.showsHeaders))
    }
}
