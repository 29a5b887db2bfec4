#include "CWeights.h"

// An extension in C17, part of C23.
#pragma clang diagnostic ignored "-Wc23-extensions"

_Alignas(64) static const unsigned char yolov5[] = {
#embed "../../Weights/limn-yolov5.safetensors"
};

_Alignas(64) static const unsigned char maskrcnn[] = {
#embed "../../Weights/limn-maskrcnn.safetensors"
};

LimnWeights limn_yolov5_weights(void) { return (LimnWeights){yolov5, sizeof yolov5}; }
LimnWeights limn_maskrcnn_weights(void) { return (LimnWeights){maskrcnn, sizeof maskrcnn}; }
