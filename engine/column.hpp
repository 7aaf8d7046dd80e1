#pragma once
// One array of an image: built as a vector, then a part of the image's one block.
//
// A column that was built owns its elements. One that `views` was made for does not: whoever keeps
// it keeps the block, too (Image::block). Both are read the same way, by an index behind one
// pointer. Elements are flat data without padding, so that equal columns are equal bytes.

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse::engine {

template <class T>
class Column {
  static_assert(std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>,
                "an element is bytes, all of which count");

 public:
  Column() = default;

  Column(std::vector<T> built) : built_(std::move(built)) { refresh(); }

  Column(std::initializer_list<T> built) : built_(built) { refresh(); }

  Column(const Column& other) { *this = other; }

  Column(Column&& other) noexcept { *this = std::move(other); }

  ~Column() = default;

  Column& operator=(const Column& other) {
    if (this == &other) return *this;
    built_ = other.built_;
    view_ = other.is_view() ? other.view_ : std::span<const T>(built_);
    return *this;
  }

  Column& operator=(Column&& other) noexcept {
    if (this == &other) return *this;
    const bool was_view = other.is_view();
    const std::span<const T> seen = other.view_;
    built_ = std::move(other.built_);
    view_ = was_view ? seen : std::span<const T>(built_);
    other.built_.clear();
    other.view_ = {};
    return *this;
  }

  /// A column whose elements stand elsewhere.
  static Column views(std::span<const T> elements) {
    Column made;
    made.view_ = elements;
    return made;
  }

  [[nodiscard]] const T& operator[](std::size_t i) const { return view_[i]; }

  [[nodiscard]] std::size_t size() const { return view_.size(); }

  [[nodiscard]] bool empty() const { return view_.empty(); }

  [[nodiscard]] const T* data() const { return view_.data(); }

  [[nodiscard]] auto begin() const { return view_.begin(); }

  [[nodiscard]] auto end() const { return view_.end(); }

  [[nodiscard]] const T& front() const { return view_.front(); }

  [[nodiscard]] const T& back() const { return view_.back(); }

  [[nodiscard]] std::span<const T> span() const { return view_; }

  [[nodiscard]] std::size_t bytes() const { return view_.size_bytes(); }

  /// While the column is built: of one that views, the elements are copied first.
  void push_back(const T& element) {
    own();
    built_.push_back(element);
    refresh();
  }

  void append(std::span<const T> elements) {
    own();
    built_.insert(built_.end(), elements.begin(), elements.end());
    refresh();
  }

  /// Calls `change` with the elements as a vector.
  template <class Change>
  void edit(Change change) {
    own();
    change(built_);
    refresh();
  }

  bool operator==(const Column& other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
  }

 private:
  [[nodiscard]] bool is_view() const { return view_.data() != built_.data(); }

  void own() {
    if (is_view()) built_.assign(view_.begin(), view_.end());
  }

  void refresh() { view_ = built_; }

  std::vector<T> built_;
  std::span<const T> view_;
};

}  // namespace copse::engine
