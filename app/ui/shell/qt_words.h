// The words that Qt itself says, in the program's language: of file dialogs, and of the menus of text fields, numbers and scroll bars.
#pragma once

class QCoreApplication;

namespace gf::ui {

/// From here on such words are translated as all others are, whatever language is chosen later. Call it before the first widget is made.
void translate_qt_words(QCoreApplication& app);

}  // namespace gf::ui
