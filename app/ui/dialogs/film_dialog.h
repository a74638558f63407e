// Asks what film of the run to save, and where.
#pragma once

#include <functional>

#include "app/scene/operations/timeline.h"
#include "app/ui/dialogs/film_maker.h"
#include "app/ui/dialogs/save_dialog.h"

class QComboBox;
class QDoubleSpinBox;
class QSpinBox;

namespace gf::ui {

class FilmDialog : public SaveDialog {
 public:
  /// `view`: the viewport's size. `timeline`: that of the run, whose tokens can be chosen.
  FilmDialog(QSize view, const QString& folder, const QString& name, const scene::Timeline& timeline, QWidget* parent);
  ~FilmDialog() override;
  FilmDialog(const FilmDialog&) = delete;
  FilmDialog& operator=(const FilmDialog&) = delete;
  std::function<void(const FilmJob&)> on_save;

 private:
  void prepare(QFileDialog& files) override;
  void chosen(const QString& path) override;
  void save() override;
  void use_format(int index);
  void show_format();

  scene::Timeline timeline_;
  QDoubleSpinBox* seconds_;
  QSpinBox *fps_, *first_, *last_;
  QCheckBox* captions_;
  QComboBox* format_;
};

}  // namespace gf::ui
