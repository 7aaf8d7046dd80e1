// What holds of every block of bytes: it is refused with a reason, or it is an image that decides
// each task as a scan of its rules. One that somebody altered and summed up anew may decide
// anything, but it decides, and leads to nothing that is not there.
#include "engine/image_file.hpp"
#include "tests/fuzz/decisions.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <cstdlib>
#include <cstring>
#include <memory>

using namespace copse;
using copse::tests::promise;

namespace {

constexpr std::size_t alignment = 64;

// WHY with its end at the end of what is allocated: the address sanitizer sees a read beyond it.
// A block whose size is no multiple of the alignment was cut, and is refused before it is read.
std::shared_ptr<std::byte> copy_of(std::span<const std::byte> bytes) {
  const std::size_t room = (bytes.size() + alignment - 1) / alignment * alignment;
  std::shared_ptr<std::byte> memory(static_cast<std::byte*>(std::aligned_alloc(alignment, room)),
                                    std::free);
  if (!bytes.empty()) std::memcpy(memory.get(), bytes.data(), bytes.size());
  return memory;
}

void look(const std::shared_ptr<std::byte>& memory, std::size_t size, bool is_altered) {
  const auto read = engine::unpack({memory, {memory.get(), size}});
  if (!read) return promise(!read.error().empty(), "is refused without a reason");
  promise(!dump(read->image).empty(), "has nothing to show");
  is_altered ? tests::decide_all(read->image, tests::task_documents())
             : tests::promise_decisions(read->image, tests::task_documents());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto memory = copy_of(bytes);
  look(memory, size, false);
  if (size < alignment) return 0;
  engine::sum_up({memory.get(), size});
  look(memory, size, true);
  return 0;
}
