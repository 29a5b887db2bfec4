// Records what GNU's C++ library makes of values with ties, the way PyTorch's topk and sort call it.
//
//     g++ -O1 -o make_introsort make_introsort.cpp && ./make_introsort > introsort.txt
//
// A line a case: KIND COUNT DISTINCT LIMIT HASH. The values are, in float32,
//
//     random     floor(u * DISTINCT), u = (next() >> 40) / 2^24 of a SplitMix64 with seed COUNT + DISTINCT
//     nan        the same, every fifth from the first on NaN
//     falling    COUNT - index / DISTINCT, rounded down;  rising   index / DISTINCT, rounded down
//     killer     David Musser's sequence against the median of three, negated (COUNT even): at the i-th place of the
//                first half, from 1, i where i is odd and COUNT / 2 + i - 1 where it is even, then 2, 4, ..., COUNT;
//                each divided by DISTINCT and rounded down, so that there are ties
//
// LIMIT is topk's; `sort` sorts all. HASH is the 64-bit FNV-1a of the resulting indices, one step an index.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

using Element = std::pair<float, int64_t>;

static std::vector<float> values(const std::string &kind, uint64_t count, uint64_t distinct) {
  std::vector<float> result(count);
  uint64_t state = count + distinct;
  for (uint64_t index = 0; index < count; index++) {
    uint64_t bits = state += 0x9E3779B97F4A7C15;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
    bits ^= bits >> 31;
    const float random = std::floor(float(bits >> 40) * 0x1p-24f * float(distinct));
    const uint64_t half = count / 2, place = index + 1;
    if (kind == "falling") result[index] = float(count - index / distinct);
    else if (kind == "rising") result[index] = float(index / distinct);
    else if (kind == "killer")
      result[index] = -float((place > half ? 2 * (place - half) : place % 2 == 1 ? place : half + place - 1) / distinct);
    else result[index] = kind == "nan" && index % 5 == 0 ? NAN : random;
  }
  return result;
}

static void record(const std::string &kind, uint64_t count, uint64_t distinct, int64_t limit) {
  std::vector<Element> queue;
  for (float value : values(kind, count, distinct)) queue.emplace_back(value, queue.size());
  const auto precedes = [](const Element &a, const Element &b) {
    return (std::isnan(a.first) && !std::isnan(b.first)) || a.first > b.first;
  };
  const auto first = queue.begin();
  if (limit < 0) {
    std::sort(first, queue.end(), precedes);
  } else {
    const int64_t taken = std::min<int64_t>(limit, count);
    if (taken > 0 && taken * 64 <= int64_t(count)) {
      std::partial_sort(first, first + taken, queue.end(), precedes);
    } else if (taken > 0) {
      std::nth_element(first, first + taken - 1, queue.end(), precedes);
      std::sort(first, first + taken - 1, precedes);
    }
    queue.resize(taken);
  }
  uint64_t hash = 0xCBF29CE484222325;
  for (const Element &element : queue) hash = (hash ^ uint64_t(element.second)) * 0x100000001B3;
  const std::string text = limit < 0 ? "sort" : std::to_string(limit);
  std::printf("%s %lu %lu %s %lu\n", kind.c_str(), count, distinct, text.c_str(), hash);
}

int main() {
  for (const char *kind : {"random", "nan", "falling", "rising"})
    for (uint64_t count : {1, 2, 3, 4, 16, 17, 18, 33, 640, 2304})
      for (uint64_t distinct : {1, 3, 50})
        for (int64_t limit : {-1L, 1L, 2L, 10L, 11L, 16L, 17L, 36L, 37L, 1000L}) record(kind, count, distinct, limit);
  for (uint64_t count : {64, 512, 3000})
    for (uint64_t distinct : {1, 2, 3})
      for (int64_t limit : {-1L, 1L, 7L, 500L, 1500L, 2999L}) record("killer", count, distinct, limit);
}
