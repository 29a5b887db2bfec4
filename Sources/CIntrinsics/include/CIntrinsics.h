#pragma once
// Header only: the few instructions that Swift cannot name, and the probe of the CPU.

typedef float LimnFloat4 __attribute__((ext_vector_type(4)));
typedef float LimnFloat8 __attribute__((ext_vector_type(8)));
typedef float LimnFloat16 __attribute__((ext_vector_type(16)));

#if defined(__AVX512F__)
static inline __attribute__((always_inline)) LimnFloat16 limn_fma16(LimnFloat16 a, LimnFloat16 b, LimnFloat16 c) {
  return __builtin_elementwise_fma(a, b, c);
}
#endif

#if defined(__FMA__)
static inline __attribute__((always_inline)) LimnFloat8 limn_fma8(LimnFloat8 a, LimnFloat8 b, LimnFloat8 c) {
  return __builtin_elementwise_fma(a, b, c);
}
#endif

#if defined(__aarch64__)
static inline __attribute__((always_inline)) LimnFloat4 limn_fma4(LimnFloat4 a, LimnFloat4 b, LimnFloat4 c) {
  return __builtin_elementwise_fma(a, b, c);
}
#endif

// 0 baseline, 1 AVX2 with FMA (x86-64-v3), 2 AVX-512 (x86-64-v4). Also asks the operating system, through cpu_supports.
static inline int limn_cpu_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return 2;
  if (__builtin_cpu_supports("x86-64-v3")) return 1;
#endif
  return 0;
}

static inline __attribute__((always_inline)) void limn_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
