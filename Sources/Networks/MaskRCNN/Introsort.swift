/// Selection and sorting of values with their indices, largest first (introsort: Musser,
/// doi:10.1002/(SICI)1097-024X(199708)27:8<983::AID-SPE117>3.0.CO;2-#).
///
/// Matches GNU's C++ library also in the order of ties, which PyTorch does not define otherwise. Uniform regions of an
/// image have hundreds of equal scores, of which the suppression keeps the first, so ties must have the same order to
/// find the same boxes.
struct Introsort {
  typealias Element = (value: Float, index: Int32)

  private var elements: UnsafeMutableBufferPointer<Element>

  init(_ elements: UnsafeMutableBufferPointer<Element>) { self.elements = elements }

  /// Whether `a` comes before `b`; NaN comes first.
  private func precedes(_ a: Element, _ b: Element) -> Bool {
    (a.value.isNaN && !b.value.isNaN) || a.value > b.value
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool { precedes(elements[a], elements[b]) }

  private static func depthLimit(_ count: Int) -> Int { 2 * (Int.bitWidth - 1 - max(count, 1).leadingZeroBitCount) }

  /// Sorts the elements of `first..<last`. Matches `std::sort`.
  func sort(_ first: Int, _ last: Int) {
    guard first < last else { return }
    sortLoop(first, last, Self.depthLimit(last - first))
    guard last - first > 16 else { return insertionSort(first, last) }
    insertionSort(first, first + 16)
    for index in first + 16..<last { insertUnguarded(index) }
  }

  /// Moves the element that sorting would put at `nth` there, with those before it in front. Matches
  /// `std::nth_element`.
  func select(_ first: Int, _ nth: Int, _ last: Int) {
    guard first < last, nth < last else { return }
    var (first, last, limit) = (first, last, Self.depthLimit(last - first))
    while last - first > 3 {
      if limit == 0 {
        heapSelect(first, nth + 1, last)
        elements.swapAt(first, nth)
        return
      }
      limit -= 1
      let cut = partition(first, last)
      if cut <= nth { first = cut } else { last = cut }
    }
    insertionSort(first, last)
  }

  /// Moves the first elements of the sorted order to `first..<middle`, sorted. Matches `std::partial_sort`.
  func partialSort(_ first: Int, _ middle: Int, _ last: Int) {
    heapSelect(first, middle, last)
    var last = middle
    while last - first > 1 {
      last -= 1
      popHeap(first, last, last)
    }
  }

  private func sortLoop(_ first: Int, _ last: Int, _ limit: Int) {
    var (last, limit) = (last, limit)
    while last - first > 16 {
      guard limit > 0 else { return partialSort(first, last, last) }
      limit -= 1
      let cut = partition(first, last)
      sortLoop(cut, last, limit)
      last = cut
    }
  }

  /// Partitions around the median of three elements, which is moved to the front.
  private func partition(_ first: Int, _ last: Int) -> Int {
    let (a, b, c) = (first + 1, first + (last - first) / 2, last - 1)
    let median =
      precedes(a, b)
      ? (precedes(b, c) ? b : precedes(a, c) ? c : a) : (precedes(a, c) ? a : precedes(b, c) ? c : b)
    elements.swapAt(first, median)
    var (low, high) = (first + 1, last)
    while true {
      while precedes(low, first) { low += 1 }
      high -= 1
      while precedes(first, high) { high -= 1 }
      guard low < high else { return low }
      elements.swapAt(low, high)
      low += 1
    }
  }

  private func insertionSort(_ first: Int, _ last: Int) {
    guard first < last else { return }
    for index in first + 1..<max(last, first + 1) {
      let element = elements[index]
      if precedes(element, elements[first]) {
        var place = index
        while place > first {
          elements[place] = elements[place - 1]
          place -= 1
        }
        elements[first] = element
      } else {
        insertUnguarded(index)
      }
    }
  }

  private func insertUnguarded(_ index: Int) {
    let element = elements[index]
    var place = index
    while precedes(element, elements[place - 1]) {
      elements[place] = elements[place - 1]
      place -= 1
    }
    elements[place] = element
  }

  private func heapSelect(_ first: Int, _ middle: Int, _ last: Int) {
    let count = middle - first
    if count >= 2 {
      for parent in (0...(count - 2) / 2).reversed() { adjustHeap(first, parent, count, elements[first + parent]) }
    }
    for index in middle..<max(last, middle) where precedes(index, first) { popHeap(first, middle, index) }
  }

  private func popHeap(_ first: Int, _ last: Int, _ result: Int) {
    let element = elements[result]
    elements[result] = elements[first]
    adjustHeap(first, 0, last - first, element)
  }

  private func adjustHeap(_ first: Int, _ start: Int, _ count: Int, _ element: Element) {
    var hole = start
    var child = start
    while child < (count - 1) / 2 {
      child = 2 * (child + 1)
      if precedes(first + child, first + child - 1) { child -= 1 }
      elements[first + hole] = elements[first + child]
      hole = child
    }
    if count % 2 == 0, child == (count - 2) / 2 {
      child = 2 * (child + 1)
      elements[first + hole] = elements[first + child - 1]
      hole = child - 1
    }
    while hole > start, precedes(elements[first + (hole - 1) / 2], element) {
      elements[first + hole] = elements[first + (hole - 1) / 2]
      hole = (hole - 1) / 2
    }
    elements[first + hole] = element
  }
}

/// The indices of the `limit` largest values, largest first. NaN comes first, and ties are ordered as by PyTorch's
/// `topk`.
func largest(_ limit: Int, of values: [Float]) -> [Int] {
  var elements = values.enumerated().map { (value: $1, index: Int32($0)) }
  let count = min(limit, values.count)
  guard count > 0 else { return [] }
  elements.withUnsafeMutableBufferPointer { buffer in
    let sorting = Introsort(buffer)
    if count * 64 <= values.count {
      sorting.partialSort(0, count, values.count)
    } else {
      sorting.select(0, count - 1, values.count)
      sorting.sort(0, count - 1)
    }
  }
  return elements.prefix(count).map { Int($0.index) }
}

/// The indices of the values, largest first. Ties are ordered as by PyTorch's `sort` with `stable=False`.
func unstableFallingOrder(_ values: [Float]) -> [Int] {
  var elements = values.enumerated().map { (value: $1, index: Int32($0)) }
  elements.withUnsafeMutableBufferPointer { Introsort($0).sort(0, $0.count) }
  return elements.map { Int($0.index) }
}
