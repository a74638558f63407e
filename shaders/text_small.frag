#version 460
#extension GL_GOOGLE_include_directive : require
#define TEXT_SMALL
#include "text_body.h"
