#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <jpeglib.h>
#include <jerror.h>

// libjpeg reports errors by longjmp, which must not cross Swift frames: every function here sets its own jump target,
// returns a status, and writes the error sentence to the caller's buffer of LIMN_JPEG_MESSAGE_SIZE bytes.

#define LIMN_JPEG_MESSAGE_SIZE 256
// A progressive file has about a dozen scans. A hostile file has many tiny ones, and each needs a pass over the image.
#define LIMN_JPEG_MAX_SCANS 500

_Static_assert(LIMN_JPEG_MESSAGE_SIZE >= JMSG_LENGTH_MAX, "libjpeg's messages fit");

enum limn_jpeg_status {
  LIMN_JPEG_OK = 0,
  LIMN_JPEG_DAMAGED = 1,
  LIMN_JPEG_UNSUPPORTED = 2,
};

struct limn_jpeg_errors {
  struct jpeg_error_mgr base;
  jmp_buf jump;
  char *message;
  int reached_end;
  int allows_damage;
};

static inline void limn_jpeg_fail(j_common_ptr codec) {
  struct limn_jpeg_errors *errors = (struct limn_jpeg_errors *)codec->err;
  errors->base.format_message(codec, errors->message);
  longjmp(errors->jump, 1);
}

// Chooses the status of a failure. libjpeg reports a file truncated before the image data as one without an image.
static inline int limn_jpeg_failure(struct limn_jpeg_errors *errors) {
  switch (errors->base.msg_code) {
  case JERR_BAD_PRECISION:
    snprintf(
        errors->message, LIMN_JPEG_MESSAGE_SIZE, "this JPEG has %d bits per sample; only 8 are supported",
        errors->base.msg_parm.i[0]);
    return LIMN_JPEG_UNSUPPORTED;
  case JERR_SOF_UNSUPPORTED:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_CCIR601_NOTIMPL:
  case JERR_FRACT_SAMPLE_NOTIMPL:
  case JERR_NOTIMPL:
    return LIMN_JPEG_UNSUPPORTED;
  default:
    if (errors->reached_end) strcpy(errors->message, "premature end of JPEG data");
    return LIMN_JPEG_DAMAGED;
  }
}

// Missing or undecodable data is a failure, since part of the image would be grey; surplus bytes and odd headers are
// not. A missing end marker alone may be no failure: some programs omit it after a complete image.
static inline void limn_jpeg_warn(j_common_ptr codec, int level) {
  struct limn_jpeg_errors *errors = (struct limn_jpeg_errors *)codec->err;
  if (level >= 0 || errors->allows_damage) return;
  switch (errors->base.msg_code) {
  case JWRN_JPEG_EOF:
    errors->reached_end = 1;
    return;
  case JWRN_EXTRANEOUS_DATA:
    // Surplus bytes before a restart marker: the blocks before it were decoded wrongly.
    if (errors->base.msg_parm.i[1] >= JPEG_RST0 && errors->base.msg_parm.i[1] < JPEG_RST0 + 8) limn_jpeg_fail(codec);
    return;
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_ARITH_BAD_CODE:
  case JWRN_MUST_RESYNC:
    limn_jpeg_fail(codec);
    return;
  default:
    return;
  }
}

static inline void limn_jpeg_silent(j_common_ptr codec) { (void)codec; }

static inline void limn_jpeg_init_errors(struct limn_jpeg_errors *errors, char *message) {
  jpeg_std_error(&errors->base);
  errors->base.error_exit = limn_jpeg_fail;
  errors->base.emit_message = limn_jpeg_warn;
  errors->base.output_message = limn_jpeg_silent;
  errors->message = message;
  errors->reached_end = 0;
  errors->allows_damage = 0;
}

static inline void limn_jpeg_watch_scans(j_common_ptr codec) {
  struct limn_jpeg_errors *errors = (struct limn_jpeg_errors *)codec->err;
  if (!codec->is_decompressor || ((j_decompress_ptr)codec)->input_scan_number <= LIMN_JPEG_MAX_SCANS) return;
  errors->base.msg_code = JMSG_NOMESSAGE;
  snprintf(errors->message, LIMN_JPEG_MESSAGE_SIZE, "this JPEG has more than %d scans", LIMN_JPEG_MAX_SCANS);
  longjmp(errors->jump, 1);
}

static inline int limn_jpeg_read_header(
    const uint8_t *bytes, size_t count, uint32_t *width, uint32_t *height, char *message) {
  struct limn_jpeg_errors errors;
  struct jpeg_decompress_struct codec;
  memset(&codec, 0, sizeof codec);
  limn_jpeg_init_errors(&errors, message);
  codec.err = &errors.base;
  if (setjmp(errors.jump)) {
    jpeg_destroy_decompress(&codec);
    return limn_jpeg_failure(&errors);
  }
  jpeg_create_decompress(&codec);
  jpeg_mem_src(&codec, bytes, count);
  jpeg_read_header(&codec, TRUE);
  *width = codec.image_width;
  *height = codec.image_height;
  jpeg_destroy_decompress(&codec);
  return LIMN_JPEG_OK;
}

