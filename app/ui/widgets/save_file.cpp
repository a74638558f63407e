#include "app/ui/widgets/save_file.h"

#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QKeySequence>
#include <QStatusTipEvent>
#include <utility>

#include "app/ui/widgets/product_saver.h"
#include "app/ui/widgets/words.h"
#include "model/base/files/whole_file.h"

namespace gf::ui {
namespace {

/// "png" of "Picture (*.png)"
QString ending_of(const QString& filter) {
  const qsizetype dot = filter.lastIndexOf(QLatin1Char('.'));
  return filter.mid(dot + 1, filter.lastIndexOf(QLatin1Char(')')) - dot - 1);
}

}  // namespace

void ask_and_save(QWidget& of, const FileToSave& file, std::function<Result<void>(const std::string& path)> save,
                  std::function<void(const Error&)> on_error) {
  auto* files = new QFileDialog(&of, file.title, file.name);
  files->setObjectName(file.object_name);
  files->setAttribute(Qt::WA_DeleteOnClose);
  files->setAcceptMode(QFileDialog::AcceptSave);
  files->setOption(QFileDialog::DontUseNativeDialog);
  files->setNameFilters(file.filters);
  files->setDefaultSuffix(ending_of(file.filters.front()));
  QObject::connect(files, &QFileDialog::filterSelected, files,
                   [files](const QString& filter) { files->setDefaultSuffix(ending_of(filter)); });
  QObject::connect(files, &QFileDialog::fileSelected, &of,
                   [&of, save = std::move(save), on_error = std::move(on_error)](const QString& path) {
                     if (const auto saved = save(path.toStdString()); !saved) {
                       if (on_error) on_error(saved.error());
                       return;
                     }
                     QStatusTipEvent said(saver_of(of) ? text("Saved {0} and its sidecar", path) : text("Saved {0}", path));
                     QApplication::sendEvent(&of, &said);
                   });
  files->open();
}

void add_csv_actions(QAbstractItemView& table, std::function<Result<std::string>()> csv, std::function<void(const Error&)> on_error) {
  auto* copy = new QAction(text("Copy as CSV"), &table);
  copy->setShortcut(QKeySequence::Copy);
  copy->setShortcutContext(Qt::WidgetShortcut);
  QObject::connect(copy, &QAction::triggered, &table, [csv, on_error] {
    if (const auto numbers = csv()) QApplication::clipboard()->setText(QString::fromStdString(*numbers));
    else if (on_error) on_error(numbers.error());
  });
  auto* save = new QAction(text("Save as CSV …"), &table);
  QObject::connect(save, &QAction::triggered, &table, [&table, csv = std::move(csv), on_error = std::move(on_error)] {
    const auto write = [&table, csv](const std::string& path) -> Result<void> {
      GF_TRY_ASSIGN(const std::string numbers, csv());
      const ProductSaver* saver = saver_of(table);
      return saver ? saver->save_product(path, numbers, table.objectName()) : write_whole_file(path, numbers);
    };
    ask_and_save(table, {"table_files", text("Save this table"), QStringLiteral("table.csv"), {text("Numbers (*.csv)")}}, write, on_error);
  });
  table.addActions({copy, save});
  table.setContextMenuPolicy(Qt::ActionsContextMenu);
}

}  // namespace gf::ui
