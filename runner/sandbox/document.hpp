#pragma once
// Between JSON documents (what clients send) and Objects (what the store keeps). Boost.JSON stays
// in the .cpp files: here it is only named.
//
// Types of well-known members are checked by field_types before a document comes here; what still
// has a wrong type is read as absent.

#include "runner/sandbox/object.hpp"
#include "runner/sandbox/refusal.hpp"

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace boost::json {
class object;
class storage_ptr;
class value;
}  // namespace boost::json

namespace copse::runner::sandbox {

/// Nesting that a request body may have. A real Job needs fewer than 20 levels; the DOM is freed
/// level by level on the stack, so the limit keeps that bounded.
inline constexpr std::size_t json_depth = 200;

/// Memory for the documents of one request: nothing is freed one by one, all at once by `clear`.
class DocumentArena {
 public:
  DocumentArena();
  DocumentArena(const DocumentArena&) = delete;
  DocumentArena& operator=(const DocumentArena&) = delete;
  ~DocumentArena();

  /// Precondition: no document in it is used any more.
  void clear();

 private:
  friend boost::json::storage_ptr storage_of(DocumentArena& arena);
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

/// Where documents of this arena are built. Valid until the next `clear`.
[[nodiscard]] boost::json::storage_ptr storage_of(DocumentArena& arena);

/// The same as below, with the document in `arena`.
[[nodiscard]] std::expected<boost::json::object, Refusal> parse_document(std::string_view body,
                                                                         DocumentArena& arena);

/// 400 for a body that is no JSON object; `why`: what the parser says.
[[nodiscard]] Refusal unreadable_document(std::string_view why);

/// Parses a request body that must be a JSON object. Fails as the real decoder does, with 400.
[[nodiscard]] std::expected<boost::json::object, Refusal> parse_document(std::string_view body);

/// The object that a document describes: names, labels, owners … from its metadata, body from its
/// other members, status and selectable fields from its status. uid, resourceVersion and
/// creationTimestamp are taken as the document says them (a precondition, or empty).
[[nodiscard]] Object object_from(Resource resource, const boost::json::object& document);

/// The whole object as a document, as a client would get it.
[[nodiscard]] boost::json::object document_of(const Object& object);

/// The parsed body of an object as a document without metadata and status: `{"spec":{…}}`.
[[nodiscard]] boost::json::object body_of(const Object& object);

/// Sets the selectable fields from the object's own body and status.
void refresh_fields(Object& object);

/// Members walked by name; null when a step is absent or not an object.
[[nodiscard]] const boost::json::value* member(const boost::json::object& object,
                                               std::string_view dotted_path);

/// The volumes of a pod whose ConfigMaps it cannot do without.
[[nodiscard]] std::vector<ConfigMapVolume> config_map_volumes(const boost::json::object& pod);

/// Text at a dotted path, or empty.
[[nodiscard]] std::string_view text_at(const boost::json::object& object,
                                       std::string_view dotted_path);

/// A whole number at a dotted path, or `fallback`.
[[nodiscard]] std::int64_t number_at(const boost::json::object& object,
                                     std::string_view dotted_path, std::int64_t fallback);

/// True when the path holds `true`.
[[nodiscard]] bool flag_at(const boost::json::object& object, std::string_view dotted_path);

}  // namespace copse::runner::sandbox
