#pragma once
// The weight files of Weights/, embedded in the binary, so that no file has to be found at run time.
#include <stddef.h>

typedef struct {
  const unsigned char *bytes;
  size_t count;
} LimnWeights;

// Safetensors files, aligned to 64 bytes.
LimnWeights limn_yolov5_weights(void);
LimnWeights limn_maskrcnn_weights(void);
