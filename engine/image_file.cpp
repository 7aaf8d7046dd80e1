#include "engine/image_file.hpp"

#include "engine/mix.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <future>
#include <new>
#include <utility>
#include <vector>

#include <sys/mman.h>

namespace copse::engine {
namespace {

constexpr std::string_view magic =
    "\x93"
    "copse\r\n";
static_assert(magic.size() == image_magic_size);

constexpr std::uint32_t byte_order = 0x0102'0304;
constexpr std::size_t alignment = 64;

// Bytes from which on two threads look at a block: beginning one takes a tenth of a millisecond.
constexpr std::size_t large_block = std::size_t{1} << 20U;

struct Head {
  std::array<char, image_magic_size> magic{};
  std::uint32_t format = image_format;
  std::uint32_t order = byte_order;
  std::uint64_t size = 0;      // of the whole block
  std::uint64_t checksum = 0;  // of what follows the head
  std::uint32_t domains = 0;
  std::uint32_t columns = 0;
};

// Where a column stands. Those that hold no array but bytes are the first two: values, about.
struct Entry64 {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

// An attribute in flat form, its texts in a column of their own.
struct AttributeRecord {
  TextRef name;
  TextRef argument;
  std::uint32_t first_path = 0;  // in `paths`
  std::uint32_t paths = 0;
  std::uint32_t type = 0;
  std::uint32_t origin = 0;
};

struct AttributeColumns {
  Column<AttributeRecord> records;
  Column<TextRef> paths;
  Column<char> texts;
};

AttributeColumns flat(const std::vector<Attribute>& attributes) {
  AttributeColumns made;
  const auto text = [&](std::string_view bytes) {
    const TextRef at{static_cast<std::uint32_t>(made.texts.size()),
                     static_cast<std::uint32_t>(bytes.size())};
    made.texts.append(bytes);
    return at;
  };
  for (const Attribute& each : attributes) {
    AttributeRecord record{.name = text(each.name),
                           .argument = text(each.argument),
                           .first_path = static_cast<std::uint32_t>(made.paths.size()),
                           .paths = static_cast<std::uint32_t>(each.path.size()),
                           .type = std::to_underlying(each.type),
                           .origin = std::to_underlying(each.origin)};
    for (const std::string& name : each.path) made.paths.push_back(text(name));
    made.records.push_back(record);
  }
  return made;
}

// False when a part is out of range.
bool restore(const AttributeColumns& from, std::vector<Attribute>& to) {
  const auto text = [&](TextRef at, std::string& into) {
    if (std::uint64_t{at.offset} + at.size > from.texts.size()) return false;
    into.assign(from.texts.data() + at.offset, at.size);
    return true;
  };
  for (const AttributeRecord& each : from.records) {
    Attribute& made = to.emplace_back();
    const bool in_range = std::uint64_t{each.first_path} + each.paths <= from.paths.size() &&
                          each.type <= std::to_underlying(ValueType::scalar) &&
                          each.origin <= std::to_underlying(Origin::weekday);
    if (!in_range || !text(each.name, made.name) || !text(each.argument, made.argument))
      return false;
    made.type = ValueType(each.type);
    made.origin = Origin(each.origin);
    for (std::uint32_t i = 0; i < each.paths; ++i) {
      if (!text(from.paths[each.first_path + i], made.path.emplace_back())) return false;
    }
  }
  return true;
}

// Shows a visitor all values and columns of an image, in the order in which a block has them.
template <class Any, class Attributes, class Visitor>
void parts(Any& image, Attributes& attributes, Visitor& visitor) {
  visitor.value(image.placement);
  visitor.value(image.runner);
  visitor.value(image.decides_runner);
  visitor.column("attributes", attributes.records);
  visitor.column("attributes: paths", attributes.paths);
  visitor.column("attributes: texts", attributes.texts);
  visitor.column("nodes", image.nodes);
  visitor.column("postings", image.postings);
  visitor.column("bits: lists", image.bit_lists);
  visitor.column("bits: columns", image.bit_columns);
  visitor.column("bits", image.bits);
  visitor.column("tests", image.tests);
  visitor.column("sequences", image.sequences);
  visitor.column("values", image.values);
  visitor.column("rules", image.rules);
  visitor.column("passing: columns", image.passing_columns);
  visitor.column("passing", image.passing);
  visitor.column("outcomes", image.outcomes);
  visitor.column("overrides", image.overrides);
  visitor.column("texts", image.texts);
  for (auto& domain : image.domains) {
    AtomTable::parts(domain.table, visitor);
    PatternIndex::parts(domain.patterns, visitor);
    visitor.column("hit ends", domain.hit_ends);
    visitor.column("hits", domain.hits);
    visitor.column("bounds", domain.bounds);
  }
}

std::size_t aligned(std::size_t size) {
  return (size + alignment - 1) / alignment * alignment;
}

// 64 bits of all bytes: finds what happened to a file by accident, not what an enemy did to it.
std::uint64_t checksum(std::span<const std::byte> bytes) {
  constexpr std::uint64_t k0 = 0xA076'1D64'78BD'642FULL;
  constexpr std::uint64_t k1 = 0xE703'7ED1'A0B4'28DBULL;
  constexpr std::size_t step = 32;
  const auto word = [&](std::size_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  };
  std::uint64_t a = k0;
  std::uint64_t b = k1;
  std::size_t at = 0;
  for (; at + step <= bytes.size(); at += step) {
    a = mix(word(at) ^ k0, word(at + 8) ^ a);
    b = mix(word(at + 16) ^ k1, word(at + 24) ^ b);
  }
  for (; at < bytes.size(); ++at) a = mix(a ^ std::to_integer<std::uint64_t>(bytes[at]), k1);
  return mix(a ^ bytes.size(), b ^ k0);
}

// Collects what there is.
class Survey {
 public:
  template <class T>
  void value(const T& value) {
    static_assert(std::has_unique_object_representations_v<T>);
    const auto* from = reinterpret_cast<const std::byte*>(&value);
    values.insert(values.end(), from, from + sizeof value);
  }

