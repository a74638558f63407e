#include "app/export/qt_fonts.h"

#include <QFont>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QMarginsF>
#include <QPageSize>
#include <QPdfWriter>

#include "model/io/loaders.h"

namespace gf::exporting {
namespace {

constexpr int kPdfPixelsPerInch = 96;
constexpr double kPointsPerInch = 72;
const char* const kBundledFamily = "Inter";
const char* const kChineseFile = "fonts/Chinese.otf";

}  // namespace

void begin_fonts() {
  if (QCoreApplication::instance() == nullptr) {
    // Qt keeps references to both for as long as the application lives, which is until the program ends.
    static char name[] = "glassformer", option[] = "-platform", platform[] = "offscreen";
    static char* arguments[] = {name, option, platform, nullptr};
    static int count = 3;
    // Without a session of a desktop it would complain of folders that nothing here uses.
    const auto usual = qInstallMessageHandler([](QtMsgType, const QMessageLogContext&, const QString&) {});
    [[maybe_unused]] static const auto* const application = new QGuiApplication(count, arguments);
    qInstallMessageHandler(usual);
  }
  if (!QFontDatabase::families().contains(QLatin1String(kBundledFamily))) add_bundled_fonts();
}

void add_bundled_fonts() {
  for (const char* file : {"fonts/Inter-Regular.otf", "fonts/Inter-SemiBold.otf", "fonts/DejaVuSans.ttf", kChineseFile})
    if (const auto path = asset_path(file)) {
      const int id = QFontDatabase::addApplicationFont(QString::fromStdString(*path));
      // Asked before the system's faces, some of which draw Chinese as Japanese is written.
      if (file == kChineseFile && id >= 0)
        QFont::insertSubstitutions(QString::fromLatin1(kBundledFamily), QFontDatabase::applicationFontFamilies(id));
    }
}

QString picture_family() {
  const QString bundled = QString::fromLatin1(kBundledFamily);
  return QFontDatabase::families().contains(bundled) ? bundled : QGuiApplication::font().family();
}

void begin_pdf_page(QPdfWriter& pdf, const PictureOptions& options, const std::string& title) {
  pdf.setResolution(kPdfPixelsPerInch);
  const double points = kPointsPerInch / kPdfPixelsPerInch;
  pdf.setPageSize(QPageSize(QSizeF(options.width * points, options.height * points), QPageSize::Point, QString(), QPageSize::ExactMatch));
  pdf.setPageMargins(QMarginsF(0, 0, 0, 0));
  pdf.setTitle(QString::fromStdString(title));
  pdf.setCreator(QStringLiteral("Glassformer " GLASSFORMER_VERSION));
}

}  // namespace gf::exporting
