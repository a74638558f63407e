// A field for one token of the vocabulary, as text or as #id, with a list of what fits while one types.
#pragma once

#include <QLabel>
#include <QLineEdit>
#include <QStringList>
#include <functional>
#include <memory>
#include <optional>
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
  /// The same word with a blank in front, as it stands inside a text, where the field's word has none and that is a token too.
  [[nodiscard]] std::optional<std::string> with_blank() const;
  [[nodiscard]] const std::string& said() const { return said_; }
  /// As if the user had chosen it.
  void take(const std::string& token);

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

/// " Mary" as "·Mary".
[[nodiscard]] QString with_dot(const std::string& token);

/// Says which of some fields have a word without its blank, with a link that puts the blank there. Hidden while none has.
class MissingBlanks : public QLabel {
 public:
  MissingBlanks(QWidget* parent, const QString& name, std::vector<TokenField*> fields);
  /// After the fields have shown other tokens.
  void refresh();

 private:
  std::vector<TokenField*> fields_;
};

}  // namespace gf::ui
