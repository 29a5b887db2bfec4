#pragma once
#include <stdbool.h>
#include <stddef.h>

/// What was allocated between `begin` and `end`.
typedef struct {
  size_t count;
  size_t bytes;
  size_t largest;
} AllocationCount;

/// Whether allocations can be counted: not under a sanitizer.
bool allocation_count_is_available(void);

/// Counts what all threads allocate.
void allocation_count_begin(void);
AllocationCount allocation_count_end(void);

/// Counts what this thread allocates.
void allocation_count_begin_thread(void);
AllocationCount allocation_count_end_thread(void);
