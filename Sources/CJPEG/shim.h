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
// returns a status, and leaves the sentence in the caller's buffer of LIMN_JPEG_MESSAGE_SIZE bytes.

#define LIMN_JPEG_MESSAGE_SIZE 256
// A progressive file needs about a dozen scans; a hostile one repeats tiny ones, each a pass over the whole picture.
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
};

static inline void limn_jpeg_fail(j_common_ptr codec) {
  struct limn_jpeg_errors *errors = (struct limn_jpeg_errors *)codec->err;
  errors->base.format_message(codec, errors->message);
  longjmp(errors->jump, 1);
}

// Sorts a failure. Before the picture's data, libjpeg sees a cut file as one without a picture.
static inline int limn_jpeg_failure(struct limn_jpeg_errors *errors) {
  switch (errors->base.msg_code) {
  case JERR_BAD_PRECISION:
    snprintf(
        errors->message, LIMN_JPEG_MESSAGE_SIZE, "a JPEG of %d bits a sample; 8 are decoded",
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

// Missing or undecodable data fails, as the picture would be partly grey; surplus bytes and odd headers do not.
// The end of the file alone is no failure: many cameras leave out the end marker of a whole picture.
static inline void limn_jpeg_warn(j_common_ptr codec, int level) {
  struct limn_jpeg_errors *errors = (struct limn_jpeg_errors *)codec->err;
  if (level >= 0) return;
  errors->base.num_warnings++;
  switch (errors->base.msg_code) {
  case JWRN_JPEG_EOF:
    errors->reached_end = 1;
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
}

static inline void limn_jpeg_watch_scans(j_common_ptr codec) {
  struct limn_jpeg_errors *errors = (struct limn_jpeg_errors *)codec->err;
  if (!codec->is_decompressor || ((j_decompress_ptr)codec)->input_scan_number <= LIMN_JPEG_MAX_SCANS) return;
  errors->base.msg_code = JMSG_NOMESSAGE;
  snprintf(errors->message, LIMN_JPEG_MESSAGE_SIZE, "more than %d scans", LIMN_JPEG_MAX_SCANS);
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

// Four inks, stored inverted as Adobe writes them, to RGB with OpenCV's integer formula.
static inline void limn_jpeg_cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, size_t count) {
  for (size_t i = 0; i < count; i++) {
    int black = cmyk[4 * i + 3];
    for (int channel = 0; channel < 3; channel++) {
      rgb[3 * i + channel] = (uint8_t)(black - ((255 - cmyk[4 * i + channel]) * black >> 8));
    }
  }
}

// `pixels` takes `width * height * 3` bytes; sides other than those of the file's header are an error.
static inline int limn_jpeg_decode(
    const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint8_t *pixels, char *message) {
  struct limn_jpeg_errors errors;
  struct jpeg_decompress_struct codec;
  struct jpeg_progress_mgr progress;
  memset(&codec, 0, sizeof codec);
  memset(&progress, 0, sizeof progress);
  limn_jpeg_init_errors(&errors, message);
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
  // A file with several scans is read to its end here, and the arithmetic decoder takes zeros for what is missing:
  // for both the end of the file is the only sign of a picture cut short.
  jpeg_start_decompress(&codec);
  int end_is_loss = jpeg_has_multiple_scans(&codec) || codec.arith_code;
  if (end_is_loss && errors.reached_end) longjmp(errors.jump, 1);
  if (codec.output_width != width || codec.output_height != height) {
    strcpy(message, "the size changed between two readings of the header");
    jpeg_destroy_decompress(&codec);
    return LIMN_JPEG_DAMAGED;
  }

  size_t stride = (size_t)codec.output_width * 3;
  if (codec.out_color_space == JCS_CMYK) {
    JSAMPARRAY row = codec.mem->alloc_sarray((j_common_ptr)&codec, JPOOL_IMAGE, codec.output_width * 4, 1);
    while (codec.output_scanline < codec.output_height) {
      uint8_t *target = pixels + codec.output_scanline * stride;
      jpeg_read_scanlines(&codec, row, 1);
      limn_jpeg_cmyk_to_rgb(row[0], target, codec.output_width);
    }
  } else {
    JSAMPROW rows[16];
    while (codec.output_scanline < codec.output_height) {
      JDIMENSION left = codec.output_height - codec.output_scanline;
      JDIMENSION batch = left < 16 ? left : 16;
      for (JDIMENSION i = 0; i < batch; i++) rows[i] = pixels + (codec.output_scanline + i) * stride;
      jpeg_read_scanlines(&codec, rows, batch);
    }
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

// On success `*bytes` holds `*count` bytes, to be released with free.
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
  // Full-resolution chroma keeps thin coloured outlines and labels sharp.
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
