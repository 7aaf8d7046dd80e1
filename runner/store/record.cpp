#include "runner/store/record.hpp"

#include <array>
#include <concepts>
#include <type_traits>
#include <utility>

namespace copse::runner::store {
namespace {

/// Every number has eight bytes: simple, and small beside a task's document.
constexpr std::size_t number_size = 8;
constexpr std::size_t overhead = 2 * number_size;  // type and length

struct Sizer {
  std::size_t size = 0;

  void operator()(const std::string& text) { size += number_size + text.size(); }

  void operator()(const auto&) { size += number_size; }
};

struct Writer {
  std::string& out;

  void number(std::uint64_t value) {
    for (std::size_t i = 0; i < number_size; ++i)
      out.push_back(static_cast<char>((value >> (8 * i)) & 0xffU));
  }

  void operator()(const std::string& text) {
    number(text.size());
    out += text;
  }

  void operator()(std::integral auto value) { number(static_cast<std::uint64_t>(value)); }

  void operator()(engine::Release value) { number(std::to_underlying(value)); }

  void operator()(Ended::Status value) { number(std::to_underlying(value)); }

  void operator()(std::chrono::milliseconds value) { (*this)(value.count()); }

  void operator()(Moment value) { (*this)(value.time_since_epoch()); }
};

/// Reads fields; once something does not fit, `good` is false and stays so.
struct Reader {
  std::string_view in;
  bool good = true;

  std::uint64_t number() {
    good = good && in.size() >= number_size;
    if (!good) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < number_size; ++i)
      value |= std::uint64_t{static_cast<unsigned char>(in[i])} << (8 * i);
    in.remove_prefix(number_size);
    return value;
  }

  std::string_view text() {
    const std::uint64_t size = number();
    good = good && size <= in.size();
    if (!good) return {};
    const std::string_view found = in.substr(0, size);
    in.remove_prefix(size);
    return found;
  }

  void operator()(std::string& value) { value = text(); }

  template <std::integral T>
  void operator()(T& value) {
    const auto wide = static_cast<std::int64_t>(number());
    good = good && std::in_range<T>(wide);
    value = static_cast<T>(wide);
  }

  void operator()(engine::Release& value) {
    std::uint16_t number = 0;
    (*this)(number);
    value = engine::Release{number};
  }

  void operator()(Ended::Status& value) {
    std::uint8_t number = 0;
    (*this)(number);
    good = good && number <= std::to_underlying(Ended::Status::failed);
    value = Ended::Status{number};
  }

  void operator()(std::chrono::milliseconds& value) {
    std::int64_t count = 0;
    (*this)(count);
    value = std::chrono::milliseconds{count};
  }

  void operator()(Moment& value) {
    std::chrono::milliseconds since{};
    (*this)(since);
    value = Moment{since};
  }
};

/// The one list of fields, for sizes, writing and reading.
template <typename Field, typename T>
void each_field(Field& field, T& record) {
  using Type = std::remove_const_t<T>;
  field(record.task_id);
  if constexpr (std::same_as<Type, Accepted>) {
    field(record.document);
    field(record.accepted_at);
  } else if constexpr (std::same_as<Type, Decided>) {
    field(record.rule);
    field(record.template_key);
    field(record.policy_version);
    field(record.druid_release);
    field(record.attempt);
    field(record.job_name);
    field(record.name_space);
    // Older versions end here.
    if constexpr (std::same_as<Field, Reader>) {
      if (!field.in.empty()) field(record.overrides);
    } else if (!record.overrides.empty()) {
      field(record.overrides);
    }
  } else if constexpr (std::same_as<Type, Ended>) {
    field(record.status);
    field(record.error);
    field(record.duration);
    field(record.location.host);
    field(record.location.port);
    field(record.location.tls_port);
    field(record.location.pod);
  }
}

template <std::size_t Type>
std::optional<Record> read(std::string_view payload) {
  Reader reader{payload};
  std::variant_alternative_t<Type, Record> record;
  each_field(reader, record);
  if (!reader.good || !reader.in.empty()) return std::nullopt;
  return Record{std::move(record)};
}

using Read = std::optional<Record> (*)(std::string_view payload);

/// The reader of each type, in the order of the variant.
constexpr auto readers = []<std::size_t... Types>(std::index_sequence<Types...>) {
  return std::array<Read, sizeof...(Types)>{&read<Types>...};
}(std::make_index_sequence<std::variant_size_v<Record>>());

}  // namespace

const std::string& task_id(const Record& record) {
  return std::visit([](const auto& one) -> const std::string& { return one.task_id; }, record);
}

std::size_t encoded_size(const Record& record) {
  Sizer sizer{overhead};
  std::visit([&](const auto& one) { each_field(sizer, one); }, record);
  return sizer.size;
}

void encode(const Record& record, std::string& out) {
  Writer writer{out};
  writer.number(record.index());
  writer.number(encoded_size(record) - overhead);
  std::visit([&](const auto& one) { each_field(writer, one); }, record);
}

std::optional<Record> decode(std::string_view& bytes) {
  Reader reader{bytes};
  const std::uint64_t type = reader.number();
  const std::string_view payload = reader.text();
  bytes = reader.in;
  if (!reader.good || type >= readers.size()) return std::nullopt;
  return readers[type](payload);
}

}  // namespace copse::runner::store
