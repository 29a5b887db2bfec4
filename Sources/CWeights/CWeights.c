#include "CWeights.h"

// #embed is part of C23, and an extension in C17.
#pragma clang diagnostic ignored "-Wc23-extensions"

_Alignas(64) static const unsigned char yolov5[] = {
#embed "../../Weights/limn-yolov5.safetensors"
};

_Alignas(64) static const unsigned char maskrcnn[] = {
#embed "../../Weights/limn-maskrcnn.safetensors"
};

LimnWeights limn_yolov5_weights(void) { return (LimnWeights){yolov5, sizeof yolov5}; }
LimnWeights limn_maskrcnn_weights(void) { return (LimnWeights){maskrcnn, sizeof maskrcnn}; }
