// SharedLibrary: a library that is loaded when it is first needed, not when the program starts.
#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace mailtrail::sys {

// An open library. It stays loaded until the program ends, also when the object is gone: what it gave may be in use by
// threads of its own. Thread-safe.
class SharedLibrary {
 public:
  // Loads the library of this file name (`libNAME.so`): from the first of `folders` that holds it, each a path that is
  // relative to the folder of the running program, else from where the system keeps its libraries. The error names
  // every place that was looked at.
  static Result<SharedLibrary> load(const std::string& name, std::span<const std::string> folders);

  // The address of the function of that name, or null where the library has none.
  void* function(const char* name) const;
  // Where it was loaded from; the bare name where the system found it.
  const std::string& path() const { return path_; }

 private:
  SharedLibrary(void* handle, std::string path) : handle_(handle), path_(std::move(path)) {}

  void* handle_;
  std::string path_;
};

}  // namespace mailtrail::sys
