// Smile documents that somebody would write to do harm, and some that only few write.
#include "tests/fuzz/fuzz.hpp"

namespace copse::tests {
namespace {

constexpr std::string_view names_shared = ":)\n\x05";
constexpr std::string_view all_shared = ":)\n\x07";

std::string repeated(std::string_view unit, std::size_t count) {
  std::string out;
  for (; count > 0; --count) out += unit;
  return out;
}

// Hexadecimal digits, with blanks between them, as bytes.
std::string bytes(std::string_view hex) {
  std::string out;
  for (std::size_t at = 0; at + 1 < hex.size(); at += hex[at] == ' ' ? 1U : 2U) {
    if (hex[at] != ' ')
      out += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
  }
  return out;
}

std::string document(std::string_view hex) {
  return std::string(names_shared) + bytes(hex);
}

// Names or values, each another, as many as a table holds, and references to all; then more, which
// begin a new table, and references to those.
std::string many(std::string_view begin, char end, bool is_object) {
  std::string out(all_shared);
  out += begin;
  const std::string value = is_object ? "\x21" : "";
  for (const unsigned count : {1024U, 80U}) {
    for (unsigned i = 0; i < count; ++i)
      out +=
          (is_object ? '\x83' : '\x43') + std::to_string(count == 80 ? 1000 + i : 4000 + i) + value;
    for (unsigned i = 0; i < count; ++i) {
      out += static_cast<char>((is_object ? 0x30U : 0xECU) + (i >> 8U));
      out += static_cast<char>(i & 0xFFU) + value;
    }
  }
  return out + end;
}

void add_numbers(std::vector<Seed>& seeds) {
  for (const auto* hex : {"c0",
                          "24a0",
                          "24 1f7f7f7fbf",
                          "25 03 7f7f7f7f7f7f7f7f bf",
                          "25 7f7f7f7f7f7f7f7f7fbf",
                          "28 03 7e 00 00 00",
                          "28 0f 7c 00 00 00",
                          "28 0f 7f 7f 7f 7f",
                          "28 00 00 00 00 01",
                          "29 00 3f 7c 00 00 00 00 00 00 00",
                          "29 01 7f 78 00 00 00 00 00 00 00",
                          "29 00 00 00 00 00 00 00 00 00 01",
                          "26 80",
                          "2a 80 80",
                          "2a bf 80",
                          "26 81 7f 01",
                          "26 82 00 00 00",
                          "26 89 7f 7f 7f 7f 7f 7f 7f 7f 7f 03",
                          "26 7fbf",
                          "26 1f7f7f7fbf",
                          "26 01 7f7f7f7f7f7f7f7f bf",
                          "2a 84 81 37 00",
                          "2a 0188 81 02 01",
                          "2a 1f7f7f7fbe 81 02 01",
                          "2a 1f7f7f7fbf 81 02 01",
                          "2a 207f7f7f80 81 02 01",
                          "2a 84 7fbf",
                          "2a 0f7f7f7fbe 80",
                          "2a 09a7 82 03 7f 03",
                          "2a 09a6 82 03 7f 03"})
    seeds.push_back({hex, document(hex)});
  // 1024 bytes and one more.
  const std::string most = repeated("\x7F", 1170);
  seeds.push_back({"the longest integer", document("26 1080") + most + '\x01'});
  seeds.push_back({"the longest decimal", document("2a 88 1080") + most + '\x01'});
  seeds.push_back({"an integer that is too long", document("26 1081") + most + "\x01\x01"});
  seeds.push_back({"many numbers", document("f8") + repeated(bytes("2a 84 81 37 00"), 40) +
                                       repeated(bytes("29 00 3f 7c 00 00 00 00 00 00 01"), 40) +
                                       repeated(bytes("25 2000000080"), 40) + '\xF9'});
}

void add_texts(std::vector<Seed>& seeds) {
  for (const auto* hex : {"20",
                          "40 22",
                          "44 00 01 1f 5c 7f",
                          "80 c3a9",
                          "80 ffff",
                          "80 eda0",
                          "e0 616161",
                          "e0 fc",
                          "e4 c3a9 fc",
                          "e4 c3 fc",
                          "e8 80",
                          "e8 83 00 40 5f 07",
                          "e8 7fbf 00",
                          "e8 1f7f7f7fbf",
                          "e8 037f7f7f7f7f7f7f7fbf",
                          "fd 80",
                          "fd 83 01 02 ff",
                          "fd 7fbf 00",
                          "fd 1f7f7f7fbf",
                          "fd 037f7f7f7f7f7f7f7fbf",
                          "7f 61"})
    seeds.push_back({hex, document(hex)});
  for (const auto* hex : {"f8 4061 4062 01 02 ec00 f9", "f8 01 f9", "f8 4061 02 f9",
                          "f8 4061 ef ff f9", "fa 8061 4061 40 01 fb"})
    seeds.push_back({hex, std::string(all_shared) + bytes(hex)});
  seeds.push_back({"values beyond the table", many("\xF8", '\xF9', false)});
  seeds.push_back({"a value that grows",
                   std::string(all_shared) + "\xF8\x7F" + repeated("\x01", 264) + '\xF9'});
}

void add_nesting(std::vector<Seed>& seeds) {
  for (const auto* hex : {"",
                          "fa",
                          "fafb",
                          "f8f9",
                          "f9",
                          "fb",
                          "ff",
                          "fe",
                          "00",
                          "c0c0",
                          "c0ff",
                          "f8c0ff",
                          "f8 c0",
                          "fa 20 20 fb",
                          "fa 8061 c0 40 c1 fb",
                          "fa 40 c0 fb",
                          "fa 33 ff c0 fb",
                          "fa 31",
                          "fa 00 c0 fb",
                          "fa 34 61 fc c0 40 c0 fb",
                          "fa 34 61",
                          "fa c0 c3a9 21 40 21 fb",
                          "fa 80 61",
                          "fa 8061 fb"})
    seeds.push_back({"structure " + std::string(hex), document(hex)});
  for (const std::size_t depth : {1023U, 1024U, 1025U}) {
    seeds.push_back({"arrays " + std::to_string(depth),
                     document("") + repeated("\xF8", depth) + repeated("\xF9", depth)});
    seeds.push_back(
        {"objects " + std::to_string(depth),
         document("") + repeated("\xFA\x20", depth) + '\x21' + repeated("\xFB", depth)});
  }
  seeds.push_back({"arrays without end", document("") + repeated("\xF8", 3000)});
  seeds.push_back({"names beyond the table", many("\xFA", '\xFB', true)});
  // The fewest bytes that become too much JSON.
  seeds.push_back({"a name that grows", document("fa 34") + repeated("\x01", 340) + "\xFC\x21" +
                                            repeated("\x40\x21", 180) + '\xFB'});
}

}  // namespace

FuzzPlan plan() {
  FuzzPlan out;
  out.kept = 3;
  out.seeds = {{"nothing", ""},
               {"JSON", "{}"},
               {"half a mark", ":)"},
               {"a mark", ":)\n"},
               {"a version to come", ":)\n\x15\xC0"}};
  add_numbers(out.seeds);
  add_texts(out.seeds);
  add_nesting(out.seeds);
  for (const auto* hex : {"01",
                          "1f",
                          "20",
                          "21",
                          "24",
                          "25",
                          "26",
                          "2680",
                          "2681",
                          "28",
                          "29",
                          "2a",
                          "2a8080",
                          "30",
                          "33ff",
                          "34",
                          "3f",
                          "40",
                          "7f",
                          "80",
                          "bf",
                          "c0",
                          "df",
                          "e0",
                          "e4",
                          "e8",
                          "ec",
                          "efff",
                          "f7",
                          "f8",
                          "f9",
                          "fa",
                          "fb",
                          "fc",
                          "fd",
                          "fe",
                          "ff",
                          "7fbf",
                          "1f7f7f7fbf",
                          "0f7f7f7fbf",
                          "037f7f7f7f7f7f7f7fbf",
                          "1080",
                          "1081"})
    out.tokens.push_back(bytes(hex));
  return out;
}

}  // namespace copse::tests
