#version 460
#extension GL_GOOGLE_include_directive : require
#define TEXT_TAG
#include "text_body.h"
