/// A binary heap with its smallest element first. Keys that only grow can be corrected lazily: look at the
/// first, and replace it by its present value until it stays first.
struct MinHeap<Element: Comparable> {
    private(set) var elements: [Element]

    init(_ elements: [Element]) {
        self.elements = elements
        var index = elements.count / 2
        while index > 0 {
            index -= 1
            siftDown(from: index)
        }
    }

    var first: Element? { elements.first }

    mutating func replaceFirst(with element: Element) {
        elements[0] = element
        siftDown(from: 0)
    }

    mutating func removeFirst() {
        let last = elements.removeLast()
        if !elements.isEmpty { replaceFirst(with: last) }
    }

    mutating func insert(_ element: Element) {
        elements.append(element)
        var index = elements.count - 1
        while index > 0, elements[index] < elements[(index - 1) / 2] {
            elements.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func siftDown(from start: Int) {
        let element = elements[start]
        var hole = start
        while true {
            var child = 2 * hole + 1
            guard child < elements.count else { break }
            if child + 1 < elements.count, elements[child + 1] < elements[child] { child += 1 }
            guard elements[child] < element else { break }
            elements[hole] = elements[child]
            hole = child
        }
        elements[hole] = element
    }
}
