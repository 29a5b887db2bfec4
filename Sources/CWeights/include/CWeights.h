#pragma once
// The weights of Weights/, as they lie in the files: part of the binary, so that nothing has to be found at run time.
#include <stddef.h>

typedef struct {
  const unsigned char *bytes;
  size_t count;
} LimnWeights;

// Safetensors files, on a boundary of 64 bytes.
LimnWeights limn_yolov5_weights(void);
LimnWeights limn_maskrcnn_weights(void);
