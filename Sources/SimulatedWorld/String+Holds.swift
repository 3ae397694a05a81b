extension String {
    /// Whether a plain text stands in it. Byte by byte: the library's `contains` compares graphemes, which took a tenth
    /// of a run.
    func holds(_ text: String) -> Bool {
        let (mine, other) = (utf8, text.utf8)
        guard let first = other.first, mine.count >= other.count else { return other.isEmpty }
        var from = mine.startIndex
        while let start = mine[from...].firstIndex(of: first) {
            if mine[start...].starts(with: other) { return true }
            from = mine.index(after: start)
        }
        return false
    }
}