// Converts CMYK, stored inverted as Adobe writes it, to RGB in place, with OpenCV's integer formula.
static inline void limn_jpeg_cmyk_to_rgb(uint8_t *row, size_t count) {
  for (size_t i = 0; i < count; i++) {
    int black = row[4 * i + 3];
    for (int channel = 0; channel < 3; channel++) {
      row[3 * i + channel] = (uint8_t)(black - ((255 - row[4 * i + channel]) * black >> 8));
    }
  }
}

// The positions of stored pixels in the upright image, in pixels: that of the first one, and the steps from one stored
// column or row to the next.
struct limn_jpeg_placement {
  ptrdiff_t first, column_step, row_step;
};

// Writes a strip of stored rows to their positions in the upright image. Every row of the strip has one spare sample
// after its pixels.
static inline void limn_jpeg_place(
    JSAMPARRAY strip, JDIMENSION top, JDIMENSION width, JDIMENSION rows, struct limn_jpeg_placement placement,
    uint8_t *pixels) {
  if (placement.column_step == 1 || placement.column_step == -1) {
    for (JDIMENSION y = 0; y < rows; y++) {
      uint8_t *target = pixels + (placement.first + (ptrdiff_t)(top + y) * placement.row_step) * 3;
      for (JDIMENSION x = 0; x < width; x++, target += placement.column_step * 3) {
        memcpy(target, strip[y] + (size_t)x * 3, 3);
      }
    }
    return;
  }
  // A stored column is a run in a row of the image. Four bytes are written at a time; the next pixel overwrites the
  // last.
  for (JDIMENSION x = 0; x < width; x++) {
    size_t source = (size_t)x * 3;
    ptrdiff_t column = placement.first + x * placement.column_step;
    if (placement.row_step > 0) {
      uint8_t *target = pixels + (column + (ptrdiff_t)top) * 3;
      for (JDIMENSION y = 0; y < rows - 1; y++, target += 3) memcpy(target, strip[y] + source, 4);
      memcpy(target, strip[rows - 1] + source, 3);
    } else {
      uint8_t *target = pixels + (column - (ptrdiff_t)(top + rows - 1)) * 3;
      for (JDIMENSION y = rows - 1; y > 0; y--, target += 3) memcpy(target, strip[y] + source, 4);
      memcpy(target, strip[0] + source, 3);
    }
  }
}

// Decodes to RGB, with sides divided by the divisor. `pixels` has room for `width * height * 3` bytes, and `placement`
// must keep every pixel inside. Sides that do not follow from the file's header and the divisor are an error. With
// `allows_damage`, data that libjpeg cannot decode are filled in by it.
static inline int limn_jpeg_decode(
    const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint32_t divisor,
    struct limn_jpeg_placement placement, int allows_damage, uint8_t *pixels, char *message) {
  struct limn_jpeg_errors errors;
  struct jpeg_decompress_struct codec;
  struct jpeg_progress_mgr progress;
  memset(&codec, 0, sizeof codec);
  memset(&progress, 0, sizeof progress);
  limn_jpeg_init_errors(&errors, message);
  errors.allows_damage = allows_damage;
  codec.err = &errors.base;
  if (setjmp(errors.jump)) {
    jpeg_destroy_decompress(&codec);
    return limn_jpeg_failure(&errors);
  }
  jpeg_create_decompress(&codec);
  progress.progress_monitor = limn_jpeg_watch_scans;
  codec.progress = &progress;
  jpeg_mem_src(&codec, bytes, count);
  jpeg_read_header(&codec, TRUE);
  codec.out_color_space = codec.num_components == 4 ? JCS_CMYK : JCS_RGB;
  codec.scale_num = 1;
  codec.scale_denom = divisor;
  jpeg_start_decompress(&codec);
  // A single Huffman scan gives a warning when data are missing. With several scans the last ones may be missing, and
  // the arithmetic decoder reads zeros without a warning; then only the end of the file shows it.
  int end_is_loss = jpeg_has_multiple_scans(&codec) || codec.arith_code;
  if (codec.output_width != width || codec.output_height != height) {
    strcpy(message, "the size changed between two readings of the header");
    jpeg_destroy_decompress(&codec);
    return LIMN_JPEG_DAMAGED;
  }

  int is_cmyk = codec.out_color_space == JCS_CMYK;
  int is_upright = placement.column_step == 1;
  // With strips of this height, each write to a row of a rotated image is a few cache lines long.
  enum { strip_height = 64 };
  JDIMENSION strip_rows = is_upright && !is_cmyk ? 1 : strip_height;
  JSAMPARRAY strip = codec.mem->alloc_sarray(
      (j_common_ptr)&codec, JPOOL_IMAGE, width * (JDIMENSION)codec.output_components + 1, strip_rows);
  while (codec.output_scanline < height) {
    JDIMENSION top = codec.output_scanline;
    JDIMENSION rows = height - top < strip_height ? height - top : strip_height;
    if (is_upright && !is_cmyk) {
      JSAMPROW targets[strip_height];
      for (JDIMENSION y = 0; y < rows; y++) {
        targets[y] = pixels + (placement.first + (ptrdiff_t)(top + y) * placement.row_step) * 3;
      }
      jpeg_read_scanlines(&codec, targets, rows);
      continue;
    }
    while (codec.output_scanline - top < rows) {
      JDIMENSION read = codec.output_scanline - top;
      jpeg_read_scanlines(&codec, strip + read, rows - read);
    }
    if (is_cmyk) {
      for (JDIMENSION y = 0; y < rows; y++) limn_jpeg_cmyk_to_rgb(strip[y], width);
    }
    limn_jpeg_place(strip, top, width, rows, placement, pixels);
  }
  if (end_is_loss && errors.reached_end) longjmp(errors.jump, 1);
  jpeg_destroy_decompress(&codec);
  return LIMN_JPEG_OK;
}

