#pragma once
// The few instructions that Swift has no function for, and the detection of the CPU's level. All functions are inline.
// A wide type is passed only between inlined functions, in code compiled for a level that has it.

#include <sys/syscall.h>
#include <unistd.h>

#define LIMN_INLINE static inline __attribute__((always_inline))

typedef float LimnFloat4 __attribute__((ext_vector_type(4)));
typedef float LimnFloat8 __attribute__((ext_vector_type(8)));
typedef float LimnFloat16 __attribute__((ext_vector_type(16)));
typedef int LimnInt4 __attribute__((ext_vector_type(4)));
typedef int LimnInt8 __attribute__((ext_vector_type(8)));
typedef int LimnInt16 __attribute__((ext_vector_type(16)));

// Converts floats to bytes, rounded to the nearest, ties to even, and clamped to 0...255; and back. The pointers need
// no alignment.
#define LIMN_STORE_BYTES(width)                                                                                   \
  LIMN_INLINE void limn_store_bytes##width(LimnFloat##width a, void *target) {                                    \
    LimnFloat##width low = (LimnFloat##width)(0), high = (LimnFloat##width)(255);                                 \
    a = a > low ? a : low;                                                                                        \
    a = a < high ? a : high;                                                                                      \
    LimnInt##width n = __builtin_convertvector(__builtin_elementwise_rint(a), LimnInt##width);                    \
    typedef unsigned char Bytes __attribute__((ext_vector_type(width)));                                          \
    Bytes bytes = __builtin_convertvector(n, Bytes);                                                              \
    __builtin_memcpy(target, &bytes, width);                                                                      \
  }

#define LIMN_BYTES(width)                                                                                         \
  LIMN_INLINE LimnFloat##width limn_load_bytes##width(const void *source) {                                       \
    typedef unsigned char Bytes __attribute__((ext_vector_type(width)));                                          \
    Bytes bytes;                                                                                                  \
    __builtin_memcpy(&bytes, source, width);                                                                      \
    return __builtin_convertvector(__builtin_convertvector(bytes, LimnInt##width), LimnFloat##width);             \
  }                                                                                                               \
  LIMN_INLINE LimnFloat##width limn_float##width(LimnInt##width a) {                                              \
    return __builtin_convertvector(a, LimnFloat##width);                                                          \
  }

// The largest of the bytes at an offset after each of the taps; tap k is taps[k * stride].
#define LIMN_MAX_BYTES(width)                                                                                     \
  LIMN_INLINE void limn_max_bytes##width(                                                                         \
      const void *const *taps, long stride, long count, long offset, void *target) {                              \
    typedef unsigned char Bytes __attribute__((ext_vector_type(width)));                                          \
    Bytes largest = (Bytes)(0), bytes;                                                                            \
    for (long k = 0; k < count; k++) {                                                                            \
      __builtin_memcpy(&bytes, (const char *)taps[k * stride] + offset, width);                                   \
      largest = __builtin_elementwise_max(largest, bytes);                                                        \
    }                                                                                                             \
    __builtin_memcpy(target, &largest, width);                                                                    \
  }

LIMN_MAX_BYTES(16)
#if defined(__AVX512BW__)
LIMN_MAX_BYTES(64)
#endif

// If either operand is NaN the result is the second, as with the x86 instructions. limn_maxnan is also NaN if the first
// operand is.
#define LIMN_COMPARE(width)                                                                                       \
  LIMN_INLINE LimnFloat##width limn_max##width(LimnFloat##width a, LimnFloat##width b) { return a > b ? a : b; } \
  LIMN_INLINE LimnFloat##width limn_min##width(LimnFloat##width a, LimnFloat##width b) { return a < b ? a : b; } \
  LIMN_INLINE LimnFloat##width limn_maxnan##width(LimnFloat##width a, LimnFloat##width b) {                       \
    return a != a ? a : (a > b ? a : b);                                                                          \
  }                                                                                                               \
  LIMN_INLINE LimnFloat##width limn_above##width(LimnFloat##width a, LimnFloat##width b) {                        \
    return a > b ? (LimnFloat##width)(1) : (LimnFloat##width)(0);                                                 \
  }                                                                                                               \
  LIMN_INLINE LimnFloat##width limn_sqrt##width(LimnFloat##width a) { return __builtin_elementwise_sqrt(a); }

