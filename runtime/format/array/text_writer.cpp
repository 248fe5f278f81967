// Text -> a file that is whole or untouched: what the program writes that is no array.
// SPDX-License-Identifier: Apache-2.0
#include "base/file_writer.hpp"

#include <lamina/data.hpp>

namespace lamina::data {

struct TextWriter::Impl {
  base::FileWriter file;
};

TextWriter::TextWriter(const std::filesystem::path& path)
    : impl_(std::make_unique<Impl>(Impl{base::FileWriter(path)})) {}

TextWriter::TextWriter(TextWriter&&) noexcept = default;
TextWriter& TextWriter::operator=(TextWriter&&) noexcept = default;
TextWriter::~TextWriter() = default;

void TextWriter::write(std::string_view text) { impl_->file.write(text.data(), text.size()); }

void TextWriter::finish() { impl_->file.finish(); }

}  // namespace lamina::data
