// The C library's allocator, counted: the program's own definitions go before the library's.
#include "AllocationCount.h"

#include <errno.h>
#include <stdatomic.h>

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
// The sanitizers have an allocator of their own; nothing is counted.
bool allocation_count_is_available(void) { return false; }
void allocation_count_begin(void) {}
AllocationCount allocation_count_end(void) { return (AllocationCount){0}; }
void allocation_count_begin_thread(void) {}
AllocationCount allocation_count_end_thread(void) { return (AllocationCount){0}; }
#else

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_bool counting;
static atomic_size_t count, bytes, largest;
static _Thread_local bool countsThread;
static _Thread_local AllocationCount thread;

static void note(size_t size) {
  if (countsThread) {
    thread.count++;
    thread.bytes += size;
    if (size > thread.largest) thread.largest = size;
  }
  if (!counting) return;
  count++;
  bytes += size;
  size_t most = largest;
  while (size > most && !atomic_compare_exchange_weak(&largest, &most, size)) {}
}

void *malloc(size_t size) {
  note(size);
  return __libc_malloc(size);
}

void *calloc(size_t items, size_t size) {
  note(items * size);
  return __libc_calloc(items, size);
}

void *realloc(void *memory, size_t size) {
  note(size);
  return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
  note(size);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  note(size);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  note(size);
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}

void allocation_count_begin(void) {
  count = bytes = largest = 0;
  counting = 1;
}

AllocationCount allocation_count_end(void) {
  counting = 0;
  return (AllocationCount){.count = count, .bytes = bytes, .largest = largest};
}

bool allocation_count_is_available(void) { return true; }

void allocation_count_begin_thread(void) {
  thread = (AllocationCount){0};
  countsThread = true;
}

AllocationCount allocation_count_end_thread(void) {
  countsThread = false;
  return thread;
}
#endif
