#version 460
#extension GL_GOOGLE_include_directive : require
#include "shared.h"

// ribbons.frag for a ribbon of one colour that covers what lies behind it.
layout(location = 1) flat in vec4 color;
layout(location = 0) out vec4 result;

void main() { result = color; }
