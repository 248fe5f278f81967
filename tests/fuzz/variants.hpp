// One file -> the files that differ from it by a cut or by one bit, in its bytes or within the members of its zip.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace lamina::fuzz {

/// Called with the bytes and with what was done to them ("bit 3 of byte 17").
using Visit = std::function<void(std::string_view bytes, const std::string& change)>;

/// Every beginning of the file (of one larger than 64 KiB, those that end near its start or its end).
void each_beginning(const std::string& file, const Visit& visit);
/// Every flip of one bit in the first 4 KiB; of a zip, in its headers and its directory only: within a member, a flip
/// does no more than break its CRC.
void each_flipped_bit(const std::string& file, const Visit& visit);
/// For a zip: every flip of one bit in the first 4 KiB of each member, in an archive whose CRCs agree.
/// Nothing for other files.
void each_flipped_bit_of_members(const std::string& file, const Visit& visit);

}  // namespace lamina::fuzz
