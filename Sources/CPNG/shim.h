#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <png.h>
#include <zlib.h>

// libpng reports errors by longjmp, which must not cross Swift frames: every function here sets its own jump target,
// returns a status, and writes the error sentence to the caller's buffer of LIMN_PNG_MESSAGE_SIZE bytes.

#define LIMN_PNG_MESSAGE_SIZE 256

enum limn_png_status {
  LIMN_PNG_OK = 0,
  LIMN_PNG_DAMAGED = 1,
};

struct limn_png_state {
  jmp_buf jump;
  char *message;
  const uint8_t *input;
  size_t input_left;
  uint8_t *output;
  size_t output_count, output_capacity;
};

static inline void limn_png_fail(png_structp png, png_const_charp text) {
  struct limn_png_state *state = (struct limn_png_state *)png_get_error_ptr(png);
  // The warning before names the field, which the error "Invalid IHDR data" does not.
  size_t used = strlen(state->message);
  snprintf(state->message + used, LIMN_PNG_MESSAGE_SIZE - used, "%s%s", used ? ": " : "", text);
  longjmp(state->jump, 1);
}

static inline void limn_png_warn(png_structp png, png_const_charp text) {
  struct limn_png_state *state = (struct limn_png_state *)png_get_error_ptr(png);
  // libpng only warns of a wrong checksum of the pixels, and only the text of the warning identifies it.
  if (strstr(text, "incorrect data check")) {
    state->message[0] = 0;
    limn_png_fail(png, text);
  }
  snprintf(state->message, LIMN_PNG_MESSAGE_SIZE, "%s", text);
}

static inline void limn_png_input_read(png_structp png, png_bytep target, size_t count) {
  struct limn_png_state *state = (struct limn_png_state *)png_get_io_ptr(png);
  if (count > state->input_left) {
    state->message[0] = 0;
    png_error(png, "premature end of PNG data");
  }
  memcpy(target, state->input, count);
  state->input += count;
  state->input_left -= count;
}

// Decodes to RGB. `pixels` has room for `width * height * 3` bytes. Sides that differ from the file's header are an
// error.
static inline int limn_png_decode(
    const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint8_t *pixels, char *message) {
  struct limn_png_state state;
  memset(&state, 0, sizeof state);
  state.message = message;
  state.input = bytes;
  state.input_left = count;
  message[0] = 0;
  png_structp volatile png = NULL;
  png_infop volatile info = NULL;
  if (setjmp(state.jump)) {
    png_structp png_now = png;
    png_infop info_now = info;
    if (png_now) png_destroy_read_struct(&png_now, &info_now, NULL);
    return LIMN_PNG_DAMAGED;
  }
  png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state, limn_png_fail, limn_png_warn);
  if (!png) {
    strcpy(message, "libpng could not start");
    return LIMN_PNG_DAMAGED;
  }
  info = png_create_info_struct(png);
  if (!info) png_error(png, "out of memory");
  png_set_read_fn(png, &state, limn_png_input_read);
  // Ancillary chunks are skipped: none changes the pixels, and compressed text could inflate without limit.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, (png_const_bytep)"tRNS", 1);
  png_set_chunk_malloc_max(png, 1 << 20);
  png_set_user_limits(png, width, height);

  png_read_info(png, info);
  if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height) {
    png_error(png, "the size changed between two readings of the header");
  }
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  png_set_palette_to_rgb(png);
  png_set_expand_gray_1_2_4_to_8(png);
  png_set_gray_to_rgb(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t stride = (size_t)width * 3;
  if (png_get_rowbytes(png, info) != stride) png_error(png, "the rows are not 8-bit RGB");
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < height; y++) png_read_row(png, pixels + y * stride, NULL);
  }
  png_read_end(png, NULL);

  png_structp png_now = png;
  png_infop info_now = info;
  png_destroy_read_struct(&png_now, &info_now, NULL);
  return LIMN_PNG_OK;
}

static inline void limn_png_output_write(png_structp png, png_bytep source, size_t count) {
  struct limn_png_state *state = (struct limn_png_state *)png_get_io_ptr(png);
  size_t needed = state->output_count + count;
  if (needed > state->output_capacity) {
    size_t capacity = needed < 1 << 15 ? 1 << 16 : needed * 2;
    uint8_t *grown = (uint8_t *)realloc(state->output, capacity);
    if (!grown) png_error(png, "out of memory");
    state->output = grown;
    state->output_capacity = capacity;
  }
  memcpy(state->output + state->output_count, source, count);
  state->output_count = needed;
}

static inline void limn_png_output_flush(png_structp png) { (void)png; }

// Encodes RGB samples or, with the 256 colours of a `palette`, one index per pixel. On success `*bytes` points to
// `*count` bytes, which the caller must free.
static inline int limn_png_encode(
    const uint8_t *pixels, const uint8_t *palette, uint32_t width, uint32_t height, uint8_t **bytes, size_t *count, char *message) {
  struct limn_png_state state;
  memset(&state, 0, sizeof state);
  state.message = message;
  message[0] = 0;
  png_structp volatile png = NULL;
  png_infop volatile info = NULL;
  if (setjmp(state.jump)) {
    png_structp png_now = png;
    png_infop info_now = info;
    if (png_now) png_destroy_write_struct(&png_now, &info_now);
    free(state.output);
    return LIMN_PNG_DAMAGED;
  }
  png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &state, limn_png_fail, limn_png_warn);
  if (!png) {
    strcpy(message, "libpng could not start");
    return LIMN_PNG_DAMAGED;
  }
  info = png_create_info_struct(png);
  if (!info) png_error(png, "out of memory");
  png_set_write_fn(png, &state, limn_png_output_write, limn_png_output_flush);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_set_IHDR(
      png, info, width, height, 8, palette ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
      PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (palette) {
    png_color colors[256];
    for (int i = 0; i < 256; i++) {
      colors[i].red = palette[i * 3];
      colors[i].green = palette[i * 3 + 1];
      colors[i].blue = palette[i * 3 + 2];
    }
    png_set_PLTE(png, info, colors, 256);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
  } else {
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
    png_set_compression_level(png, 1);
    png_set_compression_strategy(png, 3);
  }
  png_write_info(png, info);
  size_t stride = (size_t)width * (palette ? 1 : 3);
  for (uint32_t y = 0; y < height; y++) png_write_row(png, pixels + y * stride);
  png_write_end(png, info);
  *bytes = state.output;
  *count = state.output_count;

  png_structp png_now = png;
  png_infop info_now = info;
  png_destroy_write_struct(&png_now, &info_now);
  return LIMN_PNG_OK;
}

static inline uint32_t limn_crc32(const void *bytes, size_t count) {
  return (uint32_t)crc32_z(0, (const Bytef *)bytes, count);
}
