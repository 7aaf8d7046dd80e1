#pragma once
// A folder of its own for one test, gone with it.

#include <filesystem>
#include <fstream>
#include <string>

#include <stdlib.h>

namespace copse::tests {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "copse-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }

  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  ~Folder() { std::filesystem::remove_all(path_); }

  /// The path of a file with this text; an existing one is replaced whole.
  std::string write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    const std::filesystem::path draft = path.string() + ".new";
    std::ofstream(draft, std::ios::binary) << text;
    std::filesystem::rename(draft, path);
    return path.string();
  }

  /// The same, executable.
  std::string write_script(const std::string& name, const std::string& text) const {
    std::string path = write(name, "#!/bin/sh\n" + text);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

  [[nodiscard]] std::string path(const std::string& name = {}) const {
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace copse::tests