  template <class T>
  void column(std::string_view name, const Column<T>& column) {
    names.push_back(name);
    columns.push_back(std::as_bytes(column.span()));
  }

  std::vector<std::byte> values;
  std::vector<std::span<const std::byte>> columns;
  std::vector<std::string_view> names;
};

// WHY large pages: a decision of a large policy goes to a few places far apart, and for each of
// them the processor has to find its page first. A system that has none to give takes small ones.
Block room(std::size_t size) {
  constexpr std::size_t large_page = 2UL * 1024 * 1024;
  const std::align_val_t unit{size < large_page ? alignment : large_page};
  void* const place = ::operator new(size, unit);
  std::shared_ptr<void> memory(place, [unit](void* at) { ::operator delete(at, unit); });
  if (size >= large_page) ::madvise(place, size / large_page * large_page, MADV_HUGEPAGE);
  const auto* bytes = static_cast<const std::byte*>(place);
  return {std::move(memory), {bytes, size}};
}

// Reads back, part by part, what a Survey collected.
class Filler {
 public:
  Filler(std::span<const std::byte> block, std::span<const Entry64> directory,
         std::span<const std::byte> values)
      : block_(block), directory_(directory), values_(values) {}

  template <class T>
  void value(T& to) {
    if (values_.size() < sizeof to) return fail();
    std::memcpy(&to, values_.data(), sizeof to);
    values_ = values_.subspan(sizeof to);
  }

  void value(bool& to) {
    std::uint8_t byte = 0;
    value(byte);
    to = byte != 0;
  }

  template <class T>
  void column(std::string_view /*name*/, Column<T>& to) {
    if (directory_.empty()) return fail();
    const Entry64 at = directory_.front();
    directory_ = directory_.subspan(1);
    if (at.bytes % sizeof(T) != 0) return fail();
    const auto* first = reinterpret_cast<const T*>(block_.data() + at.offset);
    to = Column<T>::views({first, at.bytes / sizeof(T)});
  }

  [[nodiscard]] bool is_done() const { return !failed_ && directory_.empty() && values_.empty(); }

 private:
  void fail() { failed_ = true; }

