#version 460
#extension GL_GOOGLE_include_directive : require
// Panels that cover all behind them and whose cells are too small for lines: no discard, so that what is hidden is
// rejected before it is shaded, and no branches that a software rasteriser would pay for.
#define CELLS_PLAIN
#include "cells_body.h"
