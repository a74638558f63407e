// Every command by its name: type a few letters, Enter runs it.
#pragma once

#include <QDialog>
#include <vector>

class QAction;
class QLineEdit;
class QListWidget;

namespace gf::ui {

class CommandPalette : public QDialog {
 public:
  CommandPalette(const std::vector<QAction*>& actions, QWidget* parent);

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void filter(const QString& text);
  void run();

  std::vector<QAction*> actions_;
  QLineEdit* edit_;
  QListWidget* list_;
};

}  // namespace gf::ui
