// What Qt needs to write text into pictures: its fonts, and a page for PDF.
#pragma once

#include <QString>
#include <string>

#include "app/export/picture.h"

class QPdfWriter;

namespace gf::exporting {

/// Has Qt know the bundled letters. Where the program has no QGuiApplication yet, as on the command line, it gets one that
/// needs no display. Call it on the main thread before drawing with Qt; calling it again does nothing.
void begin_fonts();
/// Adds the bundled letters to Qt's.
void add_bundled_fonts();
/// The family of the bundled letters, or Qt's own where the assets are missing.
[[nodiscard]] QString picture_family();
/// A page of the picture's size, a pixel of it a 96th of an inch; painters count in its pixels.
void begin_pdf_page(QPdfWriter& pdf, const PictureOptions& options, const std::string& title);

}  // namespace gf::exporting
