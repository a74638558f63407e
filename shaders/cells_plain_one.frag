#version 460
#extension GL_GOOGLE_include_directive : require
// As cells_plain.frag, where one page holds all cells that are seen.
#define CELLS_PLAIN
#define CELLS_ONE_PAGE
#include "cells_body.h"
