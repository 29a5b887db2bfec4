#pragma once
// Header only: the few instructions that Swift cannot name, and the probe of the machine.
// A wide type is passed only between inlined functions, in code compiled for a level that has it.

#include <sys/syscall.h>
#include <unistd.h>

#define LIMN_INLINE static inline __attribute__((always_inline))

typedef float LimnFloat4 __attribute__((ext_vector_type(4)));
typedef float LimnFloat8 __attribute__((ext_vector_type(8)));
typedef float LimnFloat16 __attribute__((ext_vector_type(16)));

// The second operand where either is NaN, as the x86 instructions do; NaN where the first is for limn_maxnan.
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
#if defined(__aarch64__)
LIMN_FMA(4)
#endif
#if defined(__AVX2__)
LIMN_COMPARE(8)
LIMN_FMA(8)
#endif
#if defined(__AVX512F__)
LIMN_COMPARE(16)
LIMN_FMA(16)

typedef float LimnRegister16 __attribute__((vector_size(64)));

// The nearest integer, as a float.
LIMN_INLINE LimnFloat16 limn_round16(LimnFloat16 a) {
  return (LimnFloat16)__builtin_ia32_rndscaleps_mask((LimnRegister16)a, 8, (LimnRegister16)a, -1, 4);
}
// a * 2^n, to infinity or zero where the exponent ends.
LIMN_INLINE LimnFloat16 limn_scale16(LimnFloat16 a, LimnFloat16 n) {
  return (LimnFloat16)__builtin_ia32_scalefps512_mask(
      (LimnRegister16)a, (LimnRegister16)n, (LimnRegister16)a, -1, 4);
}
// 1 / a within 2^-14.
LIMN_INLINE LimnFloat16 limn_reciprocal16(LimnFloat16 a) {
  return (LimnFloat16)__builtin_ia32_rcp14ps512_mask((LimnRegister16)a, (LimnRegister16)a, -1);
}
#endif

// 0 baseline, 1 x86-64-v3 (AVX2, FMA), 2 x86-64-v4 (AVX-512 F, BW, CD, DQ, VL), as CPU and operating system allow.
static inline int limn_cpu_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return 2;
  if (__builtin_cpu_supports("x86-64-v3")) return 1;
#endif
  return 0;
}

// Cores that this process may run on (affinity masks and taskset included), at least 1.
static inline int limn_available_cores(void) {
  unsigned long mask[128] = {0};
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  int cores = 0;
  for (long i = 0; i < bytes / (long)sizeof(long); i++) cores += __builtin_popcountl(mask[i]);
  return cores > 0 ? cores : 1;
}

// Tells the core that it spins.
LIMN_INLINE void limn_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
