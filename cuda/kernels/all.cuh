// Every kernel of kernels.def.
#pragma once

#include "cuda/kernels/attention.cuh"
#include "cuda/kernels/edits.cuh"
#include "cuda/kernels/logits.cuh"
#include "cuda/kernels/product.cuh"
#include "cuda/kernels/rows.cuh"
#include "cuda/kernels/weights.cuh"
