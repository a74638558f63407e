#version 460
#extension GL_GOOGLE_include_directive : require
// Panels that cover all behind them, with large cells that one page holds: lines and marks, and no discard.
#define CELLS_ONE_PAGE
#define CELLS_FINE
#include "cells_body.h"