struct limn_jpeg_output {
  struct jpeg_destination_mgr base;
  uint8_t *bytes;
  size_t capacity;
};

static inline void limn_jpeg_output_reserve(j_compress_ptr codec, size_t used) {
  struct limn_jpeg_output *output = (struct limn_jpeg_output *)codec->dest;
  size_t capacity = output->capacity * 2;
  uint8_t *bytes = (uint8_t *)realloc(output->bytes, capacity);
  if (!bytes) ERREXIT1(codec, JERR_OUT_OF_MEMORY, 10);
  output->bytes = bytes;
  output->capacity = capacity;
  output->base.next_output_byte = bytes + used;
  output->base.free_in_buffer = capacity - used;
}

static inline void limn_jpeg_output_begin(j_compress_ptr codec) { limn_jpeg_output_reserve(codec, 0); }

static inline boolean limn_jpeg_output_grow(j_compress_ptr codec) {
  limn_jpeg_output_reserve(codec, ((struct limn_jpeg_output *)codec->dest)->capacity);
  return TRUE;
}

static inline void limn_jpeg_output_end(j_compress_ptr codec) { (void)codec; }

// On success `*bytes` points to `*count` bytes, which the caller must free.
static inline int limn_jpeg_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int quality, uint8_t **bytes, size_t *count,
    char *message) {
  struct limn_jpeg_errors errors;
  struct jpeg_compress_struct codec;
  struct limn_jpeg_output output;
  memset(&codec, 0, sizeof codec);
  memset(&output, 0, sizeof output);
  limn_jpeg_init_errors(&errors, message);
  codec.err = &errors.base;
  output.base.init_destination = limn_jpeg_output_begin;
  output.base.empty_output_buffer = limn_jpeg_output_grow;
  output.base.term_destination = limn_jpeg_output_end;
  output.capacity = 1 << 15;
  if (setjmp(errors.jump)) {
    jpeg_destroy_compress(&codec);
    free(output.bytes);
    return LIMN_JPEG_DAMAGED;
  }
  jpeg_create_compress(&codec);
  codec.dest = &output.base;
  codec.image_width = width;
  codec.image_height = height;
  codec.input_components = 3;
  codec.in_color_space = JCS_RGB;
  jpeg_set_defaults(&codec);
  jpeg_set_quality(&codec, quality, TRUE);
  // Chroma is not subsampled, so that thin coloured outlines and labels stay sharp.
  codec.comp_info[0].h_samp_factor = 1;
  codec.comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(&codec, TRUE);
  size_t stride = (size_t)width * 3;
  while (codec.next_scanline < height) {
    JSAMPROW rows[16];
    JDIMENSION left = height - codec.next_scanline;
    JDIMENSION batch = left < 16 ? left : 16;
    for (JDIMENSION i = 0; i < batch; i++) rows[i] = (JSAMPROW)pixels + (codec.next_scanline + i) * stride;
    jpeg_write_scanlines(&codec, rows, batch);
  }
  jpeg_finish_compress(&codec);
  *bytes = output.bytes;
  *count = output.capacity - output.base.free_in_buffer;
  jpeg_destroy_compress(&codec);
  return LIMN_JPEG_OK;
}
