// A field for one token of the vocabulary, as text or as #id, with a list of what fits while one types.
#pragma once

#include <QLineEdit>
#include <QStringList>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/session.h"

class QCompleter;
class QStringListModel;

namespace gf::ui {

/// Shows a leading blank as a dot, as the chips do, and reads it back. While the field is empty, the usual token is meant, which
/// stands there in grey.
class TokenField : public QLineEdit {
 public:
  explicit TokenField(QWidget* parent);
  /// `said`: as the document has it; `usual`: what is meant while nothing is said. Leaves a field alone that one types in.
  void show_token(const std::shared_ptr<const Model>& model, const std::string& said, const QString& usual);
  /// What fits the letters, at most kMost: tokens that begin with them come first, then those that have them inside.
  [[nodiscard]] QStringList found(const QString& letters) const;
  static constexpr int kMost = 60;

  std::function<void(const std::string& token)> on_chosen;  ///< as set_target() takes it

 private:
  void choose();
  void search(const QString& letters);

  std::weak_ptr<const Model> model_;
  std::vector<QString> tokens_;  ///< of the vocabulary, as they are shown
  std::string said_;
  QCompleter* completer_;
  QStringListModel* list_;
};

}  // namespace gf::ui