#define LIMN_FMA(width)                                                                                           \
  LIMN_INLINE LimnFloat##width limn_fma##width(LimnFloat##width a, LimnFloat##width b, LimnFloat##width c) {      \
    return __builtin_elementwise_fma(a, b, c);                                                                    \
  }

LIMN_COMPARE(4)
LIMN_BYTES(4)
LIMN_STORE_BYTES(4)

// sum + the products of two pairs of 16-bit integers.
LIMN_INLINE LimnInt4 limn_dot_pairs4(LimnInt4 sum, LimnInt4 a, LimnInt4 b) {
#if defined(__SSE2__)
  typedef short Shorts __attribute__((vector_size(16)));
  return sum + (LimnInt4)__builtin_ia32_pmaddwd128((Shorts)a, (Shorts)b);
#else
  return sum + ((a << 16) >> 16) * ((b << 16) >> 16) + (a >> 16) * (b >> 16);
#endif
}
#if defined(__aarch64__)
LIMN_FMA(4)
#endif
#if defined(__AVX2__)
LIMN_COMPARE(8)
LIMN_FMA(8)
LIMN_BYTES(8)
LIMN_STORE_BYTES(8)

typedef float LimnRegister8 __attribute__((vector_size(32)));
typedef int LimnWords8 __attribute__((vector_size(32)));
// All bits set in the first lanes.
LIMN_INLINE LimnWords8 limn_first8(long count) {
  return (LimnWords8){0, 1, 2, 3, 4, 5, 6, 7} < (int)count;
}
// The first floats at a pointer, then zeros; the first floats of a vector. Nothing beyond them is read or written.
LIMN_INLINE LimnFloat8 limn_load_first8(const void *source, long count) {
  return (LimnFloat8)__builtin_ia32_maskloadps256((const LimnRegister8 *)source, limn_first8(count));
}
LIMN_INLINE void limn_store_first8(LimnFloat8 a, void *target, long count) {
  __builtin_ia32_maskstoreps256((LimnRegister8 *)target, limn_first8(count), (LimnRegister8)a);
}

typedef short LimnShorts16 __attribute__((vector_size(32)));
// sum + the products of two pairs of 16-bit integers.
LIMN_INLINE LimnInt8 limn_dot_pairs8(LimnInt8 sum, LimnInt8 a, LimnInt8 b) {
  return sum + (LimnInt8)__builtin_ia32_pmaddwd256((LimnShorts16)a, (LimnShorts16)b);
}
#endif
#if defined(__AVX512F__)
LIMN_COMPARE(16)
LIMN_FMA(16)
LIMN_BYTES(16)

typedef float LimnRegister16 __attribute__((vector_size(64)));
typedef int LimnWords16 __attribute__((vector_size(64)));
typedef char LimnCharacters16 __attribute__((vector_size(16)));

// The conversion rounds to the nearest; packing to bytes saturates.
LIMN_INLINE void limn_store_bytes16(LimnFloat16 a, void *target) {
  LimnWords16 n = __builtin_ia32_cvtps2dq512_mask((LimnRegister16)a, (LimnWords16){}, -1, 4);
  n = __builtin_elementwise_max(n, (LimnWords16){});
  LimnCharacters16 bytes = __builtin_ia32_pmovusdb512_mask(n, (LimnCharacters16){}, -1);
  __builtin_memcpy(target, &bytes, 16);
}

// The first floats at a pointer, then zeros; the first floats of a vector. Nothing beyond them is read or written.
LIMN_INLINE LimnFloat16 limn_load_first16(const void *source, long count) {
  unsigned short mask = (unsigned short)((1u << count) - 1);
  return (LimnFloat16)__builtin_ia32_loadups512_mask((const float *)source, (LimnRegister16){}, mask);
}
LIMN_INLINE void limn_store_first16(LimnFloat16 a, void *target, long count) {
  __builtin_ia32_storeups512_mask((float *)target, (LimnRegister16)a, (unsigned short)((1u << count) - 1));
}

