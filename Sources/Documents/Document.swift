package import Tree

/// One document of an input: its value and where it begins.
package struct Document: Sendable, Hashable {
    package var tree: Tree
    package var source: SourceName
    /// Its number among the documents of its input, from 0; empty documents are not counted.
    package var index: Int
    /// The line of its first value, from 1.
    package var line: Int

    package init(tree: Tree, source: SourceName, index: Int, line: Int) {
        self.tree = tree
        self.source = source
        self.index = index
        self.line = line
    }
}
