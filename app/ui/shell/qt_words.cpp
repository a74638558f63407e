#include "app/ui/shell/qt_words.h"

#include <QCoreApplication>
#include <QTranslator>
#include <algorithm>
#include <string_view>

#include "app/ui/widgets/words.h"
#include "model/base/text.h"

namespace gf::ui {
namespace {

/// As Qt 6 has them, its %1 for what it puts in. What is missing here stays English.
constexpr const char* kQtWords[] = {
    // text fields and numbers
    phrase("&Undo"), phrase("&Redo"), phrase("Cu&t"), phrase("&Copy"), phrase("Copy &Link Location"), phrase("&Paste"), phrase("Delete"),
    phrase("Select All"), phrase("&Select All"), phrase("&Step up"), phrase("Step &down"), phrase("Clear"),
    // scroll bars
    phrase("Scroll here"), phrase("Top"), phrase("Bottom"), phrase("Left edge"), phrase("Right edge"), phrase("Page up"),
    phrase("Page down"), phrase("Page left"), phrase("Page right"), phrase("Scroll up"), phrase("Scroll down"), phrase("Scroll left"),
    phrase("Scroll right"),
    // buttons of dialogs
    phrase("OK"), phrase("&OK"), phrase("Cancel"), phrase("&Cancel"), phrase("&Yes"), phrase("&No"), phrase("&Open"), phrase("&Save"),
    phrase("Open"), phrase("Save"), phrase("Close"), phrase("&Close"), phrase("&Choose"),
    // file dialogs
    phrase("Look in:"), phrase("Directory:"), phrase("File &name:"), phrase("Files of type:"), phrase("Back"), phrase("Forward"),
    phrase("Go back"), phrase("Go forward"), phrase("Parent Directory"), phrase("Go to the parent directory"), phrase("Create New Folder"),
    phrase("Create a New Folder"), phrase("List View"), phrase("Change to list view mode"), phrase("Detail View"),
    phrase("Change to detail view mode"), phrase("Sidebar"), phrase("List of places and bookmarks"), phrase("Files"), phrase("Name"),
    phrase("Size"), phrase("Type"), phrase("Date Modified"), phrase("Computer"), phrase("My Computer"), phrase("Recent Places"),
    phrase("&Rename"), phrase("&Delete"), phrase("Show &hidden files"), phrase("&New Folder"), phrase("New Folder"), phrase("Show "),
    phrase("Remove"), phrase("Drive"), phrase("Folder"), phrase("File"), phrase("%1 File"), phrase("Directories"), phrase("All files (*)"),
    phrase("%1 already exists.\nDo you want to replace it?"), phrase("%1\nFile not found.\nPlease verify the correct file name was given."),
    phrase("%1\nDirectory not found.\nPlease verify the correct directory name was given."),
    phrase("'%1' is write protected.\nDo you want to delete it anyway?"), phrase("Are you sure you want to delete '%1'?"),
    phrase("Could not delete directory.")};

class QtWords : public QTranslator {
 public:
  using QTranslator::QTranslator;
  [[nodiscard]] bool isEmpty() const override { return false; }
  [[nodiscard]] QString translate(const char* context, const char* words, const char*, int) const override {
    const std::string_view said = words;
    const auto is_said = [said](const char* one) { return said == one; };
    if (context == nullptr || *context != 'Q' || std::ranges::none_of(kQtWords, is_said)) return {};
    const std::string ours = gf::text(said);
    return ours == said ? QString() : QString::fromStdString(ours);
  }
};

}  // namespace

void translate_qt_words(QCoreApplication& app) { QCoreApplication::installTranslator(new QtWords(&app)); }

}  // namespace gf::ui