// The nearest integer, as a float.
LIMN_INLINE LimnFloat16 limn_round16(LimnFloat16 a) {
  return (LimnFloat16)__builtin_ia32_rndscaleps_mask((LimnRegister16)a, 8, (LimnRegister16)a, -1, 4);
}
// The smaller magnitude of each pair, with the sign of a; b's magnitude where a is NaN.
LIMN_INLINE LimnFloat16 limn_clamp16(LimnFloat16 a, LimnFloat16 b) {
  return (LimnFloat16)__builtin_ia32_rangeps512_mask(
      (LimnRegister16)a, (LimnRegister16)b, 2, (LimnRegister16)a, -1, 4);
}
// a * 2^n; infinity or zero if it is out of range.
LIMN_INLINE LimnFloat16 limn_scale16(LimnFloat16 a, LimnFloat16 n) {
  return (LimnFloat16)__builtin_ia32_scalefps512_mask(
      (LimnRegister16)a, (LimnRegister16)n, (LimnRegister16)a, -1, 4);
}
// 1 / a within 2^-14.
LIMN_INLINE LimnFloat16 limn_reciprocal16(LimnFloat16 a) {
  return (LimnFloat16)__builtin_ia32_rcp14ps512_mask((LimnRegister16)a, (LimnRegister16)a, -1);
}
#endif

#if defined(__AVX512BF16__)
typedef __bf16 LimnBFloats32 __attribute__((vector_size(64)));
typedef __bf16 LimnBFloats16 __attribute__((vector_size(32)));
typedef unsigned short LimnUShort16 __attribute__((ext_vector_type(16)));

// sum + the products of two pairs of bfloat16, in single precision.
LIMN_INLINE LimnFloat16 limn_dot_bfloats16(LimnFloat16 sum, LimnInt16 a, LimnInt16 b) {
  return (LimnFloat16)__builtin_ia32_dpbf16ps_512((LimnRegister16)sum, (LimnBFloats32)a, (LimnBFloats32)b);
}
// Rounded to the nearest, ties to even.
LIMN_INLINE void limn_store_bfloats16(LimnFloat16 a, void *target) {
  LimnBFloats16 rounded = __builtin_ia32_cvtneps2bf16_512_mask((LimnRegister16)a, (LimnBFloats16){}, -1);
  __builtin_memcpy(target, &rounded, 32);
}
LIMN_INLINE LimnFloat16 limn_load_bfloats16(const void *source) {
  LimnUShort16 bits;
  __builtin_memcpy(&bits, source, 32);
  return (LimnFloat16)(__builtin_convertvector(bits, LimnInt16) << 16);
}
#endif
#if defined(__AVX512VNNI__)
// sum + the products of four unsigned bytes of a and four signed bytes of b.
LIMN_INLINE LimnInt16 limn_dot_bytes16(LimnInt16 sum, LimnInt16 a, LimnInt16 b) {
  return (LimnInt16)__builtin_ia32_vpdpbusd512((LimnWords16)sum, (LimnWords16)a, (LimnWords16)b);
}
#endif

// The highest level that the CPU and the operating system support: 0 baseline, 1 x86-64-v3 (AVX2, FMA), 2 x86-64-v4
// (AVX-512 F, BW, CD, DQ, VL), 3 x86-64-v4 with bfloat16 and int8 dot products (AVX-512 BF16, VNNI).
static inline int limn_cpu_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) {
    return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni") ? 3 : 2;
  }
  if (__builtin_cpu_supports("x86-64-v3")) return 1;
#endif
  return 0;
}

// The number of cores that this process may run on (according to its affinity mask), at least 1.
static inline int limn_available_cores(void) {
  unsigned long mask[128] = {0};
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  int cores = 0;
  for (long i = 0; i < bytes / (long)sizeof(long); i++) cores += __builtin_popcountl(mask[i]);
  return cores > 0 ? cores : 1;
}

// Whether the CPU has vectors of 256 bits.
static inline int limn_has_wide_vectors(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx") != 0;
#else
  return 0;
#endif
}

// Clears the upper halves of the vector registers. The CPU must have vectors of 256 bits.
LIMN_INLINE void limn_clear_upper_halves(void) {
#if defined(__x86_64__)
  __asm__ volatile("vzeroupper");
#endif
}

// Asks the CPU to bring a cache line into its second-level cache. Any address is allowed.
LIMN_INLINE void limn_prefetch(const void *pointer) { __builtin_prefetch(pointer, 0, 2); }

// Tells the core that the thread is waiting in a loop.
LIMN_INLINE void limn_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
