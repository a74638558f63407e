// Who saves what leaves the window: it knows of what run a plot or table is, and writes that beside it.
#pragma once

#include <QString>
#include <QWidget>
#include <string_view>

#include "model/base/error.h"

namespace gf::ui {

/// A dock.
class ProductSaver {
 public:
  virtual ~ProductSaver() = default;
  /// Writes the bytes and a sidecar beside them. `part`: the name of the plot or table. Errors: Io, InvalidArgument.
  [[nodiscard]] virtual Result<void> save_product(const std::string& path, std::string_view bytes, const QString& part) const = 0;

 protected:
  ProductSaver() = default;
  ProductSaver(const ProductSaver&) = default;
  ProductSaver& operator=(const ProductSaver&) = default;
  ProductSaver(ProductSaver&&) = default;
  ProductSaver& operator=(ProductSaver&&) = default;
};

/// The one that the widget stands in; null: it stands in none.
[[nodiscard]] inline const ProductSaver* saver_of(const QWidget& widget) {
  for (const QWidget* at = widget.parentWidget(); at != nullptr; at = at->parentWidget())
    if (const auto* saver = dynamic_cast<const ProductSaver*>(at)) return saver;
  return nullptr;
}

}  // namespace gf::ui