  std::span<const std::byte> block_;
  std::span<const Entry64> directory_;
  std::span<const std::byte> values_;
  bool failed_ = false;
};

constexpr std::size_t bytes_columns = 2;  // values, about

// The directory, when every column lies within the block.
std::expected<std::vector<Entry64>, std::string> directory_of(const Block& block,
                                                              const Head& head) {
  const std::size_t end = sizeof head + std::size_t{head.columns} * sizeof(Entry64);
  if (head.columns < bytes_columns || end > block.bytes.size())
    return std::unexpected("its directory is out of range");
  std::vector<Entry64> directory(head.columns);
  std::memcpy(directory.data(), block.bytes.data() + sizeof head, end - sizeof head);
  for (const Entry64& at : directory) {
    const bool in_range = at.offset % alignment == 0 && at.offset <= block.bytes.size() &&
                          at.bytes <= block.bytes.size() - at.offset;
    if (!in_range) return std::unexpected("a column is out of range");
  }
  return directory;
}

std::expected<Head, std::string> head_of(const Block& block) {
  Head head;
  if (block.bytes.size() < sizeof head)
    return std::unexpected("it was cut: it has " + std::to_string(block.bytes.size()) + " bytes");
  std::memcpy(&head, block.bytes.data(), sizeof head);
  if (!is_image({head.magic.data(), head.magic.size()}))
    return std::unexpected("it is no compiled policy");
  if (head.order != byte_order)
    return std::unexpected("it was compiled on a machine of another byte order");
  if (head.format != image_format)
    return std::unexpected("it has format " + std::to_string(head.format) +
                           ", and this copse reads " + std::to_string(image_format));
  if (head.size != block.bytes.size())
    return std::unexpected("it was cut: of " + std::to_string(head.size) + " bytes there are " +
                           std::to_string(block.bytes.size()));
  if (head.domains > attribute_limit) return std::unexpected("it asks for too many attributes");
  return head;
}

// Nothing of it was verified.
void look_far(Image& image) {
  const auto& nodes = image.nodes;
  const std::size_t root = std::to_underlying(image.placement.root);
  if (root >= nodes.size()) return;
  std::span<const Node> children(&nodes[root], 1);
  if (nodes[root].kind == Node::Kind::first) {
    if (std::uint64_t{nodes[root].first} + nodes[root].count > nodes.size()) return;
    children = nodes.span().subspan(nodes[root].first, nodes[root].count);
  }
  std::uint32_t most = 0;
  const std::size_t known = std::min(image.attributes.size(), image.domains.size());
  for (const Node& each : children) {
    const std::size_t attribute = std::to_underlying(each.attribute);
    if (each.kind != Node::Kind::select || each.count <= most || attribute >= known) continue;
    if (is_numeric(image.attributes[attribute].type) || !image.domains[attribute].table.can_guess())
      continue;
    most = each.count;
    image.far_nodes = each.first;
    image.far_attribute = each.attribute;
  }
}

std::expected<Unpacked, std::string> opened(Block block, const Head& head) {
  const auto directory = directory_of(block, head);
  if (!directory) return std::unexpected(directory.error());
  const auto bytes_of = [&](const Entry64& at) { return block.bytes.subspan(at.offset, at.bytes); };
  const auto about = bytes_of((*directory)[1]);
  Unpacked made;
  made.about = {reinterpret_cast<const char*>(about.data()), about.size()};
  made.image.domains.resize(head.domains);
  AttributeColumns attributes;
  Filler filler(block.bytes, std::span(*directory).subspan(bytes_columns),
                bytes_of((*directory)[0]));
  parts(made.image, attributes, filler);
  if (!filler.is_done()) return std::unexpected("its parts are not those of an image");
  if (!restore(attributes, made.image.attributes))
    return std::unexpected("an attribute is out of range");
  for (Domain& domain : made.image.domains) domain.patterns.prepare();
  const std::vector<Attribute>& all = made.image.attributes;
  made.image.has_texts_only =
      all.size() <= looked_up_anyway && std::none_of(all.begin(), all.end(), [](const auto& each) {
        return is_numeric(each.type) || each.origin == Origin::canary;
      });
  if (const std::size_t root = std::to_underlying(made.image.placement.root);
      !made.image.decides_runner && root < made.image.nodes.size() &&
      made.image.nodes[root].kind == Node::Kind::bits)
    made.image.only_list = made.image.nodes[root].first;
  look_far(made.image);
  made.image.block = std::move(block.owner);
  return made;
}

}  // namespace

bool is_image(std::string_view beginning) {
  return beginning.starts_with(magic);
}

namespace {

// Without its checksum.
Block packed(const Image& image, std::string_view about) {
  const AttributeColumns attributes = flat(image.attributes);
  Survey survey;
  parts(image, attributes, survey);
  std::vector<std::span<const std::byte>> columns{std::span<const std::byte>(survey.values),
                                                  std::as_bytes(std::span(about))};
  columns.insert(columns.end(), survey.columns.begin(), survey.columns.end());

  std::vector<Entry64> directory;
  std::size_t size = aligned(sizeof(Head) + columns.size() * sizeof(Entry64));
  for (const auto& column : columns) {
    directory.push_back({size, column.size()});
    size = aligned(size + column.size());
  }
  Block block = room(size);
  auto* const bytes = const_cast<std::byte*>(block.bytes.data());
  std::size_t end = 0;
  const auto put = [&](std::size_t at, const void* from, std::size_t count) {
    std::memset(bytes + end, 0, at - end);
    if (count > 0) std::memcpy(bytes + at, from, count);
    end = at + count;
  };
  put(sizeof(Head), directory.data(), directory.size() * sizeof(Entry64));
  for (std::size_t i = 0; i < columns.size(); ++i)
    put(directory[i].offset, columns[i].data(), columns[i].size());
  put(size, nullptr, 0);
  Head head;
  std::copy(magic.begin(), magic.end(), head.magic.begin());
  head.domains = static_cast<std::uint32_t>(image.domains.size());
  head.columns = static_cast<std::uint32_t>(columns.size());
  head.size = size;
  std::memcpy(bytes, &head, sizeof head);
  return block;
}

}  // namespace

Block pack(const Image& image, std::string_view about) {
  Block block = packed(image, about);
  sum_up({const_cast<std::byte*>(block.bytes.data()), block.bytes.size()});
  return block;
}

void sum_up(std::span<std::byte> block) {
  Head head;
  if (block.size() < sizeof head) return;
  std::memcpy(&head, block.data(), sizeof head);
  head.size = block.size();
  head.checksum = checksum(block.subspan(sizeof head));
  std::memcpy(block.data(), &head, sizeof head);
}

// WHY two threads: to sum up all bytes takes about as long as to see whether they can be used.
std::expected<Unpacked, std::string> unpack(Block block) {
  const auto head = head_of(block);
  if (!head) return std::unexpected(head.error());
  const bool is_large = block.bytes.size() >= large_block;
  auto sum =
      std::async(is_large ? std::launch::async | std::launch::deferred : std::launch::deferred,
                 [block] { return checksum(block.bytes.subspan(sizeof(Head))); });
  auto made = opened(std::move(block), *head);
  const std::string fault = made ? verify(made->image) : std::string();
  if (sum.get() != head->checksum)
    return std::unexpected("its bytes were altered: the checksum differs");
  if (!fault.empty()) return std::unexpected("it would lead decisions astray: " + fault);
  return made;
}

Image in_one_block(const Image& image) {
  Block block = packed(image, {});
  Head head;
  std::memcpy(&head, block.bytes.data(), sizeof head);
  auto made = opened(std::move(block), head);
  assert(made);
  return std::move(made->image);
}

std::string parts_in_words(const Image& image) {
  const AttributeColumns attributes = flat(image.attributes);
  Survey survey;
  parts(image, attributes, survey);
  std::vector<std::pair<std::string_view, std::size_t>> sums;  // of all attributes' columns
  std::size_t all = 0;
  for (std::size_t i = 0; i < survey.columns.size(); ++i) {
    const auto same = std::find_if(sums.begin(), sums.end(),
                                   [&](const auto& sum) { return sum.first == survey.names[i]; });
    const std::size_t bytes = survey.columns[i].size();
    if (same == sums.end()) {
      sums.emplace_back(survey.names[i], bytes);
    } else {
      same->second += bytes;
    }
    all += bytes;
  }
  std::erase_if(sums, [](const auto& sum) { return sum.second == 0; });
  sums.emplace_back("all", all);
  std::string text;
  for (const auto& [name, bytes] : sums) {
    const std::string number = std::to_string(bytes);
    text += std::string(name) + std::string(36 - name.size() - number.size(), ' ') + number + "\n";
  }
  return text;
}

}  // namespace copse::engine
