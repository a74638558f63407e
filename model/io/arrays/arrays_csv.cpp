// Tidy CSV: a row for each number, with the array's name, a column for each axis that any of the arrays has, and the value.
// The metadata are in PATH.json beside it, because most readers would take a comment for a row.
#include <algorithm>

#include "model/base/csv.h"
#include "model/base/files/input_files.h"
#include "model/base/files/whole_file.h"
#include "model/io/arrays/arrays.h"
#include "model/io/arrays/arrays_text.h"

namespace gf {

namespace {

constexpr std::size_t kCsvPiece = std::size_t{1} << 20;

/// Quoted where RFC 4180 asks for it.
std::string csv_field(const std::string& field) { return field.find_first_of(",\"\r\n") == std::string::npos ? field : csv_quoted(field); }

}  // namespace

Result<void> write_arrays_csv(const std::string& path, std::span<const NamedArray> arrays, const ArrayMetadata& metadata,
                              const ArrayMaker& make) {
  GF_TRY(check_output(path + ".json"));
  GF_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
  std::vector<std::string> columns;
  for (const NamedArray& array : arrays)
    for (const ArrayAxis& axis : array.axes)
      if (std::ranges::find(columns, axis.name) == columns.end()) columns.push_back(axis.name);
  std::string rows = "name";
  for (const std::string& column : columns) rows += "," + csv_field(column);
  rows += ",value\n";
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const NamedArray& array = arrays[i];
    std::vector<std::size_t> place;  // the column of each axis
    for (const ArrayAxis& axis : array.axes)
      place.push_back(static_cast<std::size_t>(std::ranges::find(columns, axis.name) - columns.begin()));
    std::vector<std::int64_t> index(array.axes.size(), 0);
    std::vector<std::string> cells(columns.size());
    const std::string name = csv_field(array.name);
    GF_TRY(make(i, [&](std::span<const float> numbers) -> Result<void> {
      for (const float value : numbers) {
        for (std::size_t k = 0; k < index.size(); ++k) cells[place[k]] = std::to_string(index[k]);
        rows += name;
        for (const std::string& cell : cells) rows += "," + cell;
        rows += ',';
        append_number(rows, value, "NaN", "inf", "-inf");
        rows += '\n';
        next_index(array, index);
        if (rows.size() < kCsvPiece) continue;
        GF_TRY(file.write(rows));
        rows.clear();
      }
      return {};
    }));
  }
  GF_TRY(file.write(rows));
  GF_TRY(file.keep());
  return write_whole_file(path + ".json", metadata_json(metadata, 1) + "\n");
}

}  // namespace gf
