#pragma once
#include <stddef.h>

/// What the program allocated between `begin` and `end`, on all its threads.
typedef struct {
  size_t count;
  size_t bytes;
  size_t largest;
} AllocationCount;

void allocation_count_begin(void);
AllocationCount allocation_count_end(void);
